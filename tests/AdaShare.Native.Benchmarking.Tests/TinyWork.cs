using AdaShare.Native.Benchmarking.Workloads;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Benchmarking.Tests;

/// <summary>Work that is small enough for tests.</summary>
internal static class TinyWork
{
    public static BackboneSpec Backbone { get; } = BackboneSpec.Of("ResNet18", 0.125);

    /// <summary>A step of an eighth-width ResNet-18 over two images of 32 x 48 pixels.</summary>
    public static StepSpec Step(StepKind kind, int open, params string[] tasks) =>
        new(Backbone, WorkloadNames.Tasks(tasks.Length == 0 ? ["seg", "sn", "depth"] : tasks), 32, 48, 2, kind, open) { HeadChannels = 8 };
}

/// <summary>A backend with the multiply-adds of its convolutions counted, by other means than a profile.</summary>
internal sealed class WorkCounter(Backend inner) : DelegatingBackend(inner), IConvolutionKernels
{
    public long MultiplyAdds { get; private set; }

    public override IConvolutionKernels Convolution => this;

    public void Forward(in Conv2dGeometry geometry, Tensor input, Tensor filter, Tensor? bias, Tensor output)
    {
        MultiplyAdds += geometry.UsefulMultiplyAdds;
        Inner.Convolution.Forward(geometry, input, filter, bias, output);
    }

    public void BackwardInput(in Conv2dGeometry geometry, Tensor gradOutput, Tensor filter, Tensor gradInput, bool accumulate)
    {
        MultiplyAdds += geometry.UsefulMultiplyAdds;
        Inner.Convolution.BackwardInput(geometry, gradOutput, filter, gradInput, accumulate);
    }

    public void BackwardFilter(in Conv2dGeometry geometry, Tensor input, Tensor gradOutput, Tensor gradFilter, bool accumulate)
    {
        MultiplyAdds += geometry.UsefulMultiplyAdds;
        Inner.Convolution.BackwardFilter(geometry, input, gradOutput, gradFilter, accumulate);
    }
}
