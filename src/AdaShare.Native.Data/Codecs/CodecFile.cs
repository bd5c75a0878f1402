using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Codecs;

/// <summary>Whole files in and out, with errors that name the file.</summary>
internal static class CodecFile
{
    /// <exception cref="DataException">The file is missing or can't be read.</exception>
    public static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataException($"{path}: there is no such file; check the path, or restore the file", error);
        }
        catch (Exception error) when (IsFileError(error))
        {
            throw new DataException($"{path}: can't be read ({OneLine(error)}); check that it is a file that you may read", error);
        }
    }

    /// <summary>The rest of a stream.</summary>
    /// <exception cref="DataException">The stream can't be read.</exception>
    public static byte[] Read(Stream stream, string name)
    {
        try
        {
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return copy.ToArray();
        }
        catch (Exception error) when (IsFileError(error))
        {
            throw new DataException($"{name}: can't be read ({OneLine(error)}); check where it comes from", error);
        }
    }

    /// <exception cref="DataException">The file can't be written.</exception>
    public static void Write(string path, byte[] content)
    {
        try
        {
            File.WriteAllBytes(path, content);
        }
        catch (Exception error) when (IsFileError(error))
        {
            throw new DataException($"{path}: can't be written ({OneLine(error)}); choose a folder that you may write to, on a disk with free space", error);
        }
    }

    private static bool IsFileError(Exception error) =>
        error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException or InvalidDataException;

    private static string OneLine(Exception error) => error.Message.ReplaceLineEndings(" ");
}
