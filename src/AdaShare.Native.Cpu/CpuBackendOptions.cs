namespace AdaShare.Native.Cpu;

/// <summary>How convolutions may round.</summary>
public enum NumericsMode
{
    /// <summary>Every product of the definition is computed and summed as it stands: errors of a few units in the last place of the largest output.</summary>
    Exact,

    /// <summary>
    /// 3x3 convolutions of stride 1 may use Winograd's F(4x4, 3x3) where that is cheaper: up to four times fewer multiplications, errors ten to twenty times larger.
    /// </summary>
    Fast,
}

/// <summary>What an embedding program can choose about the CPU backend.</summary>
public sealed record CpuBackendOptions
{
    /// <summary>Set to 1, the environment variable turns <see cref="PoisonMemory"/> on.</summary>
    public const string PoisonVariable = "ADASHARE_CPU_POISON";

    /// <summary>The threads that compute, the calling one included; at least 1. Results do not depend on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>How convolutions may round.</summary>
    public NumericsMode Numerics { get; init; } = NumericsMode.Exact;

    /// <summary>Whether new and freed memory is filled with bytes of 255 (NaN, -1), so that reads of memory nobody wrote show. For debugging: it costs a pass over every buffer.</summary>
    public bool PoisonMemory { get; init; } = Environment.GetEnvironmentVariable(PoisonVariable) == "1";

    /// <summary>
    /// The vector registers that matrix and convolution kernels compute in; one that the processor lacks is an error. Results differ in the last bits from width to width.
    /// Batch norms and biases with ReLU compute in 512 bits where these are used, otherwise in 256 like all else.
    /// </summary>
    public VectorWidth VectorWidth { get; init; } = VectorWidth.Auto;
}
