using System.Globalization;
using System.Numerics;
using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Reports.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Tensor = AdaShare.Native.Engine.Tensors.Tensor;

namespace AdaShare.Native.Host.Exports;

/// <summary>Holds what ONNX Runtime makes of an exported file against what the network itself says of the same images.</summary>
public sealed class RuntimeCheck : IDisposable
{
    /// <summary>How far an output may be off, relative to the largest number in it.</summary>
    public const double Tolerance = 1e-4;

    // Images of each group of tasks, and images side by side where the number is free.
    private const int Images = 4;
    private const int FreeBatch = 2;

    private readonly InferenceSession _session;
    private readonly OnnxOptions _options;

    /// <summary>Opens a file.</summary>
    /// <param name="model">Its bytes.</param>
    /// <param name="options">What the graph is made for.</param>
    /// <exception cref="DataException">ONNX Runtime does not take it, or is not there.</exception>
    public RuntimeCheck(byte[] model, OnnxOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        try
        {
            using var settings = new SessionOptions();
            _session = new InferenceSession(model, settings);
        }
        catch (OnnxRuntimeException error)
        {
            throw new DataException($"ONNX Runtime does not take the graph: {error.Message.ReplaceLineEndings(" ").TrimEnd('.')}; please report it with the run's config.yaml", error);
        }
        catch (TypeInitializationException error)
        {
            throw new DataException($"--check needs ONNX Runtime, whose library can't be loaded on this machine ({(error.InnerException ?? error).Message.ReplaceLineEndings(" ").TrimEnd('.')}); leave --check out", error);
        }
    }

    /// <summary>The version of ONNX Runtime.</summary>
    public static string Version => typeof(InferenceSession).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>Compares on the first images of a data set's test part: as they are, and where sizes are free once more with a row and a column less.</summary>
    /// <param name="network">The network.</param>
    /// <param name="dataset">The data.</param>
    /// <returns>How many images, and the largest difference relative to the largest number of an output.</returns>
    /// <exception cref="DataException">An output is off by more than <see cref="Tolerance"/>, or there are no images.</exception>
    public (int Images, double Difference) Compare(TrainedNetwork network, IDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(dataset);
        int images = 0;
        double largest = 0;
        foreach (TaskGroup group in TaskGroup.Of(dataset, network.Model.Tasks))
        {
            for (int i = 0; i < Math.Min(Images, group.Dataset.Count(Split.Test)); i++, images++)
            {
                BgrImage stored = group.Dataset.Load(Split.Test, i, []).Image;
                BgrImage image = _options.Size is (int height, int width) ? ResizedDataset.Resize(stored, height, width) : stored;
                IEnumerable<BgrImage> sizes = _options.Size is null && image is { Height: > 1, Width: > 1 } ? [image, Part(image, image.Height - 1, image.Width - 1, mirror: false)] : [image];
                foreach (BgrImage sized in sizes)
                {
                    largest = Math.Max(largest, Compare(network, sized, $"image {group.Dataset.Id(Split.Test, i)}"));
                }
            }
        }

        return images > 0 ? (images, largest) : throw new DataException($"{dataset.Name}: its test part has no images to check the graph with; leave --check out");
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private double Compare(TrainedNetwork network, BgrImage image, string what)
    {
        // An image and its mirror image by turns, so that images side by side differ.
        BgrImage mirrored = Part(image, image.Height, image.Width, mirror: true);
        BgrImage[] batch = [.. Enumerable.Range(0, _options.Batch ?? FreeBatch).Select(n => n % 2 == 0 ? image : mirrored)];
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> theirs = _session.Run([NamedOnnxValue.CreateFromTensor(_session.InputNames[0], Input(batch, network.Model.Input))]);
        using var step = new Step(network.Model.Backend, recordGradients: false);
        Tensor input = step.Concat([.. batch.Select(one => NetworkInput.Of(step, one, network.Model.Input))], 0);
        double largest = 0;
        foreach (((string name, Tensor output, _), DisposableNamedOnnxValue value) in OnnxModel.Predict(network, step, input, _options).Zip(theirs))
        {
            double difference = Difference(output, [.. value.AsTensor<float>()]);
            largest = Math.Max(largest, difference);
            if (!(difference <= Tolerance))
            {
                throw new DataException(string.Create(
                    CultureInfo.InvariantCulture, $"the graph's output {name} for {what} differs from the network's by {difference:0.0e0} of its largest number, and {Tolerance:0e0} is allowed for rounding; nothing was written"));
            }
        }

        return largest;
    }

    private DenseTensor<float> Input(BgrImage[] batch, ImageInput seen)
    {
        (int height, int width) = (batch[0].Height, batch[0].Width);
        var input = new DenseTensor<float>([batch.Length, BgrImage.Channels, height, width]);
        ImageInput form = _options.Input == OnnxInput.Rgb ? new ImageInput(Vector3.Zero, Vector3.One, ChannelOrder.Rgb) : seen;
        (Vector3 mean, Vector3 scale, bool reverses) = form.Normalization;
        for (int n = 0; n < batch.Length; n++)
        {
            ReadOnlySpan<byte> pixels = batch[n].Pixels;
            for (int i = 0; i < pixels.Length; i++)
            {
                (int pixel, int stored) = Math.DivRem(i, BgrImage.Channels);
                int channel = reverses ? 2 - stored : stored;
                input[n, channel, pixel / width, pixel % width] = (pixels[i] - mean[channel]) * scale[channel];
            }
        }

        return input;
    }

    private static double Difference(Tensor ours, float[] theirs)
    {
        float[] values = ours.ToArray<float>();
        (int channels, int pixels) = (ours.Shape[3], ours.Shape[1] * ours.Shape[2]);
        double largest = 0, off = 0;
        for (int i = 0; i < values.Length; i++)
        {
            int image = i / (channels * pixels), pixel = i / channels % pixels, channel = i % channels;
            double difference = Math.Abs((double)values[i] - theirs[(((image * channels) + channel) * pixels) + pixel]);

            // A number that is none is as far off as can be.
            off = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(off, difference);
            largest = Math.Max(largest, Math.Abs(values[i]));
        }

        return off == 0 ? 0 : off / largest;
    }

    private static BgrImage Part(BgrImage image, int height, int width, bool mirror)
    {
        var pixels = new byte[height * width * BgrImage.Channels];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int from = ((y * image.Width) + (mirror ? image.Width - 1 - x : x)) * BgrImage.Channels;
                image.Pixels.Slice(from, BgrImage.Channels).CopyTo(pixels.AsSpan(((y * width) + x) * BgrImage.Channels));
            }
        }

        return new BgrImage(height, width, pixels);
    }
}
