using System.Numerics;

namespace AdaShare.Native.Engine.Checkpoints.PyTorch;

/// <summary>
/// The older form of PyTorch's files (before 1.6, and since then with <c>_use_new_zipfile_serialization=False</c>): pickles of a magic number, a protocol, the writer's system, the object and the keys of
/// its storages, then for each storage its number of elements in eight bytes and the elements.
/// </summary>
/// <remarks>Source: torch/serialization.py, <c>_legacy_save</c>.</remarks>
internal static class PyTorchLegacy
{
    private const long Protocol = 1001;

    private static readonly BigInteger Magic = BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The bytes with which such a file begins: the pickle of the magic number, of which only the protocol may differ.</summary>
    public static bool IsStart(ReadOnlySpan<byte> start) =>
        start.Length >= 14 && start[0] == PickleOpcode.Proto && start[2] == PickleOpcode.Long1 && start[3] == 10 && new BigInteger(start.Slice(4, 10)) == Magic;

    /// <summary>Reads a file's object. Its storages stay in the stream until they are asked for.</summary>
    /// <param name="stream">The whole file, at its beginning.</param>
    /// <param name="budget">The work that it may take.</param>
    /// <param name="isNested">Whether it lies in another pickle; it must then have none in itself.</param>
    /// <returns>What was saved.</returns>
    /// <exception cref="FormatException">It is damaged.</exception>
    /// <exception cref="NotSupportedException">It has something that is not taken.</exception>
    public static object? Read(Stream stream, PickleBudget budget, bool isNested)
    {
        var reader = new PickleReader(stream);
        var storages = new Dictionary<string, TorchStorage>();
        object? Next(Func<string, NumberFormat, long, TorchStorage>? storage = null) => new PickleMachine(reader, budget, storage).Run();
        if (Next() is not BigInteger magic || magic != Magic)
        {
            throw new FormatException("it does not begin with PyTorch's magic number");
        }

        object? protocol = Next();
        if (protocol is not Protocol)
        {
            throw new NotSupportedException($"is of PyTorch's protocol {protocol as long?}; {Protocol} is read");
        }

        if (Next() is not PickleDictionary system || system["little_endian"] is not true)
        {
            throw new NotSupportedException("was written on a big-endian machine");
        }

        object? root = Next((key, format, count) => Storage(storages, key, format, count));
        if (isNested && root is not TorchStorage)
        {
            throw new FormatException("bytes that should hold a storage hold something else");
        }

        Place(stream, reader, Keys(Next()), storages);
        return root;
    }

    private static TorchStorage Storage(Dictionary<string, TorchStorage> storages, string key, NumberFormat format, long count)
    {
        TorchStorage.Size(key, format, count);
        if (!storages.TryGetValue(key, out TorchStorage? storage))
        {
            storages[key] = storage = new TorchStorage(key, format, count);
        }

        return storage.Format == format && storage.Count == count ? storage : throw new FormatException($"storage {key} has two types or sizes");
    }

    private static IEnumerable<string> Keys(object? value) =>
        value is PickleList list ? list.Items.Select(static key => key as string ?? throw new FormatException($"the key of a storage is {PickleNames.Describe(key)}")) : throw new FormatException($"the keys of its storages are {PickleNames.Describe(value)}");

    /// <summary>Finds out where the storages lie: one behind another, in the order of their keys.</summary>
    private static void Place(Stream stream, PickleReader reader, IEnumerable<string> keys, Dictionary<string, TorchStorage> storages)
    {
        foreach (string key in keys)
        {
            if (!storages.TryGetValue(key, out TorchStorage? storage) || storage.Source is not null)
            {
                throw new FormatException($"storage {key} lies in it twice, or belongs to nothing");
            }

            long count = reader.Int64(), size = TorchStorage.Size(key, storage.Format, count), start = reader.Position;
            if (count != storage.Count || size > reader.Remaining)
            {
                throw new FormatException($"storage {key} should have {storage.Count} elements, and has {count} with {reader.Remaining} bytes left");
            }

            storage.Source = () =>
            {
                var bytes = new byte[size];
                stream.Position = start;
                stream.ReadExactly(bytes);
                return bytes;
            };
            reader.Position = start + size;
        }

        if (storages.Values.FirstOrDefault(static storage => storage.Source is null) is { } lost)
        {
            throw new FormatException($"storage {lost.Key} is not in it");
        }
    }
}
