namespace AdaShare.Native.Engine.Profiling;

/// <summary>Where the time of some work goes, kernel by kernel; figures are means of one round of it.</summary>
/// <param name="Milliseconds">From the beginning to the end.</param>
/// <param name="Between">The part of it in which no kernel ran: the host's own work on a CPU, a device that waits for its host on a GPU.</param>
/// <param name="Rows">The kernels, the longest time first.</param>
public sealed record Profile(double Milliseconds, double Between, IReadOnlyList<ProfileRow> Rows)
{
    /// <summary>Multiply-adds that the work needs: of convolutions and matrix products, taps in the padding and what is only computed a second time left out.</summary>
    public long UsefulMultiplyAdds => Rows.Where(static row => !row.IsRecomputed).Sum(static row => row.MultiplyAdds);

    /// <summary>Bytes that a section copies from the host to the device.</summary>
    /// <param name="section">The section's name.</param>
    public long UploadBytes(string section) =>
        Rows.Where(row => row.Section == section && (row.Family, row.Kernel) == (ProfilingBackend.CopyFamily, ProfilingBackend.UploadKernel)).Sum(static row => row.Bytes);

    /// <summary>The milliseconds of the kernels of each section, in the order of the sections' first letters; kernels outside of all sections under an empty name.</summary>
    public IReadOnlyDictionary<string, double> Sections => Rows.GroupBy(static row => row.Section ?? "").OrderBy(static section => section.Key, StringComparer.Ordinal)
        .ToDictionary(static section => section.Key, static section => section.Sum(static row => row.Milliseconds));
}

/// <summary>The calls of one kernel with the same sizes in the same section.</summary>
/// <param name="Section">The part of the computation, or null outside of all; see <see cref="Backends.Backend.EnterSection"/>.</param>
/// <param name="IsRecomputed">Whether they do work a second time, see <see cref="Autograd.Step.Recompute"/>.</param>
/// <param name="Family">The op family, for example <c>convolution</c>.</param>
/// <param name="Kernel">The kernel within it, for example <c>forward</c>.</param>
/// <param name="Op">Family, kernel and sizes, for example <c>convolution forward 3x3 d6 512>1024 [16, 41, 41]</c>: kernel, dilation, channels, and batch, height and width of the output; otherwise the shape of the largest operand.</param>
/// <param name="Count">Calls.</param>
/// <param name="Milliseconds">Their time.</param>
/// <param name="MultiplyAdds">Their multiply-adds, taps in the padding left out; 0 but for convolutions and matrix products.</param>
/// <param name="Bytes">The bytes of their operands, each read or written once.</param>
public sealed record ProfileRow(string? Section, bool IsRecomputed, string Family, string Kernel, string Op, double Count, double Milliseconds, long MultiplyAdds, long Bytes)
{
    private const double Million = 1e6;

    /// <summary>Thousand millions of floating-point operations a second, two for a multiply-add.</summary>
    public double GflopPerSecond => Milliseconds > 0 ? 2 * MultiplyAdds / (Milliseconds * Million) : 0;

    /// <summary>Thousand millions of bytes a second.</summary>
    public double GigabytesPerSecond => Milliseconds > 0 ? Bytes / (Milliseconds * Million) : 0;
}
