using AdaShare.Native.Host;
using AdaShare.Native.Host.Entry;

return CommandLine.Invoke(args, HostContext.OfProcess());
