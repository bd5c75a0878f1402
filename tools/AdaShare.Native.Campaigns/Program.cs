using AdaShare.Native.Campaigns;
using AdaShare.Native.Campaigns.Fuzzing;

// Instrumented assemblies count from their first method on: the counters must be there before any of it runs.
Coverage.Install();
return CommandLine.Invoke(args, Console.Out, Console.Error);
