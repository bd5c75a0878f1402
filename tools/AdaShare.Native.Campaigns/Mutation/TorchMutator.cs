using System.IO.Compression;

namespace AdaShare.Native.Campaigns.Mutation;

/// <summary>Changes files of PyTorch's zip form by entries, with lengths and check values right: the pickle mostly, as otherwise nearly every change ends at a check value. Others are changed by bytes.</summary>
public sealed class TorchMutator : IMutator
{
    private const string Pickle = "data.pkl";

    private static readonly ByteMutator Bytes = new();

    /// <inheritdoc/>
    public byte[] Mutate(Random random, byte[] input, byte[] other)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (Split(input) is not { Count: > 0 } entries)
        {
            return Bytes.Mutate(random, input, other);
        }

        int at = random.Next(4) == 0 ? random.Next(entries.Count) : Math.Max(0, entries.FindIndex(static entry => entry.Name.EndsWith(Pickle, StringComparison.Ordinal)));
        (string name, byte[] content) = entries[at];
        switch (random.Next(10))
        {
            case 0:
                entries.RemoveAt(at);
                break;
            case 1:
                entries.Insert(random.Next(entries.Count), (name, content));
                break;
            case 2:
                entries[at] = (name[..random.Next(name.Length + 1)] + random.Next(4), content);
                break;
            default:
                entries[at] = (name, Bytes.Mutate(random, content, other));
                break;
        }

        return Join(random, entries);
    }

    private static List<(string Name, byte[] Content)>? Split(byte[] file)
    {
        try
        {
            using var archive = new ZipArchive(new MemoryStream(file), ZipArchiveMode.Read);
            var entries = new List<(string, byte[])>();
            foreach (ZipArchiveEntry entry in archive.Entries.Where(static entry => entry.Length <= MixedMutator.MaxLength))
            {
                using Stream content = entry.Open();
                var bytes = new byte[entry.Length];
                entries.Add((entry.FullName, bytes[..content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)]));
            }

            return entries;
        }
        catch (Exception error) when (error is InvalidDataException or IOException or NotSupportedException)
        {
            return null;
        }
    }

    private static byte[] Join(Random random, List<(string Name, byte[] Content)> entries)
    {
        var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in entries)
            {
                ZipArchiveEntry entry = archive.CreateEntry(name.Length == 0 ? "0" : name, random.Next(4) == 0 ? CompressionLevel.SmallestSize : CompressionLevel.NoCompression);
                entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
                using Stream stream = entry.Open();
                stream.Write(content);
            }
        }

        return file.ToArray();
    }
}
