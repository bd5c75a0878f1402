using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Host.Configuration;

/// <summary>A configuration that has been read and checked.</summary>
/// <param name="Config">The configuration.</param>
/// <param name="Notices">What is worth a line before the run starts: how the losses were chosen, keys without effect.</param>
public sealed record LoadedConfig(RunConfig Config, IReadOnlyList<string> Notices);
