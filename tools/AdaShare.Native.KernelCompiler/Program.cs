using AdaShare.Native.KernelCompiler;

return CommandLine.Invoke(args, Console.Out, Console.Error);
