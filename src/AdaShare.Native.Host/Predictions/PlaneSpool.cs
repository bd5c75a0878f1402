using System.Runtime.InteropServices;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Pictures;
using Microsoft.Win32.SafeHandles;

namespace AdaShare.Native.Host.Predictions;

/// <summary>Where planes lie in a <see cref="PlaneSpool"/>.</summary>
/// <param name="Position">The first byte of the first one.</param>
/// <param name="Shapes">Rows, columns and channels of each, one behind the other.</param>
internal sealed record SpooledPlanes(long Position, IReadOnlyList<(int Height, int Width, int Channels)> Shapes);

/// <summary>
/// Predictions that wait on disk, 4 bytes a value, until a scale over all images is known: memory does not grow with their number. The file is gone when the spool is disposed, on most systems also when the process is
/// killed. Safe for several threads at once.
/// </summary>
internal sealed class PlaneSpool : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private long _end;

    /// <summary>Makes the file.</summary>
    /// <param name="folder">Where it lies; made where it is missing.</param>
    /// <exception cref="DataException">The folder or file can't be made.</exception>
    public PlaneSpool(string folder)
    {
        PictureFile.MakeFolder(folder);
        _path = Path.Combine(folder, $".predictions-{Guid.NewGuid():N}.partial");
        try
        {
            _file = File.OpenHandle(_path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, FileOptions.DeleteOnClose);
            if (!OperatingSystem.IsWindows())
            {
                // The open file goes on without a name, and no killed process leaves it.
                File.Delete(_path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _file?.Dispose();
            throw new DataException($"{folder}: predictions that wait for the scale over all images can't be kept there ({e.Message.TrimEnd('.')}); choose another --out", e);
        }
    }

    /// <summary>Keeps planes.</summary>
    /// <exception cref="DataException">The disk is full, or fails.</exception>
    public SpooledPlanes Add(IReadOnlyList<Plane> planes)
    {
        ArgumentNullException.ThrowIfNull(planes);
        long bytes = planes.Sum(static plane => (long)plane.Values.Length * sizeof(float));
        long position = Interlocked.Add(ref _end, bytes) - bytes, at = position;
        try
        {
            foreach (Plane plane in planes)
            {
                RandomAccess.Write(_file, MemoryMarshal.AsBytes(plane.Values.AsSpan()), at);
                at += (long)plane.Values.Length * sizeof(float);
            }
        }
        catch (IOException e)
        {
            throw Lost(e);
        }

        return new SpooledPlanes(position, [.. planes.Select(static plane => (plane.Height, plane.Width, plane.Channels))]);
    }

    /// <summary>Reads planes again.</summary>
    /// <exception cref="DataException">The disk fails.</exception>
    public IReadOnlyList<Plane> Read(SpooledPlanes kept)
    {
        ArgumentNullException.ThrowIfNull(kept);
        var planes = new List<Plane>(kept.Shapes.Count);
        long at = kept.Position;
        try
        {
            foreach ((int height, int width, int channels) in kept.Shapes)
            {
                float[] values = GC.AllocateUninitializedArray<float>(height * width * channels);
                Span<byte> rest = MemoryMarshal.AsBytes(values.AsSpan());
                while (!rest.IsEmpty)
                {
                    int read = RandomAccess.Read(_file, rest, at);
                    if (read == 0)
                    {
                        throw new IOException("it ends early");
                    }

                    rest = rest[read..];
                    at += read;
                }

                planes.Add(new Plane(height, width, channels, values));
            }
        }
        catch (IOException e)
        {
            throw Lost(e);
        }

        return planes;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private DataException Lost(IOException cause) =>
        new($"{_path}: the predictions that wait for the scale over all images can't be kept ({cause.Message.TrimEnd('.')}); make room there, choose another --out, or take --scale each or LOW:HIGH, which need no such file", cause);
}
