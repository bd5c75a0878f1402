using System.Text;

namespace AdaShare.Native.Data.Caching;

/// <summary>What a cache holds and where: the last part of its file.</summary>
/// <param name="Datasets">The data sets, one or one for each group of tasks that have images of their own: what each was made of, and where its examples lie.</param>
internal sealed record CacheIndex(IReadOnlyList<(CacheContent Content, CacheEntry[] Entries)> Datasets)
{
    private const int EntryBytes = sizeof(long) + sizeof(int) + sizeof(ulong);

    /// <summary>The index as bytes.</summary>
    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Datasets.Count);
        foreach ((CacheContent content, CacheEntry[] entries) in Datasets)
        {
            content.Write(writer);
            writer.Write(entries.Length);
            foreach (CacheEntry entry in entries)
            {
                writer.Write(entry.Place);
                writer.Write(entry.Length);
                writer.Write(entry.Digest);
            }
        }

        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Reads an index.</summary>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="first">Where examples may begin in the file.</param>
    /// <param name="end">Where they must have ended.</param>
    /// <exception cref="FormatException">The bytes are none, or an entry leads out of the examples.</exception>
    public static CacheIndex Of(byte[] bytes, long first, long end)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes, writable: false), Encoding.UTF8);
            var datasets = new List<(CacheContent, CacheEntry[])>();
            for (int left = CacheContent.Length(reader, sizeof(int)); left > 0; left--)
            {
                var content = CacheContent.Read(reader);
                var entries = new CacheEntry[CacheContent.Length(reader, EntryBytes)];
                for (int e = 0; e < entries.Length; e++)
                {
                    entries[e] = new(reader.ReadInt64(), reader.ReadInt32(), reader.ReadUInt64());
                    if (entries[e].Place < first || entries[e].Length < 0 || entries[e].Place > end - entries[e].Length)
                    {
                        throw new FormatException($"example {e} leads out of the file");
                    }
                }

                datasets.Add(entries.Length == content.Signs.Length ? (content, entries) : throw new FormatException($"{entries.Length} examples with {content.Signs.Length} signs"));
            }

            return new(datasets);
        }
        catch (IOException error)
        {
            throw new FormatException("its index ends early", error);
        }
    }
}

/// <summary>Where an example lies.</summary>
/// <param name="Place">Its first byte in the file.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Digest">XXH64 of its bytes.</param>
internal readonly record struct CacheEntry(long Place, int Length, ulong Digest);
