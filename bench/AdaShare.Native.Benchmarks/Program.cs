using AdaShare.Native.Benchmarks.Commands;
using AdaShare.Native.Host;

return BenchmarkProgram.Invoke(args, HostContext.OfProcess());
