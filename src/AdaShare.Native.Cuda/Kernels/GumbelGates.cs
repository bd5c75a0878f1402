using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Launches the gates of all tasks and blocks: one launch where the tasks' logits lie at equal distances in one buffer, as parameters of a group do, else one a task.</summary>
internal sealed class GumbelGates(DeviceContext context)
{
    private const string Module = "gate";

    /// <summary>See <see cref="IGateKernels.GumbelGates"/>.</summary>
    public void Sample(IReadOnlyList<Tensor> logits, Tensor? noise, IReadOnlyList<RandomStream>? streams, double temperature, Tensor soft, Tensor? hard)
    {
        int blocks = logits[0].Shape[0], step = Step(logits, out long stride) ? logits.Count : 1;
        (ulong, ulong)[] numbers = streams is null ? [] : [.. streams.Select(static stream => (stream.Seed, stream.Id))];
        for (int first = 0; first < logits.Count; first += step)
        {
            KernelCall call = context.Kernel(Module, "gumbel_gates").Tensor(logits[first]).Count(stride).Tensor(noise);
            (numbers.Length > 0 ? call.Numbers<(ulong, ulong)>(numbers) : call.Pointer(0))
                .Numbers(temperature).Count(first).Count(logits.Count).Count(blocks).Tensor(soft).Tensor(hard).Count((long)step * blocks)
                .Launch(LaunchShape.Linear((long)step * blocks));
        }
    }

    /// <summary>See <see cref="IGateKernels.GumbelGatesBackward"/>.</summary>
    public void Backward(Tensor soft, double temperature, Tensor gradOutput, IReadOnlyList<Target> gradLogits)
    {
        int blocks = soft.Shape[0] / gradLogits.Count;
        Tensor[] targets = [.. gradLogits.Where(static target => target.Wanted).Select(static target => target.Tensor!)];
        bool together = targets.Length == gradLogits.Count && gradLogits.All(target => target.Accumulate == gradLogits[0].Accumulate);
        long stride = 0;
        int step = together && Step(targets, out stride) ? gradLogits.Count : 1;
        for (int first = 0; first < gradLogits.Count; first += step)
        {
            if (gradLogits[first].Tensor is { } target)
            {
                context.Kernel(Module, "gumbel_gates_backward")
                    .Tensor(soft).Numbers(temperature).Tensor(gradOutput).Count(first).Count(gradLogits.Count).Count(blocks).Tensor(target).Count(stride)
                    .Flag(gradLogits[first].Accumulate).Count((long)step * blocks)
                    .Launch(LaunchShape.Linear((long)step * blocks));
            }
        }
    }

    /// <summary>Whether tensors lie at equal distances in one buffer, and how many elements that is.</summary>
    private static bool Step(IReadOnlyList<Tensor> tensors, out long stride)
    {
        stride = tensors.Count > 1 ? tensors[1].Offset - tensors[0].Offset : 0;
        for (int i = 1; i < tensors.Count; i++)
        {
            if (tensors[i].Storage != tensors[0].Storage || tensors[i].Offset - tensors[i - 1].Offset != stride || stride < 0)
            {
                return false;
            }
        }

        return true;
    }
}
