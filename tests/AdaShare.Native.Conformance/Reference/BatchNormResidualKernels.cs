using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>
/// The end of a residual block of the official <c>models/deeplab_resnet.py</c>: batch normalisation (see <see cref="BatchNormKernels"/>), the residual, ReLU, and the mix of
/// policy and residual, in which the ReLU is inside the selected branch.
/// </summary>
internal sealed class BatchNormResidualKernels(ReferenceBackend backend) : IBatchNormResidualKernels
{
    /// <inheritdoc/>
    public void ForwardTraining(
        Tensor input, Tensor gamma, Tensor beta, double epsilon, Tensor residual, Tensor? gates, Tensor output, Tensor savedMean, Tensor savedInverseStd, RunningStatistics? running)
    {
        backend.Count(nameof(backend.BatchNormResidual));
        Mix(BatchNormKernels.NormalizeTraining(input, gamma, beta, epsilon, relu: false, savedMean, savedInverseStd, running), residual, gates, output);
    }

    /// <inheritdoc/>
    public void ForwardInference(
        Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, Tensor residual, Tensor? gates, Tensor output)
    {
        backend.Count(nameof(backend.BatchNormResidual));
        double[] inverseStd = BatchNormKernels.InverseStd(runningVariance.Load(), epsilon);
        Mix(BatchNormKernels.Normalize(input.Load(), runningMean.Load(), inverseStd, gamma, beta, relu: false), residual, gates, output);
    }

    /// <inheritdoc/>
    public void BackwardTraining(
        Tensor input, Tensor gamma, Tensor beta, Tensor savedMean, Tensor savedInverseStd, Tensor? residual, Tensor? gates, Tensor? output, Tensor gradOutput,
        in BatchNormResidualGradients gradients)
    {
        backend.Count(nameof(backend.BatchNormResidual));
        double[] x = input.Load(), mean = savedMean.Load(), inverseStd = savedInverseStd.Load();
        double[] branch = BatchNormKernels.Normalize(x, mean, inverseStd, gamma, beta, relu: false);
        (double[] gradBranch, double[] gradResidual) = Unmix(branch, residual, gates, output, gradOutput, gradients.Gates);
        BatchNormKernels.StoreGradientsTraining(x, gradBranch, gamma, mean, inverseStd, gradients.Input, gradients.Gamma, gradients.Beta);
        gradients.Residual.Tensor?.Store(gradResidual, gradients.Residual.Accumulate);
    }

    /// <inheritdoc/>
    public void BackwardInference(
        Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon, Tensor? residual, Tensor? gates, Tensor? output, Tensor gradOutput,
        in BatchNormResidualGradients gradients)
    {
        backend.Count(nameof(backend.BatchNormResidual));
        double[] x = input.Load(), mean = runningMean.Load(), inverseStd = BatchNormKernels.InverseStd(runningVariance.Load(), epsilon);
        double[] branch = BatchNormKernels.Normalize(x, mean, inverseStd, gamma, beta, relu: false);
        (double[] gradBranch, double[] gradResidual) = Unmix(branch, residual, gates, output, gradOutput, gradients.Gates);
        BatchNormKernels.StoreGradientsInference(x, gradBranch, gamma, mean, inverseStd, gradients.Input, gradients.Gamma, gradients.Beta);
        gradients.Residual.Tensor?.Store(gradResidual, gradients.Residual.Accumulate);
    }

    private static void Mix(double[] branch, Tensor residual, Tensor? gates, Tensor output)
    {
        double[] r = residual.Load(), p = gates?.Load() ?? [1, 0], y = new double[output.Count];
        int stream = y.Length / (p.Length / 2);
        for (int o = 0; o < y.Length; o++)
        {
            // A shared input has as many elements as one stream, so the remainder names its element for every stream.
            int i = o % r.Length, s = o / stream;
            y[o] = (p[2 * s] * Math.Max(r[i] + branch[i], 0)) + (p[(2 * s) + 1] * r[i]);
        }

        output.Store(y);
    }

    private static (double[] GradBranch, double[] GradResidual) Unmix(double[] branch, Tensor? residual, Tensor? gates, Tensor? output, Tensor gradOutput, Target gradGates)
    {
        double[] dy = gradOutput.Load(), gradBranch = new double[branch.Length], gradResidual = new double[branch.Length];
        if (gates is null)
        {
            double[] y = output!.Load();
            double[] cut = [.. dy.Select((gradient, i) => y[i] > 0 ? gradient : 0)];
            return (cut, cut);
        }

        double[] r = residual!.Load(), p = gates.Load(), gradP = new double[p.Length];
        int stream = dy.Length / gates.Shape[0];
        for (int o = 0; o < dy.Length; o++)
        {
            int i = o % r.Length, s = o / stream;
            double sum = r[i] + branch[i], open = sum > 0 ? 1 : 0;
            gradBranch[i] += dy[o] * p[2 * s] * open;
            gradResidual[i] += dy[o] * ((p[2 * s] * open) + p[(2 * s) + 1]);
            gradP[2 * s] += dy[o] * sum * open;
            gradP[(2 * s) + 1] += dy[o] * r[i];
        }

        gradGates.Tensor?.Store(gradP, gradGates.Accumulate);
        return (gradBranch, gradResidual);
    }
}
