// dotnet run samples/onnx/predict.cs MODEL.onnx PICTURE
// What a network that `adashare export RUN --onnx MODEL.onnx` wrote says of a PNG or JPEG file.
#:package Microsoft.ML.OnnxRuntime
#:package SkiaSharp
#:package SkiaSharp.NativeAssets.Linux.NoDependencies
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SkiaSharp;

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
