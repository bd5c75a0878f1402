using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Reports.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Tensor = AdaShare.Native.Engine.Tensors.Tensor;

namespace AdaShare.Native.Reports.Tests.Onnx;

/// <summary>Images of noise, through ONNX Runtime and through a network itself.</summary>
internal static class Runtime
{
    /// <summary>How far ONNX Runtime may be from us, relative to the largest number of an output.</summary>
    public const double Tolerance = 1e-4;

    /// <summary>A model in ONNX Runtime.</summary>
    public static InferenceSession Open(OnnxModel model)
    {
        using var file = new MemoryStream();
        model.Write(file);
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        return new InferenceSession(file.ToArray(), options);
    }

    /// <summary>Pixels of R, G, B from 0 to 255, [N, 3, H, W].</summary>
    public static DenseTensor<float> Images(int count, int height, int width)
    {
        var stream = RandomStream.For(3, "pixels", 0);
        var images = new DenseTensor<float>([count, 3, height, width]);
        for (int i = 0; i < images.Length; i++)
        {
            images.SetValue(i, stream.Integer((ulong)i, 256));
        }

        return images;
    }

    /// <summary>The same images as the network takes them: [N, H, W, 3], B, G, R, less the mean.</summary>
    public static float[] AsInput(DenseTensor<float> rgb)
    {
        int count = rgb.Dimensions[0], height = rgb.Dimensions[2], width = rgb.Dimensions[3];
        var input = new float[rgb.Length];
        int at = 0;
        for (int n = 0; n < count; n++)
        {
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    for (int c = 0; c < 3; c++)
                    {
                        input[at++] = rgb[n, 2 - c, y, x] - ImageInput.Default.Mean[c];
                    }
                }
            }
        }

        return input;
    }

    /// <summary>Runs a model.</summary>
    /// <returns>The outputs, by name, with their shapes.</returns>
    public static Dictionary<string, (float[] Values, int[] Shape)> Run(InferenceSession session, DenseTensor<float> images)
    {
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> outputs = session.Run([NamedOnnxValue.CreateFromTensor(session.InputNames[0], images)]);
        return outputs.ToDictionary(static output => output.Name, static output => (output.AsTensor<float>().ToArray(), output.AsTensor<float>().Dimensions.ToArray()));
    }

    /// <summary>What the network itself says, [N, C, h, w].</summary>
    public static IReadOnlyList<(float[] Values, int[] Shape)> Ours(TrainedNetwork network, float[] input, int count, int height, int width)
    {
        using var step = new Step(network.Model.Backend, recordGradients: false);
        var group = new InputGroup(step.FromHost<float>(new Shape(count, height, width, 3), input), [.. Enumerable.Range(0, network.Model.Tasks.Count)]);
        return [.. network.Model.Forward(step, group, ForwardContext.Evaluation(network.Gates)).Select(ChannelsFirst)];
    }

    /// <summary>A tensor as ONNX has it.</summary>
    public static (float[] Values, int[] Shape) ChannelsFirst(Tensor tensor)
    {
        float[] values = tensor.ToArray<float>(), moved = new float[values.Length];
        (int count, int channels) = (tensor.Shape[0], tensor.Shape[-1]);
        int pixels = values.Length / count / channels;
        for (int i = 0; i < values.Length; i++)
        {
            int n = i / (pixels * channels), pixel = i / channels % pixels, c = i % channels;
            moved[(((n * channels) + c) * pixels) + pixel] = values[i];
        }

        return (moved, tensor.Shape.Rank == 4 ? [count, channels, tensor.Shape[1], tensor.Shape[2]] : [count, channels]);
    }

    /// <summary>Requires that numbers are equal but for rounding.</summary>
    public static void RequireEqual(float[] actual, float[] expected, string what)
    {
        double range = expected.Max(Math.Abs), off = actual.Zip(expected, static (a, b) => Math.Abs((double)a - b)).Max();
        Assert.That(range, Is.GreaterThan(1e-3), what + ": an output of zeros says nothing");
        Assert.That(off, Is.LessThanOrEqualTo(Tolerance * range), what);
    }
}
