using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using AdaShare.Native.Reports.Protobuf;

namespace AdaShare.Native.Reports.TensorBoard;

/// <summary>
/// A TensorBoard event file: records of a length, a check value of it, an event, and a check value of that (TFRecord). Only files whose names end in <see cref="Suffix"/> are ours.
/// </summary>
/// <remarks>Source of the form: tensorflow/tensorboard, compat/proto/event.proto, and tensorflow, core/lib/io/record_writer.cc; CRC-32C, masked as there.</remarks>
internal sealed class EventFile : IDisposable
{
    /// <summary>What ends the names of files that this program wrote.</summary>
    public const string Suffix = ".adashare";

    private const string Pattern = "events.out.tfevents.*" + Suffix;
    private const uint MaskDelta = 0xa282ead8;
    private const int MaskShift = 15;
    private const int WallTimeField = 1, StepField = 2, VersionField = 3, SummaryField = 5;

    private readonly FileStream _stream;

    private EventFile(FileStream stream) => _stream = stream;

    /// <summary>Removes the event files that this program wrote in a folder and in those directly within it.</summary>
    /// <exception cref="IOException">A file could not be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">A file must not be removed.</exception>
    public static void Sweep(string folder)
    {
        if (Directory.Exists(folder))
        {
            string[] folders = [folder, .. Directory.GetDirectories(folder)];
            Array.ForEach([.. folders.SelectMany(static one => Directory.GetFiles(one, Pattern))], File.Delete);
        }
    }

    /// <summary>Begins a file in a folder.</summary>
    /// <param name="folder">The folder; it is made where it is missing.</param>
    /// <exception cref="IOException">It could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be written.</exception>
    public static EventFile Begin(string folder)
    {
        Directory.CreateDirectory(folder);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        string name = string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{now.ToUnixTimeSeconds():D10}.{HostName()}.{Environment.ProcessId}{Suffix}");
        var file = new EventFile(new FileStream(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite));
        file.Write(Seconds(now), 0, static proto => proto.Text(VersionField, "brain.Event:2"));
        return file;
    }

    /// <summary>Adds an event with a summary.</summary>
    /// <param name="time">The time of day; now if null.</param>
    /// <param name="step">The step under which it is shown.</param>
    /// <param name="summary">Writes the summary's values.</param>
    public void Add(DateTimeOffset? time, long step, Action<ProtoWriter> summary) => Write(Seconds(time ?? DateTimeOffset.UtcNow), step, proto => proto.Message(SummaryField, summary));

    /// <summary>Hands all to the system, for a TensorBoard that is looking.</summary>
    public void Flush() => _stream.Flush();

    /// <summary>Closes the file. What could not be written has been said when it was flushed.</summary>
    public void Dispose()
    {
        try
        {
            _stream.Dispose();
        }
        catch (IOException)
        {
            // Closing flushes once more what the disk has no room for.
        }
    }

    /// <summary>The check value of some bytes: CRC-32C, turned and shifted, since a check value of bytes that hold check values is weak.</summary>
    internal static uint MaskedCrc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        crc = ~crc;
        return BitOperations.RotateRight(crc, MaskShift) + MaskDelta;
    }

    private void Write(double time, long step, Action<ProtoWriter> content)
    {
        var proto = new ProtoWriter();
        proto.Fixed64(WallTimeField, time);
        proto.Varint(StepField, step);
        content(proto);
        ReadOnlySpan<byte> data = proto.Written;
        Span<byte> length = stackalloc byte[sizeof(ulong)], check = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)data.Length);
        _stream.Write(length);
        BinaryPrimitives.WriteUInt32LittleEndian(check, MaskedCrc(length));
        _stream.Write(check);
        _stream.Write(data);
        BinaryPrimitives.WriteUInt32LittleEndian(check, MaskedCrc(data));
        _stream.Write(check);
    }

    private static double Seconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000.0;

    private static string HostName() => new([.. Environment.MachineName.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '_')]);
}
