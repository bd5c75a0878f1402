using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.CudaSimulation.Cudnn;

/// <summary>
/// The engines that the simulated cuDNN offers: one that is exact, and those that a backend must know to avoid or to survive. They differ in what they do to numbers, not in how they run.
/// </summary>
/// <param name="Index">The global index.</param>
/// <param name="Notes">What it says of itself.</param>
/// <param name="HasPlans">Whether plans of it can be finalized: heuristics of the real library name some that can't.</param>
/// <param name="WorkspaceBytes">The workspace that a plan needs.</param>
/// <param name="Knob">A knob that its configurations carry, or null.</param>
internal sealed record SimulatedEngine(long Index, CudnnNumericalNote[] Notes, bool HasPlans, long WorkspaceBytes, long? Knob)
{
    /// <summary>Adds products of floats in a fixed order.</summary>
    public static SimulatedEngine Exact { get; } = new(0, [], true, 1024, null);

    /// <summary>Tensor cores: floats are rounded to TF32 first.</summary>
    public static SimulatedEngine TensorCore { get; } = new(1, [CudnnNumericalNote.TensorCore], true, 65536, 3);

    /// <summary>Adds in an order that changes.</summary>
    public static SimulatedEngine Nondeterministic { get; } = new(2, [CudnnNumericalNote.Nondeterministic], true, 0, null);

    /// <summary>Winograd's transform.</summary>
    public static SimulatedEngine Winograd { get; } = new(3, [CudnnNumericalNote.Winograd, CudnnNumericalNote.WinogradTile4x4], true, 4096, null);

    /// <summary>Named by the heuristics, and then not able to do the work.</summary>
    public static SimulatedEngine Unable { get; } = new(4, [], false, 0, null);

    private static readonly SimulatedEngine[] All = [Exact, TensorCore, Nondeterministic, Winograd, Unable];

    /// <summary>The engine with an index, or null.</summary>
    public static SimulatedEngine? Find(long index) => Array.Find(All, engine => engine.Index == index);

    /// <summary>What the heuristics name, best first.</summary>
    public static SimulatedEngine[] Heuristics(CudnnHeuristicMode mode) => mode == CudnnHeuristicMode.A ? [TensorCore, Winograd, Nondeterministic, Unable, Exact] : [Exact];
}
