using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using Target = AdaShare.Native.Data.Loading.Target;

namespace AdaShare.Native.Learning.Tasks;

/// <summary>Targets on their way to the device.</summary>
internal static class TargetUpload
{
    /// <summary>Values of a type as they are.</summary>
    public static Tensor Of<T>(Step step, Shape shape, T[] values) where T : unmanaged
    {
        using SectionScope section = step.Backend.EnterSection(StepSections.Data);
        return step.FromHost<T>(shape, values);
    }

    /// <summary>Values in the type of a prediction.</summary>
    public static Tensor Of(Step step, Shape shape, float[] values, DType type)
    {
        using SectionScope section = step.Backend.EnterSection(StepSections.Data);
        Tensor tensor = Of<float>(step, shape, values);
        return type == DType.Float32 ? tensor : step.Cast(tensor, type);
    }

    /// <summary>The pixels of a prediction, [N, h, w].</summary>
    public static Shape Pixels(Tensor prediction) => new(prediction.Shape[0], prediction.Shape[1], prediction.Shape[2]);

    /// <summary>The weights of classes on the device; those of outputs that no label has are 1.</summary>
    public static Tensor? ClassWeights(Step step, Tensor prediction, Target target)
    {
        IReadOnlyList<float> weights = target.ClassWeights;
        int channels = prediction.Shape[-1];
        return weights.Count == 0 ? null
            : Of(step, new Shape(channels), [.. weights.Take(channels), .. Enumerable.Repeat(1f, Math.Max(0, channels - weights.Count))], prediction.DType);
    }
}
