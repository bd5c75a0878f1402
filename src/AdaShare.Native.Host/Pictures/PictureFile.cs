using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Images;
using AdaShare.Native.Learning.Pictures;

namespace AdaShare.Native.Host.Pictures;

/// <summary>Pictures: PNG and JPEG as inputs, PNG as outputs.</summary>
public static class PictureFile
{
    private const int SmallestSide = 16;

    /// <summary>Reads PNG and JPEG files.</summary>
    public static ImageReader Images { get; } = new(new SkiaJpegDecoder());

    /// <summary>Reads an image for a network; a grey one gets three equal channels.</summary>
    /// <exception cref="DataException">The file is missing, damaged, of another format, or too small.</exception>
    public static BgrImage Read(string path)
    {
        ByteImage image = Images.Read(path);
        if (image.Height < SmallestSide || image.Width < SmallestSide)
        {
            throw new DataException($"{path}: is {image.Height}x{image.Width}; a network needs at least {SmallestSide}x{SmallestSide}, give a larger image");
        }

        return BgrImage.Of(image);
    }

    /// <summary>Writes a picture; the folder is made where it is missing.</summary>
    /// <exception cref="DataException">The folder or file can't be written.</exception>
    public static void Write(string path, Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        MakeFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        Png.Write(path, new ByteImage(picture.Width, picture.Height, 3, picture.Pixels));
    }

    /// <summary>Makes a folder for pictures where it is missing.</summary>
    /// <exception cref="DataException">It can't be made.</exception>
    public static void MakeFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{folder}: the folder for pictures can't be made ({e.Message.TrimEnd('.')}); choose another --out", e);
        }
    }
}
