using System.Numerics;
using System.Runtime.CompilerServices;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>The arithmetic of batch normalisation on numbers of channels, between the passes over rows, in double precision.</summary>
internal static unsafe class NormChannels<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Means and biased variances from sums of differences from the pivots (0 for float) and of their squares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Statistics(double* sums, double* squares, T* pivots, long rows, int channels, double* means, double* variances, T* savedMean)
    {
        double share = 1.0 / rows;
        for (int c = 0; c < channels; c++)
        {
            double offset = sums[c] * share;
            means[c] = typeof(T) == typeof(float) ? offset : Lanes.Double(pivots[c]) + offset;
            variances[c] = Math.Max(0, (squares[c] * share) - (offset * offset));
            savedMean[c] = Lanes.Round<T>(means[c]);
        }
    }

    /// <summary>1 / sqrt(variance + epsilon), rounded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void InverseStd(double* variances, double epsilon, T* inverseStd, int channels)
    {
        for (int c = 0; c < channels; c++)
        {
            inverseStd[c] = Lanes.Round<T>(1 / Math.Sqrt(variances[c] + epsilon));
        }
    }

    /// <summary>What a backward pass multiplies with: saved inverse deviations as they are, or those of running variances, rounded as the forward pass had them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void InverseStd(T* spread, bool areVariances, double epsilon, double* inverseStd, int count)
    {
        for (int i = 0; i < count; i++)
        {
            inverseStd[i] = Lanes.Double(areVariances ? Lanes.Round<T>(1 / Math.Sqrt(Lanes.Double(spread[i]) + epsilon)) : spread[i]);
        }
    }

    /// <summary>Moves running statistics towards those of the groups that count, in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Update(int* updates, int count, double* means, double* variances, double momentum, double unbias, T* runningMean, T* runningVariance, int channels)
    {
        for (int c = 0; c < channels; c++)
        {
            double m = Lanes.Double(runningMean[c]), v = Lanes.Double(runningVariance[c]);
            for (int u = 0; u < count; u++)
            {
                long i = ((long)updates[u] * channels) + c;
                m = ((1 - momentum) * m) + (momentum * means[i]);
                v = ((1 - momentum) * v) + (momentum * variances[i] * unbias);
            }

            runningMean[c] = Lanes.Round<T>(m);
            runningVariance[c] = Lanes.Round<T>(v);
        }
    }

    /// <summary>
    /// Tables of BN(x) = (x - mean) scale + shift, whose shift carries what the mean loses when it is rounded. The factor is that of the backward pass, so that both find ReLU
    /// open at the same elements.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FillForward(T* gamma, T* beta, double* means, T* inverseStd, NormTables<T> tables, int channels)
    {
        for (int c = 0; c < channels; c++)
        {
            double scale = Lanes.Double(gamma[c]) * Lanes.Double(inverseStd[c]);
            T mean = Lanes.Round<T>(means[c]);
            tables.Mean[c] = mean;
            tables.Scale[c] = Lanes.Round<T>(scale);
            tables.Shift[c] = Lanes.Round<T>(Lanes.Double(beta[c]) - ((means[c] - Lanes.Double(mean)) * scale));
        }

        tables.Repeat(channels, 0, NormTables<T>.Forward);
    }

    /// <summary>The same tables from saved statistics; no beta where ReLU's mask is not computed again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FillMask(T* gamma, T* beta, T* mean, double* inverseStd, NormTables<T> tables, int channels)
    {
        for (int c = 0; c < channels; c++)
        {
            tables.Mean[c] = mean[c];
            tables.Scale[c] = Lanes.Round<T>(Lanes.Double(gamma[c]) * inverseStd[c]);
            tables.Shift[c] = beta == null ? T.Zero : beta[c];
        }

        tables.Repeat(channels, 0, NormTables<T>.Forward);
    }

    /// <summary>Adds a cell's sums of dz and of dz (x - mean) to those of its group; see <see cref="BatchNormRows{T, TVector, TDoubles, TWidth}.GradientSums"/> for what the products are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddTotals(double* sums, double* products, double select, T* means, double* totalSums, double* totalProducts, int channels)
    {
        for (int c = 0; c < channels; c++)
        {
            totalSums[c] += select * sums[c];
            totalProducts[c] += select * (typeof(T) == typeof(float) ? products[c] - (Lanes.Double(means[c]) * sums[c]) : products[c]);
        }
    }

    /// <summary>The gradients of gamma and beta for one channel after the other.</summary>
    /// <param name="totals">[G, 2, C].</param>
    /// <param name="inverseStd">[G, C].</param>
    /// <param name="groups">G.</param>
    /// <param name="channels">C.</param>
    /// <param name="gradients">[2, C]: receives those of gamma, then those of beta.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradients(double* totals, double* inverseStd, int groups, int channels, double* gradients)
    {
        new Span<double>(gradients, 2 * channels).Clear();
        for (int g = 0; g < groups; g++, totals += 2L * channels, inverseStd += channels)
        {
            for (int c = 0; c < channels; c++)
            {
                gradients[c] += totals[channels + c] * inverseStd[c];
                gradients[channels + c] += totals[c];
            }
        }
    }

    /// <summary>
    /// dx = gamma s (dz - mean(dz) - xhat mean(dz xhat)), xhat = (x - mean) s, as factors of dz and x - mean and a constant; with constant statistics, rows = 0, only the
    /// first term is there.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FillGradient(T* gamma, double* inverseStd, double* totals, long rows, NormTables<T> tables, int channels)
    {
        double share = rows == 0 ? 0 : 1.0 / rows;
        for (int c = 0; c < channels; c++)
        {
            double scale = inverseStd[c], factor = Lanes.Double(gamma[c]) * scale;
            tables.OfGradient[c] = Lanes.Round<T>(factor);
            tables.OfInput[c] = Lanes.Round<T>(-factor * scale * scale * totals[channels + c] * share);
            tables.Constant[c] = Lanes.Round<T>(-factor * totals[c] * share);
        }

        tables.Repeat(channels, NormTables<T>.Forward, NormTables<T>.Backward);
    }

    /// <summary>Writes gradients, or adds them to what is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(double* gradients, double factor, T* target, bool accumulate, int count)
    {
        for (int i = 0; i < count; i++)
        {
            double value = factor * gradients[i];
            target[i] = Lanes.Round<T>(accumulate ? Lanes.Double(target[i]) + value : value);
        }
    }
}
