using System.Buffers.Binary;
using System.Text;

namespace AdaShare.Native.Engine.Tests.Checkpoints.PyTorch;

/// <summary>Writes pickles by hand, such as no Python would.</summary>
internal sealed class PickleText
{
    private readonly List<byte> _bytes = [];

    public PickleText(byte protocol = 2) => Raw(0x80, protocol);

    public byte[] ToArray() => [.. _bytes];

    public PickleText Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>Instructions that are letters.</summary>
    public PickleText Op(string letters) => Raw(Encoding.Latin1.GetBytes(letters));

    public PickleText Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return Op("X").Raw(BitConverter.GetBytes(utf8.Length)).Raw(utf8);
    }

    public PickleText Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return Op("J").Raw(bytes);
    }

    public PickleText Bytes(byte[] bytes) => Op("B").Raw(BitConverter.GetBytes(bytes.Length)).Raw(bytes);

    public PickleText Global(string module, string name) => Op($"c{module}\n{name}\n");

    public PickleText Numbers(params int[] values)
    {
        Op("(");
        foreach (int value in values)
        {
            Number(value);
        }

        return Op("t");
    }

    /// <summary>A persistent id of a storage.</summary>
    public PickleText Storage(string key, int count, string type = "FloatStorage") => Op("(").Text("storage").Global("torch", type).Text(key).Text("cpu").Number(count).Op("tQ");

    /// <summary>A tensor of a storage.</summary>
    public PickleText Tensor(string key, int count, int offset, int[] shape, int[] strides, string type = "FloatStorage") => Global("torch._utils", "_rebuild_tensor_v2").Op("(")
        .Storage(key, count, type).Number(offset).Numbers(shape).Numbers(strides).Raw(0x89).Global("collections", "OrderedDict").Op(")Rt").Op("R");
}
