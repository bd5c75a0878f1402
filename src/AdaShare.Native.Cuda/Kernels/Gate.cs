using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Memory;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Launches kernels/gate.cu. Temperatures and random streams go through device memory, so that a captured step draws anew each time.</summary>
internal sealed class GateKernels(DeviceContext context) : IGateKernels
{
    private const string Module = "gate";
    private const int StreamsOfLaunch = 4;
    private const int ElementsOfBlock = 1024;
    private const int MostChunks = 512;
    private const int GatesOfStream = 2;

    private readonly GumbelGates _gates = new(context);

    /// <inheritdoc/>
    public void GumbelNoise(RandomStream stream, Tensor output) =>
        context.Kernel(Module, "gumbel_noise").Stream(stream).Tensor(output).Count(output.Count).Launch(LaunchShape.Linear(LaunchShape.Ceiling(output.Count, 4)));

    /// <inheritdoc/>
    public void GumbelSoftmax(Tensor logits, Tensor noise, double temperature, Tensor soft, Tensor? hard)
    {
        int length = logits.Shape[-1];
        long rows = logits.Count / length;
        context.Kernel(Module, "gumbel_softmax").Tensor(logits).Tensor(noise).Numbers(temperature).Count(length).Tensor(soft).Tensor(hard).Count(rows)
            .Launch(LaunchShape.Linear(rows));
    }

    /// <inheritdoc/>
    public void GumbelSoftmaxBackward(Tensor soft, double temperature, Tensor gradOutput, Tensor gradLogits, bool accumulate)
    {
        int length = soft.Shape[-1];
        long rows = soft.Count / length;
        context.Kernel(Module, "gumbel_softmax_backward").Tensor(soft).Numbers(temperature).Tensor(gradOutput).Count(length).Tensor(gradLogits).Flag(accumulate).Count(rows)
            .Launch(LaunchShape.Linear(rows));
    }

    /// <inheritdoc/>
    public void GumbelGates(IReadOnlyList<Tensor> logits, Tensor? noise, IReadOnlyList<RandomStream>? streams, double temperature, Tensor soft, Tensor? hard) =>
        _gates.Sample(logits, noise, streams, temperature, soft, hard);

    /// <inheritdoc/>
    public void GumbelGatesBackward(Tensor soft, double temperature, Tensor gradOutput, IReadOnlyList<Target> gradLogits) => _gates.Backward(soft, temperature, gradOutput, gradLogits);

    /// <inheritdoc/>
    public void GatedResidual(Tensor branch, Tensor residual, Tensor gates, Tensor output)
    {
        int streams = gates.Shape[0];
        long elements = output.Count / streams;
        bool shared = branch.Count == elements;
        long vectors = Vectors(elements, context.IsAligned(branch, residual, output));
        context.Kernel(Module, "gated_residual", branch.DType).Tensor(branch).Tensor(residual).Tensor(gates).Tensor(output).Flag(shared).Count(streams).Count(vectors).Count(elements)
            .Launch(LaunchShape.Vectors(vectors, elements, shared ? 1 : streams));
    }

    /// <inheritdoc/>
    public void GatedResidualBackward(Tensor branch, Tensor residual, Tensor gates, Tensor gradOutput, Target gradBranch, Target gradResidual, Target gradGates)
    {
        if (!gradBranch.Wanted && !gradResidual.Wanted && !gradGates.Wanted)
        {
            return;
        }

        int streams = gates.Shape[0];
        long elements = gradOutput.Count / streams;
        bool shared = branch.Count == elements;
        long vectors = Vectors(elements, context.IsAligned(branch, residual, gradOutput, gradBranch.Tensor, gradResidual.Tensor));
        long chunks = Math.Clamp(LaunchShape.Ceiling(Math.Max(vectors, elements - (4 * vectors)), ElementsOfBlock), 1, MostChunks);
        using Scratch partials = context.Scratch(gradGates.Wanted ? streams * chunks * GatesOfStream * sizeof(double) : 0);
        for (int first = 0; first < (shared ? streams : 1); first += StreamsOfLaunch)
        {
            // Gradients of a shared input are sums over the streams, four at a time.
            context.Kernel(Module, "gated_residual_backward", branch.DType)
                .Tensor(branch).Tensor(residual).Tensor(gates).Tensor(gradOutput).Flag(shared).Count(first).Count(Math.Min(StreamsOfLaunch, streams - first))
                .Tensor(gradBranch.Tensor).Flag(gradBranch.Accumulate || first > 0).Tensor(gradResidual.Tensor).Flag(gradResidual.Accumulate || first > 0)
                .Pointer(gradGates.Wanted ? partials.Address : 0).Count(vectors).Count(elements)
                .Launch(LaunchShape.Blocks(chunks, shared ? 1 : streams));
        }

        if (gradGates.Tensor is { } target)
        {
            context.Kernel(Module, "gated_residual_gates").Pointer(partials.Address).Count(chunks).Count(streams).Tensor(target).Flag(gradGates.Accumulate)
                .Launch(LaunchShape.Blocks(LaunchShape.Ceiling(streams, StreamsOfLaunch)));
        }
    }

    // Every stream must begin at a whole vector.
    private static long Vectors(long elements, bool aligned) => aligned && elements % 4 == 0 ? elements / 4 : 0;
}
