using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SkiaSharp;

namespace AdaShare.Native.Samples;

/// <summary>The lines of samples/onnx/predict.cs and docs/onnx.md, which a test holds against these.</summary>
internal static class OnnxSample
{
    public static void Run(string[] args)
    {
        // The sample.
        using var session = new InferenceSession(args[0]);
        using SKBitmap picture = SKBitmap.Decode(args[1]);
        var image = new DenseTensor<float>([1, 3, picture.Height, picture.Width]);
        for (int i = 0; i < picture.Height * picture.Width; i++)
        {
            (int y, int x) = Math.DivRem(i, picture.Width);
            SKColor pixel = picture.GetPixel(x, y);
            (image[0, 0, y, x], image[0, 1, y, x], image[0, 2, y, x]) = (pixel.Red, pixel.Green, pixel.Blue);
        }

        using var outputs = session.Run([NamedOnnxValue.CreateFromTensor(session.InputNames[0], image)]);
        foreach (DisposableNamedOnnxValue output in outputs)
        {
            Console.WriteLine($"{output.Name} [{string.Join(", ", output.AsTensor<float>().Dimensions.ToArray())}]: {output.AsEnumerable<float>().Min()} to {output.AsEnumerable<float>().Max()}");
        }

        // Its end.
    }
}
