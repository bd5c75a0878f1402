using System.Globalization;
using System.Numerics;
using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Learning.Configuration;

/// <summary>What networks see of a picture: (p - mean) / deviation of bytes p of 0 to 255, in some order of channels. A folder that describes itself may say it.</summary>
public sealed class InputConfig
{
    /// <summary>What is subtracted from each channel, three numbers from 0 to 255 in the order of <see cref="Order"/>; ImageNet's mean colour where empty.</summary>
    public List<double> Mean { get; set; } = [];

    /// <summary>What the difference is divided by, three numbers from 1 to 255 in the same order; 1 where empty.</summary>
    public List<double> Deviation { get; set; } = [];

    /// <summary>The order of the channels: <c>bgr</c> or <c>rgb</c>.</summary>
    public string Order { get; set; } = "bgr";

    /// <summary>The keys that say an input.</summary>
    public static InputConfig Of(ImageInput input)
    {
        ArgumentNullException.ThrowIfNull(input);

        // The shortest decimals that are the numbers again.
        static List<double> Decimals(Vector3 v) => [.. new[] { v.X, v.Y, v.Z }.Select(static value => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture))];
        return new InputConfig { Mean = Decimals(input.Mean), Deviation = Decimals(input.Deviation), Order = input.Order == ChannelOrder.Rgb ? "rgb" : "bgr" };
    }

    /// <summary>The same for networks.</summary>
    internal ImageInput ToInput()
    {
        ChannelOrder order = Order == "rgb" ? ChannelOrder.Rgb : ChannelOrder.Bgr;
        return new ImageInput(Mean.Count == 0 ? ImageInput.MeanOf(order) : Numbers(Mean), Deviation.Count == 0 ? Vector3.One : Numbers(Deviation), order);
    }

    private static Vector3 Numbers(List<double> values) => new((float)values[0], (float)values[1], (float)values[2]);
}
