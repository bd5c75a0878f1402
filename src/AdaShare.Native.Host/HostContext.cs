using System.Text;
using AdaShare.Native.Cuda.Search;
using Spectre.Console;

namespace AdaShare.Native.Host;

/// <summary>What a command has around it: its output, its errors, and the wish that it stop.</summary>
public sealed class HostContext
{
    /// <summary>The width of tables where there is no terminal to ask.</summary>
    public const int PlainWidth = 140;

    private HostContext(TextWriter output, TextWriter error, IAnsiConsole console, bool isTerminal, CancellationToken stop) =>
        (Output, Error, Console, IsTerminal, Stop) = (output, error, console, isTerminal, stop);

    /// <summary>Standard output.</summary>
    public TextWriter Output { get; }

    /// <summary>Standard error.</summary>
    public TextWriter Error { get; }

    /// <summary>Standard output for tables and progress bars.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Whether the output is a terminal, so that bars can move.</summary>
    public bool IsTerminal { get; }

    /// <summary>Cancelled when whoever embeds the command wants it to stop.</summary>
    public CancellationToken Stop { get; }

    /// <summary>Finds the libraries of CUDA, or why they can't be used; called only by commands that may compute on a GPU. Those of this machine, unless an embedding program has its own.</summary>
    public Func<CudaSearch> Cuda { get; private init; } = CudaSearch.Find;

    /// <summary>The process's own streams.</summary>
    public static HostContext OfProcess()
    {
        if (System.Console.IsOutputRedirected)
        {
            var plain = new StreamWriter(System.Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true };
            return Plain(plain, System.Console.Error);
        }

        return new HostContext(System.Console.Out, System.Console.Error, AnsiConsole.Console, AnsiConsole.Profile.Capabilities.Interactive, CancellationToken.None);
    }

    /// <summary>The same surroundings with other libraries of CUDA.</summary>
    public HostContext With(Func<CudaSearch> cuda) => new(Output, Error, Console, IsTerminal, Stop) { Cuda = cuda };

    /// <summary>The same surroundings with one more wish to stop.</summary>
    public HostContext StoppedBy(CancellationToken stop) =>
        new(Output, Error, Console, IsTerminal, CancellationTokenSource.CreateLinkedTokenSource(Stop, stop).Token) { Cuda = Cuda };

    /// <summary>Streams without a terminal: files, pipes, tests.</summary>
    public static HostContext Plain(TextWriter output, TextWriter error, CancellationToken stop = default)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = PlainWidth;
        console.Profile.Capabilities.Unicode = true;
        return new HostContext(output, error, console, false, stop);
    }
}
