using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Learning.Weights;

/// <summary>For which images a first convolution was trained.</summary>
public enum InputConvention
{
    /// <summary>The usual one here, and that of networks that come from Caffe: B, G, R on the scale 0 … 255, mean colour subtracted.</summary>
    Bgr,

    /// <summary>torchvision's: R, G, B on the scale 0 … 1, minus (0.485, 0.456, 0.406), divided by (0.229, 0.224, 0.225).</summary>
    Torchvision,

    /// <summary>That of the run that starts from it (<c>dataload.input</c>), whatever it is.</summary>
    Own,
}

/// <summary>Names of <see cref="InputConvention"/> in configurations.</summary>
public static class InputConventions
{
    /// <summary>What the names of the tensors say.</summary>
    public const string Auto = "auto";

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names { get; } = [Auto, "torchvision", "bgr", "own"];

    /// <summary>The convention of a name; null for <see cref="Auto"/>.</summary>
    /// <exception cref="ConfigurationException">It is another name.</exception>
    public static InputConvention? Parse(string name) => name switch
    {
        Auto => null,
        "torchvision" => InputConvention.Torchvision,
        "bgr" => InputConvention.Bgr,
        "own" => InputConvention.Own,
        _ => throw new ConfigurationException($"init_input is {name}; expected one of {string.Join(", ", Names)}"),
    };
}
