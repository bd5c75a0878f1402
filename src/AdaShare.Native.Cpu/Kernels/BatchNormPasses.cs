using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>What a forward pass reads and writes.</summary>
/// <param name="Input">[B, …, C].</param>
/// <param name="Gamma">[C].</param>
/// <param name="Beta">[C].</param>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="Relu">Whether ReLU follows; always where there is a residual.</param>
/// <param name="Residual">[B, …, C] or null.</param>
/// <param name="Gates">[S, 2] or null; null where there is no residual.</param>
/// <param name="Output">[B, …, C], or [S B, …, C] where the streams share the input.</param>
internal readonly record struct NormForward(Tensor Input, Tensor Gamma, Tensor Beta, double Epsilon, bool Relu, Tensor? Residual, Tensor? Gates, Tensor Output);

/// <summary>What a backward pass reads and writes.</summary>
/// <param name="Input">[B, …, C].</param>
/// <param name="Gamma">[C].</param>
/// <param name="Beta">[C] where ReLU's mask is computed again, otherwise null.</param>
/// <param name="Residual">The residual where there are gates, otherwise null.</param>
/// <param name="Gates">[S, 2] or null.</param>
/// <param name="Output">The output where there is a residual but no gates, otherwise null.</param>
/// <param name="GradOutput">The gradient of the output.</param>
/// <param name="Gradients">The targets.</param>
internal readonly record struct NormBackward(
    Tensor Input, Tensor Gamma, Tensor? Beta, Tensor? Residual, Tensor? Gates, Tensor? Output, Tensor GradOutput, BatchNormResidualGradients Gradients);

/// <summary>Statistics for a backward pass: [G, C] saved by a training pass, or [C] running ones, which are constants.</summary>
/// <param name="Mean">The means.</param>
/// <param name="Spread">1 / sqrt(variance + epsilon), or the variances of constant statistics.</param>
/// <param name="Epsilon">Added to the variance; unused otherwise.</param>
/// <param name="AreConstant">Whether they are running statistics.</param>
internal readonly record struct NormStatistics(Tensor Mean, Tensor Spread, double Epsilon, bool AreConstant)
{
    /// <summary>G.</summary>
    public int Groups => AreConstant ? 1 : Mean.Shape[0];
}

/// <summary>
/// Batch normalisation (Ioffe and Szegedy, 2015) with whatever follows it in the same pass over memory. A training pass reads the input twice, a backward pass reads what it
/// needs twice: first for sums in double precision over parts that follow from the shapes, then for the results. One type and one width.
/// </summary>
internal abstract class BatchNormPasses
{
    /// <summary>The passes for an element type.</summary>
    /// <param name="threads">The threads.</param>
    /// <param name="single">Whether for float, otherwise double.</param>
    /// <param name="wide">Whether vectors have 512 bits, otherwise 256.</param>
    public static BatchNormPasses Of(CpuThreads threads, bool single, bool wide) => (single, wide) switch
    {
        (true, true) => new BatchNormPasses<float, Vector512<float>, Vector512<double>, Simd512<float>>(threads),
        (true, false) => new BatchNormPasses<float, Vector256<float>, Vector256<double>, Simd256<float>>(threads),
        (false, true) => new BatchNormPasses<double, Vector512<double>, Vector512<double>, Simd512<double>>(threads),
        (false, false) => new BatchNormPasses<double, Vector256<double>, Vector256<double>, Simd256<double>>(threads),
    };

    /// <summary>Normalises with the batch's own statistics, saves them, and updates the running ones.</summary>
    public abstract void Training(in NormForward forward, Tensor savedMean, Tensor savedInverseStd, RunningStatistics? running);

    /// <summary>Normalises with running statistics.</summary>
    public abstract void Inference(in NormForward forward, Tensor runningMean, Tensor runningVariance);

    /// <summary>The gradients.</summary>
    public abstract void Backward(in NormBackward backward, in NormStatistics statistics);
}

/// <inheritdoc/>
internal sealed unsafe class BatchNormPasses<T, TVector, TDoubles, TSimd>(CpuThreads threads) : BatchNormPasses
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : struct
    where TSimd : struct, IChannelSimd<T, TVector, TDoubles>
{
    /// <inheritdoc/>
    public override void Training(in NormForward forward, Tensor savedMean, Tensor savedInverseStd, RunningStatistics? running)
    {
        if (forward.Input.Count == 0)
        {
            return;
        }

        // The statistics know no streams, the output does.
        var groups = new NormLayout(forward.Input, savedMean.Shape[0], gates: null, forward.Input.Count);
        var layout = new NormLayout(forward.Input, groups.Groups, forward.Gates, forward.Output.Count);
        int channels = groups.Channels, length = groups.Length;
        long sumCount = 2L * groups.Cells * groups.CellParts * length, statistics = (long)groups.Groups * channels;
        double* sums = threads.Scratch.Shared<double>(ScratchSlot.Partials, sumCount + (2 * statistics) + ((NormTables<T>.Forward + 1L) * groups.Groups * length));
        double* means = sums + sumCount, variances = means + statistics;
        T* pivots = (T*)(variances + statistics), tables = pivots + ((long)groups.Groups * length);
        T* x = forward.Input.Pointer<T>(), mean = savedMean.Pointer<T>(), inverseStd = savedInverseStd.Pointer<T>(), gamma = forward.Gamma.Pointer<T>(), beta = forward.Beta.Pointer<T>();
        for (int g = 0; g < groups.Groups; g++)
        {
            new Span<T>(x + (g * groups.CellElements), channels).CopyTo(new Span<T>(pivots + ((long)g * length), channels));
            ChannelTable.Repeat(pivots + ((long)g * length), channels, length);
        }

        long items = (long)groups.Cells * groups.CellParts;
        Ranges.For(threads, items, groups.Elements / items, new StatisticsBody<T, TVector, TDoubles, TSimd>(groups, x, pivots, sums));
        for (int g = 0; g < groups.Groups; g++)
        {
            double* total = sums + (2L * g * groups.CellParts * length);
            long own = (long)g * channels;
            NormSums.Fold(total, groups.CellParts, 2L * length, length, channels, 2);
            NormChannels<T>.Statistics(total, total + length, pivots + ((long)g * length), groups.GroupRows, channels, means + own, variances + own, mean + own);
            NormChannels<T>.InverseStd(variances + own, forward.Epsilon, inverseStd + own, channels);
            NormChannels<T>.FillForward(gamma, beta, means + own, inverseStd + own, new NormTables<T>(tables + ((long)NormTables<T>.Forward * g * length), length), channels);
        }

        Apply(layout, tables, forward);
        if (running is not null)
        {
            int* updates = stackalloc int[running.Updates.Count];
            for (int u = 0; u < running.Updates.Count; u++)
            {
                updates[u] = running.Updates[u];
            }

            double unbias = groups.GroupRows > 1 ? groups.GroupRows / (groups.GroupRows - 1.0) : 1;
            NormChannels<T>.Update(updates, running.Updates.Count, means, variances, running.Momentum, unbias, running.Mean.Pointer<T>(), running.Variance.Pointer<T>(), channels);
        }
    }

    /// <inheritdoc/>
    public override void Inference(in NormForward forward, Tensor runningMean, Tensor runningVariance)
    {
        if (forward.Input.Count == 0)
        {
            return;
        }

        var layout = new NormLayout(forward.Input, 1, forward.Gates, forward.Output.Count);
        int channels = layout.Channels;
        double* means = threads.Scratch.Shared<double>(ScratchSlot.Partials, (2L * channels) + ((NormTables<T>.Forward + 1L) * layout.Length)), variances = means + channels;
        T* inverseStd = (T*)(variances + channels), tables = inverseStd + layout.Length;
        T* mean = runningMean.Pointer<T>(), variance = runningVariance.Pointer<T>();
        for (int c = 0; c < channels; c++)
        {
            means[c] = Lanes.Double(mean[c]);
            variances[c] = Lanes.Double(variance[c]);
        }

        NormChannels<T>.InverseStd(variances, forward.Epsilon, inverseStd, channels);
        NormChannels<T>.FillForward(forward.Gamma.Pointer<T>(), forward.Beta.Pointer<T>(), means, inverseStd, new NormTables<T>(tables, layout.Length), channels);
        Apply(layout, tables, forward);
    }

    /// <inheritdoc/>
    public override void Backward(in NormBackward backward, in NormStatistics statistics)
    {
        if (backward.Input.Count == 0)
        {
            StoreNothing(backward.Gradients);
            return;
        }

        if (backward.Gates is not null)
        {
            Backward<GatedEnd>(backward, statistics, backward.Residual);
        }
        else if (backward.Output is not null)
        {
            Backward<ResidualEnd>(backward, statistics, backward.Output);
        }
        else if (backward.Beta is not null)
        {
            Backward<ReluEnd>(backward, statistics, null);
        }
        else
        {
            Backward<PlainEnd>(backward, statistics, null);
        }
    }

    private void Apply(NormLayout layout, T* tables, in NormForward forward)
    {
        if (forward.Gates is not null)
        {
            Apply<GatedEnd>(layout, tables, forward);
        }
        else if (forward.Residual is not null)
        {
            Apply<ResidualEnd>(layout, tables, forward);
        }
        else if (forward.Relu)
        {
            Apply<ReluEnd>(layout, tables, forward);
        }
        else
        {
            Apply<PlainEnd>(layout, tables, forward);
        }
    }

    private void Apply<TEnd>(NormLayout layout, T* tables, in NormForward forward)
        where TEnd : struct, INormEnd
    {
        T* x = forward.Input.Pointer<T>(), residual = forward.Residual.PointerOrNull<T>(), gates = forward.Gates.PointerOrNull<T>();
        Ranges.For(threads, layout.Blocks, layout.BlockCost, new ApplyBody<T, TVector, TDoubles, TSimd, TEnd>(layout, tables, x, residual, gates, forward.Output.Pointer<T>()));
    }

    private void Backward<TEnd>(in NormBackward backward, in NormStatistics statistics, Tensor? side)
        where TEnd : struct, INormEnd
    {
        BatchNormResidualGradients targets = backward.Gradients;
        var layout = new NormLayout(backward.Input, statistics.Groups, backward.Gates, backward.GradOutput.Count);
        int parts = layout.CellParts, channels = layout.Channels, length = layout.Length;
        long stride = GradientSumsBody<T, TVector, TDoubles, TSimd, TEnd>.Stride(layout), sumCount = layout.Cells * parts * stride, statisticCount = (long)layout.Groups * channels;
        double* sums = threads.Scratch.Shared<double>(ScratchSlot.Partials, sumCount + (3 * statisticCount) + (2L * channels) + ((long)NormTables<T>.Backward * layout.Groups * length));
        double* totals = sums + sumCount, inverseStd = totals + (2 * statisticCount), ofChannels = inverseStd + statisticCount;
        T* tables = (T*)(ofChannels + (2L * channels)), gates = backward.Gates.PointerOrNull<T>(), gamma = backward.Gamma.Pointer<T>();
        new Span<double>(totals, checked(2 * (int)statisticCount)).Clear();
        NormChannels<T>.InverseStd(statistics.Spread.Pointer<T>(), statistics.AreConstant, statistics.Epsilon, inverseStd, checked((int)statisticCount));
        var operands = new NormGradientOperands<T>(
            layout, (nint)tables, (nint)backward.Input.Pointer<T>(), (nint)side.PointerOrNull<T>(), (nint)gates, (nint)backward.GradOutput.Pointer<T>());
        T* beta = backward.Beta.PointerOrNull<T>(), mean = statistics.Mean.Pointer<T>();
        for (int g = 0; g < layout.Groups; g++)
        {
            NormChannels<T>.FillMask(gamma, beta, mean + ((long)g * channels), inverseStd + ((long)g * channels), operands.TablesOfGroup(g), channels);
        }

        bool wantsSums = (targets.Input.Wanted && !statistics.AreConstant) || targets.Gamma.Wanted || targets.Beta.Wanted;
        if (wantsSums || targets.Gates.Wanted)
        {
            long items = (long)layout.Cells * parts;
            var body = new GradientSumsBody<T, TVector, TDoubles, TSimd, TEnd>(threads, operands, sums, wantsSums, targets.Gates.Wanted);
            Ranges.For(threads, items, Math.Max(1, layout.BlockCost * layout.Blocks / items), body);
            for (int cell = 0; cell < layout.Cells; cell++)
            {
                double* own = sums + (cell * parts * stride), total = totals + (2L * layout.GroupOf(cell) * channels);
                NormSums.Fold(own, parts, stride, length, channels, 2);
                NormSums.AddParts(own + (2L * length), parts, stride, (int)(stride - (2L * length)));
                double select = TEnd.Gates && !layout.IsShared ? Lanes.Double(gates[2 * layout.StreamOf(cell)]) : 1;
                NormChannels<T>.AddTotals(own, own + length, select, operands.TablesOf(cell).Mean, total, total + channels, channels);
            }
        }

        NormChannels<T>.Gradients(totals, inverseStd, layout.Groups, channels, ofChannels);
        Store(ofChannels, targets.Gamma, channels);
        Store(ofChannels + channels, targets.Beta, channels);
        StoreGateGradients(sums, stride, layout, targets.Gates);
        if (targets.Input.Wanted || targets.Residual.Wanted)
        {
            for (int g = 0; g < layout.Groups; g++)
            {
                long rows = statistics.AreConstant ? 0 : layout.GroupRows;
                NormChannels<T>.FillGradient(gamma, inverseStd + ((long)g * channels), totals + (2L * g * channels), rows, operands.TablesOfGroup(g), channels);
            }

            T* gradInput = targets.Input.Tensor.PointerOrNull<T>(), gradResidual = targets.Residual.Tensor.PointerOrNull<T>();
            var body = new GradientBody<T, TVector, TDoubles, TSimd, TEnd>(threads, operands, gradInput, targets.Input.Accumulate, gradResidual, targets.Residual.Accumulate);
            Ranges.For(threads, layout.Blocks, layout.BlockCost, body);
        }
    }

    private static void StoreGateGradients(double* sums, long stride, NormLayout layout, Target target)
    {
        double* gradient = stackalloc double[2];
        for (int stream = 0; stream < layout.Streams && target.Tensor is not null; stream++)
        {
            gradient[0] = gradient[1] = 0;
            for (int cell = 0; cell < layout.Cells; cell++)
            {
                if (layout.IsShared || layout.StreamOf(cell) == stream)
                {
                    double* own = sums + (cell * layout.CellParts * stride) + (2L * layout.Length) + (layout.IsShared ? 2 * stream : 0);
                    gradient[0] += own[0];
                    gradient[1] += own[1];
                }
            }

            NormChannels<T>.Store(gradient, 1, target.Tensor.Pointer<T>() + (2 * stream), target.Accumulate, 2);
        }
    }

    // Sums over nothing.
    private static void StoreNothing(in BatchNormResidualGradients targets)
    {
        foreach (Target target in (ReadOnlySpan<Target>)[targets.Gamma, targets.Beta, targets.Gates])
        {
            if (target is { Tensor: { } tensor, Accumulate: false })
            {
                new Span<T>(tensor.Pointer<T>(), checked((int)tensor.Count)).Clear();
            }
        }
    }

    private static void Store(double* gradients, Target target, int count)
    {
        if (target.Tensor is not null)
        {
            NormChannels<T>.Store(gradients, 1, target.Tensor.Pointer<T>(), target.Accumulate, count);
        }
    }
}
