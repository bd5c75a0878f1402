using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Codecs;

/// <summary>Whole files in and out, with errors that name the file.</summary>
internal static class CodecFile
{
    /// <summary>No picture or list of a training set is near it: a larger file is refused before memory is asked for.</summary>
    public const long MaxBytes = 1L << 30;

    /// <summary>A stream of unknown length is read in steps that grow with what has come, from this one.</summary>
    private const int FirstStep = 1 << 16;

    /// <summary>Opens a file for reading; nothing but files is opened.</summary>
    /// <exception cref="DataException">The file is missing, is a folder, a pipe or a device, or can't be read.</exception>
    public static FileStream Open(string path) => Guard(path, () => RegularFile.Open(path));

    /// <exception cref="DataException">The file is missing, can't be read, or is longer than <see cref="MaxBytes"/>.</exception>
    public static byte[] Read(string path)
    {
        using FileStream stream = Open(path);
        return Read(stream, path);
    }

    /// <summary>The rest of a stream.</summary>
    /// <exception cref="DataException">The stream can't be read, or is longer than <see cref="MaxBytes"/>.</exception>
    public static byte[] Read(Stream stream, string name)
    {
        byte[] content = ReadUpTo(stream, name, MaxBytes + 1);
        return content.Length <= MaxBytes ? content : throw TooLong(name);
    }

    /// <summary>The next bytes of a stream, as many as are there up to a bound: memory grows with what comes, not with the bound.</summary>
    /// <exception cref="DataException">The stream can't be read.</exception>
    public static byte[] ReadUpTo(Stream stream, string name, long most) => Guard(name, () =>
    {
        if (Remaining(stream) is { } there)
        {
            if (most > MaxBytes && there > MaxBytes)
            {
                throw TooLong(name);
            }

            var known = new byte[Math.Min(there, most)];
            int got = stream.ReadAtLeast(known, known.Length, throwOnEndOfStream: false);
            return got == known.Length ? known : known[..got];
        }

        var bytes = new byte[Math.Min(FirstStep, most)];
        int filled = 0;
        while (true)
        {
            filled += stream.ReadAtLeast(bytes.AsSpan(filled), bytes.Length - filled, throwOnEndOfStream: false);
            if (filled < bytes.Length || filled == most)
            {
                return bytes[..filled];
            }

            Array.Resize(ref bytes, (int)Math.Min(Math.Min(most, Array.MaxLength), 2L * bytes.Length));
        }
    });

    /// <summary>Fills a span from a stream that has as many bytes.</summary>
    /// <exception cref="DataException">The stream can't be read, or has become shorter.</exception>
    public static void ReadExactly(Stream stream, string name, Span<byte> target)
    {
        try
        {
            if (stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) < target.Length)
            {
                throw new DataException($"{name}: became shorter while it was read; copy or write the file again");
            }
        }
        catch (Exception error) when (IsFileError(error))
        {
            throw new DataException($"{name}: can't be read ({OneLine(error)}); check that it is a file that you may read", error);
        }
    }

    /// <summary>The bytes that a stream still has, or null where it does not know.</summary>
    public static long? Remaining(Stream stream) => stream.CanSeek ? Math.Max(0, stream.Length - stream.Position) : null;

    /// <summary>Writes a file beside its target and renames it: it is complete or as it was.</summary>
    /// <exception cref="DataException">The file can't be written, or its folder is missing.</exception>
    public static void Write(string path, byte[] content)
    {
        try
        {
            // A folder that is missing is a slip in the path: it is not made.
            if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
            {
                throw new DataException($"{path}: can't be written (there is no such folder); make it, or choose another one");
            }

            AtomicFile.Write(path, stream => stream.Write(content));
        }
        catch (Exception error) when (error is CheckpointException || IsFileError(error))
        {
            Exception cause = error is CheckpointException ? error.InnerException ?? error : error;
            throw new DataException($"{path}: can't be written ({OneLine(cause)}); {WriteFailure.Remedy(cause)}", error);
        }
    }

    private static T Guard<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataException($"{name}: there is no such file; check the path, or restore the file", error);
        }
        catch (Exception error) when (IsFileError(error))
        {
            throw new DataException($"{name}: can't be read ({OneLine(error)}); check that it is a file that you may read", error);
        }
    }

    private static DataException TooLong(string name) => new($"{name}: longer than {MaxBytes} bytes; expected a picture, an array or a list of a data set; check the path");

    private static bool IsFileError(Exception error) =>
        error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException or InvalidDataException;

    private static string OneLine(Exception error) => error.Message.ReplaceLineEndings(" ").TrimEnd('.');
}
