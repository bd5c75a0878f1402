using System.Runtime.InteropServices;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Tests;

/// <summary>Weights of a residual network of basic blocks under torchvision's names, drawn from a seed.</summary>
internal sealed class TorchvisionFile
{
    private readonly OrderedDictionary<string, (int[] Shape, float[] Values)> _tensors = [];

    /// <summary>Draws the weights.</summary>
    /// <param name="blocks">Blocks of each stage.</param>
    /// <param name="channels">Channels of each stage; the stem has those of the first.</param>
    /// <param name="prefix">What all names begin with.</param>
    public TorchvisionFile(int[] blocks, int[] channels, string prefix = "")
    {
        Convolution(prefix + "conv1", channels[0], 3, 7);
        Norm(prefix + "bn1", channels[0]);
        for (int s = 0; s < blocks.Length; s++)
        {
            for (int b = 0; b < blocks[s]; b++)
            {
                int inputs = b > 0 ? channels[s] : channels[Math.Max(0, s - 1)];
                string block = $"{prefix}layer{s + 1}.{b}.";
                Convolution(block + "conv1", channels[s], inputs, 3);
                Norm(block + "bn1", channels[s]);
                Convolution(block + "conv2", channels[s], channels[s], 3);
                Norm(block + "bn2", channels[s]);
                if (inputs != channels[s])
                {
                    Convolution(block + "downsample.0", channels[s], inputs, 1);
                    Norm(block + "downsample.1", channels[s]);
                }
            }
        }

        Add(prefix + "fc.weight", 0.1, 10, channels[^1]);
        Add(prefix + "fc.bias", 0.1, 10);
    }

    /// <summary>The networks of width 1/8: 8, 16, 32 and 64 channels.</summary>
    public static TorchvisionFile Eighth(string prefix = "") => new([2, 2, 2, 2], [8, 16, 32, 64], prefix);

    /// <summary>The names.</summary>
    public IEnumerable<string> Names => _tensors.Keys;

    /// <summary>A tensor's elements.</summary>
    public double[] this[string name] => Array.ConvertAll(_tensors[name].Values, static value => (double)value);

    /// <summary>Leaves a tensor out.</summary>
    public TorchvisionFile Without(string name)
    {
        Assert.That(_tensors.Remove(name), name);
        return this;
    }

    /// <summary>Sets an element.</summary>
    public TorchvisionFile With(string name, float first)
    {
        _tensors[name].Values[0] = first;
        return this;
    }

    /// <summary>The tensors as entries of a file.</summary>
    public IReadOnlyList<SafeTensorEntry> Entries() => [.. _tensors.Select(static tensor => new SafeTensorEntry(tensor.Key, "F32", tensor.Value.Shape, bytes => MemoryMarshal.AsBytes(tensor.Value.Values.AsSpan()).CopyTo(bytes)))];

    /// <summary>Writes a safetensors file, as other programs do.</summary>
    public string Write(string path)
    {
        SafeTensors.Write(path, Entries(), new Dictionary<string, string>());
        return path;
    }

    private void Convolution(string name, int outputs, int inputs, int kernel) => Add(name + ".weight", 1 / Math.Sqrt(inputs * kernel * kernel), outputs, inputs, kernel, kernel);

    private void Norm(string name, int channels)
    {
        Add(name + ".weight", 0.1, channels);
        Add(name + ".bias", 0.1, channels);
        Add(name + ".running_mean", 0.1, channels);
        Add(name + ".running_var", 0.1, channels);
        foreach (string part in (string[])[".weight", ".running_var"])
        {
            (_, float[] values) = _tensors[name + part];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = 1 + Math.Abs(values[i]);
            }
        }
    }

    private void Add(string name, double deviation, params int[] shape)
    {
        var stream = RandomStream.For(5, name);
        int count = shape.Aggregate(1, static (n, d) => n * d);
        _tensors.Add(name, (shape, [.. Enumerable.Range(0, count).Select(i => (float)(deviation * stream.Normal((ulong)i)))]));
    }
}
