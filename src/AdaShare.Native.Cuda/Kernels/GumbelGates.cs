using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Launches the gates of all tasks and blocks, and their gradients: one launch each. Where the tasks' logits lie is told in device memory, like everything else that is one a task.</summary>
internal sealed class GumbelGates(DeviceContext context)
{
    private const string Module = "gate";

    // Addresses are multiples of 4, so the lowest bit is free.
    private const ulong Added = 1;

    /// <summary>See <see cref="IGateKernels.GumbelGates"/>.</summary>
    public void Sample(IReadOnlyList<Tensor> logits, Tensor? noise, IReadOnlyList<RandomStream>? streams, double temperature, Tensor soft, Tensor? hard)
    {
        int tasks = logits.Count, blocks = logits[0].Shape[0];
        KernelCall call = context.Kernel(Module, "gumbel_gates").Numbers<ulong>([.. logits.Select(context.Pointer)]).Tensor(noise);
        (streams is null ? call.Pointer(0) : call.Numbers<(ulong, ulong)>([.. streams.Select(static stream => (stream.Seed, stream.Id))]))
            .Numbers(temperature).Count(tasks).Count(blocks).Tensor(soft).Tensor(hard).Count((long)tasks * blocks)
            .Launch(LaunchShape.Linear((long)tasks * blocks));
    }

    /// <summary>See <see cref="IGateKernels.GumbelGatesBackward"/>.</summary>
    public void Backward(Tensor soft, double temperature, Tensor gradOutput, IReadOnlyList<Target> gradLogits)
    {
        int tasks = gradLogits.Count, blocks = soft.Shape[0] / tasks;
        ulong[] targets = [.. gradLogits.Select(target => target.Tensor is { } tensor ? context.Pointer(tensor) + (target.Accumulate ? Added : 0) : 0)];
        context.Kernel(Module, "gumbel_gates_backward")
            .Tensor(soft).Numbers(temperature).Tensor(gradOutput).Numbers<ulong>(targets).Count(tasks).Count(blocks).Count((long)tasks * blocks)
            .Launch(LaunchShape.Linear((long)tasks * blocks));
    }
}
