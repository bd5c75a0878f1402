namespace AdaShare.Native.Cuda.Graphs;

/// <summary>What became of the steps that were run by key.</summary>
/// <param name="OpByOp">Steps whose commands were launched one by one.</param>
/// <param name="Captured">Steps for which a CUDA graph was recorded.</param>
/// <param name="Replayed">Steps that a graph recorded earlier has done.</param>
/// <param name="Failure">Why the driver or a library refused to record, or null; steps of that key run op by op.</param>
public sealed record StepStatistics(long OpByOp, long Captured, long Replayed, string? Failure);
