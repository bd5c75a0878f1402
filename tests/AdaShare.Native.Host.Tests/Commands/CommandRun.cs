using AdaShare.Native.Cuda.Search;
using AdaShare.Native.Host.Entry;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>A command line that was run in this process, with what it wrote.</summary>
/// <param name="ExitCode">What it returned.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    /// <summary>The lines of standard error.</summary>
    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public static CommandRun Of(params string[] args) => Of(CancellationToken.None, args);

    public static CommandRun Of(CancellationToken stop, params string[] args) => Of(CudaSearch.Find, stop, args);

    /// <summary>With libraries of CUDA other than those of this machine.</summary>
    public static CommandRun Of(Func<CudaSearch> cuda, CancellationToken stop, params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = CommandLine.Invoke(args, HostContext.Plain(TextWriter.Synchronized(output), TextWriter.Synchronized(error), stop).With(cuda));
        return new CommandRun(code, output.ToString(), error.ToString());
    }
}
