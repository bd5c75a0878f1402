using AdaShare.Native.Host;
using AdaShare.Native.Host.Commands;

return CommandLine.Invoke(args, HostContext.OfProcess());
