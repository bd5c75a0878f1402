using System.CommandLine;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare completion</c>: what makes a shell complete this program's commands, options and names.</summary>
public static class CompletionCommand
{
    // Each asks this program, through System.CommandLine's directive, what could stand at the cursor. Files are completed by the shell.
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            # adashare completion bash >> ~/.bashrc
            _adashare() {
                local IFS=$'\n'
                COMPREPLY=($(compgen -W "$(adashare "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _adashare adashare
            """,
        ["zsh"] = """
            # adashare completion zsh >> ~/.zshrc
            _adashare() {
                local suggested="$(adashare "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)"
                reply=("${(@f)suggested}")
            }
            compctl -K _adashare -f adashare
            """,
        ["fish"] = """
            # adashare completion fish > ~/.config/fish/completions/adashare.fish
            complete -c adashare -a '(adashare "[suggest:"(commandline -C)"]" (commandline -p) 2>/dev/null)'
            """,
        ["pwsh"] = """
            # adashare completion pwsh >> $PROFILE
            Register-ArgumentCompleter -Native -CommandName adashare -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                adashare "[suggest:$cursorPosition]" "$commandAst" | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }
            """,
    };

    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var shell = new Argument<string>("SHELL") { Description = $"The shell: {string.Join(", ", Scripts.Keys)}." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command("completion", "Prints the lines that make a shell complete commands, options and names.") { shell };
        command.SetAction(parsed =>
        {
            host.Output.WriteLine(Scripts[parsed.GetRequiredValue(shell)].ReplaceLineEndings("\n"));
            return ExitCode.Success;
        });
        return command;
    }
}
