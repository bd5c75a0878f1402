using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

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
}
