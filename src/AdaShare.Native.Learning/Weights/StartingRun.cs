using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Learning.Weights;

/// <summary>A network of another run, from whose weights a run starts.</summary>
/// <param name="Folder">The folder of that run.</param>
/// <param name="Checkpoint">The file of the network.</param>
/// <param name="Network">Its name for people.</param>
/// <param name="Config">The configuration of that run, which says what tasks the heads are of and what images it saw.</param>
/// <param name="Steps">Optimiser steps of all phases of that run so far, and of those before it that it started from in turn; null where nobody knows.</param>
public sealed record StartingRun(string Folder, string Checkpoint, string Network, RunConfig Config, long? Steps);
