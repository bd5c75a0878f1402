using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Reports.Protobuf;

namespace AdaShare.Native.Reports.TensorBoard;

/// <summary>The values of a summary: numbers and pictures.</summary>
/// <remarks>Field numbers: tensorflow/tensorboard, compat/proto/summary.proto.</remarks>
internal static class Summaries
{
    private const int ValueField = 1, TagField = 1, SimpleValueField = 2, ImageField = 4;
    private const int HeightField = 1, WidthField = 2, ColorspaceField = 3, BytesField = 4;
    private const int Rgb = 3;

    /// <summary>Adds a number.</summary>
    public static void Scalar(ProtoWriter summary, string tag, double value) => summary.Message(ValueField, entry =>
    {
        entry.Text(TagField, tag);
        entry.Fixed32(SimpleValueField, (float)value);
    });

    /// <summary>Adds a picture.</summary>
    public static void Image(ProtoWriter summary, string tag, Picture picture) => summary.Message(ValueField, entry =>
    {
        entry.Text(TagField, tag);
        entry.Message(ImageField, image =>
        {
            image.Varint(HeightField, picture.Height);
            image.Varint(WidthField, picture.Width);
            image.Varint(ColorspaceField, Rgb);
            image.Bytes(BytesField, Png.Encode(new ByteImage(picture.Width, picture.Height, Rgb, picture.Pixels)));
        });
    });
}
