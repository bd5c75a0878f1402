using AdaShare.Native.Bench;

return BenchServer.Serve(args);
