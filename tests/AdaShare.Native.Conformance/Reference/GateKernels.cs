using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>
/// Gumbel-softmax sampling (Jang, Gu, Poole, "Categorical reparameterization with Gumbel-softmax", ICLR 2017, equation 2) and the gated residual of
/// AdaShare (Sun et al., NeurIPS 2020; the official <c>models/deeplab_resnet.py</c>: the ReLU is inside the selected branch).
/// </summary>
internal sealed class GateKernels(ReferenceBackend backend) : IGateKernels
{
    /// <inheritdoc/>
    public void GumbelNoise(RandomStream stream, Tensor output)
    {
        backend.Count(nameof(backend.Gate));
        var noise = new double[output.Count];
        for (int i = 0; i < noise.Length; i++)
        {
            noise[i] = stream.Gumbel((ulong)i);
        }

        output.Store(noise);
    }

    /// <inheritdoc/>
    public void GumbelSoftmax(Tensor logits, Tensor noise, double temperature, Tensor soft, Tensor? hard)
    {
        backend.Count(nameof(backend.Gate));
        double[] x = logits.Load(), g = noise.Load(), y = new double[x.Length], oneHot = new double[x.Length];
        int length = logits.Shape[-1];
        for (int start = 0; start < x.Length; start += length)
        {
            var row = new double[length];
            for (int i = 0; i < length; i++)
            {
                row[i] = (x[start + i] + g[start + i]) / temperature;
            }

            SoftmaxKernels.LogSoftmax(row, y.AsSpan(start, length));
            oneHot[start + Array.IndexOf(row, row.Max())] = 1;
        }

        soft.Store(Array.ConvertAll(y, Math.Exp));
        hard?.Store(oneHot);
    }

    /// <inheritdoc/>
    public void GumbelSoftmaxBackward(Tensor soft, double temperature, Tensor gradOutput, Tensor gradLogits, bool accumulate)
    {
        backend.Count(nameof(backend.Gate));
        double[] y = soft.Load(), dy = gradOutput.Load(), dx = new double[y.Length];
        int length = soft.Shape[-1];
        for (int i = 0; i < y.Length; i++)
        {
            for (int j = i / length * length; j < (i / length * length) + length; j++)
            {
                dx[i] += dy[j] * y[j] * ((i == j ? 1 : 0) - y[i]) / temperature;
            }
        }

        gradLogits.Store(dx, accumulate);
    }

    /// <inheritdoc/>
    public void GumbelGates(IReadOnlyList<Tensor> logits, Tensor? noise, IReadOnlyList<RandomStream>? streams, double temperature, Tensor soft, Tensor? hard)
    {
        backend.Count(nameof(backend.Gate));
        int tasks = logits.Count, blocks = logits[0].Shape[0];
        double[] given = noise?.Load() ?? [], y = new double[soft.Count], oneHot = new double[soft.Count];
        for (int t = 0; t < tasks; t++)
        {
            double[] x = logits[t].Load();
            for (int b = 0; b < blocks; b++)
            {
                double Noise(int c) => streams is null ? given[(((t * blocks) + b) * 2) + c] : streams[t].Gumbel((ulong)((2 * b) + c));
                double select = (x[2 * b] + Noise(0)) / temperature, skip = (x[(2 * b) + 1] + Noise(1)) / temperature;
                int row = 2 * ((b * tasks) + t);
                y[row] = 1 / (1 + Math.Exp(skip - select));
                y[row + 1] = 1 / (1 + Math.Exp(select - skip));
                oneHot[select >= skip ? row : row + 1] = 1;
            }
        }

        soft.Store(y);
        hard?.Store(oneHot);
    }

    /// <inheritdoc/>
    public void GumbelGatesBackward(Tensor soft, double temperature, Tensor gradOutput, IReadOnlyList<Target> gradLogits)
    {
        backend.Count(nameof(backend.Gate));
        double[] y = soft.Load(), dy = gradOutput.Load();
        int tasks = gradLogits.Count, blocks = soft.Shape[0] / tasks;
        for (int t = 0; t < tasks; t++)
        {
            var dx = new double[2 * blocks];
            for (int b = 0; b < blocks; b++)
            {
                int row = 2 * ((b * tasks) + t);
                dx[2 * b] = y[row] * y[row + 1] * (dy[row] - dy[row + 1]) / temperature;
                dx[(2 * b) + 1] = -dx[2 * b];
            }

            gradLogits[t].Tensor?.Store(dx, gradLogits[t].Accumulate);
        }
    }

    /// <inheritdoc/>
    public void GatedResidual(Tensor branch, Tensor residual, Tensor gates, Tensor output)
    {
        backend.Count(nameof(backend.Gate));
        double[] f = branch.Load(), r = residual.Load(), p = gates.Load(), y = new double[output.Count];
        int stream = y.Length / gates.Shape[0];
        for (int o = 0; o < y.Length; o++)
        {
            int i = o % f.Length, s = o / stream;
            y[o] = (p[2 * s] * Math.Max(r[i] + f[i], 0)) + (p[(2 * s) + 1] * r[i]);
        }

        output.Store(y);
    }

    /// <inheritdoc/>
    public void GatedResidualBackward(Tensor branch, Tensor residual, Tensor gates, Tensor gradOutput, Target gradBranch, Target gradResidual, Target gradGates)
    {
        backend.Count(nameof(backend.Gate));
        double[] f = branch.Load(), r = residual.Load(), p = gates.Load(), dy = gradOutput.Load();
        double[] df = new double[f.Length], dr = new double[r.Length], dp = new double[p.Length];
        int stream = dy.Length / gates.Shape[0];
        for (int o = 0; o < dy.Length; o++)
        {
            // A shared input has as many elements as one stream, so the remainder names its element for every stream.
            int i = o % f.Length, s = o / stream;
            double open = r[i] + f[i] > 0 ? 1 : 0;
            df[i] += dy[o] * p[2 * s] * open;
            dr[i] += dy[o] * ((p[2 * s] * open) + p[(2 * s) + 1]);
            dp[2 * s] += dy[o] * (r[i] + f[i]) * open;
            dp[(2 * s) + 1] += dy[o] * r[i];
        }

        gradBranch.Tensor?.Store(df, gradBranch.Accumulate);
        gradResidual.Tensor?.Store(dr, gradResidual.Accumulate);
        gradGates.Tensor?.Store(dp, gradGates.Accumulate);
    }
}
