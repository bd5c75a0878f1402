using System.CommandLine;
using AdaShare.Native.Campaigns.Fuzzing;
using AdaShare.Native.Campaigns.Killing;
using AdaShare.Native.Methods;

namespace AdaShare.Native.Campaigns;

/// <summary>The tool's command line: <c>fuzz</c>, <c>kill</c> and <c>corpus</c>.</summary>
public static class CommandLine
{
    /// <summary>The campaign ran clean.</summary>
    public const int Success = 0;

    /// <summary>The campaign found something, or could not run.</summary>
    public const int Failure = 1;

    /// <summary>Runs the tool.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="output">Where results go.</param>
    /// <param name="error">Where complaints go.</param>
    /// <returns>The exit code.</returns>
    public static int Invoke(string[] args, TextWriter output, TextWriter error)
    {
        var command = new RootCommand("Campaigns that can be repeated: the same seed tries the same inputs and aims at the same moments.") { Fuzz(output, error), Kill(output, error), Corpus(output, error) };
        return command.Parse(args).Invoke(new InvocationConfiguration { Output = output, Error = error });
    }

    private static Command Fuzz(TextWriter output, TextWriter error)
    {
        var parser = new Option<string[]>("--parser") { HelpName = "NAME", AllowMultipleArgumentsPerToken = true, Description = $"The parsers to try: {string.Join(", ", ParserCatalog.Names)}. Default: all." };
        var inputs = new Option<long>("--inputs") { HelpName = "N", DefaultValueFactory = static _ => 10_000, Description = "Mutated inputs for each parser." };
        var seed = new Option<int>("--seed") { HelpName = "S", DefaultValueFactory = static _ => 1, Description = "The seed of all mutations." };
        var folder = new Option<string>("--out") { HelpName = "DIR", DefaultValueFactory = static _ => "campaign-fuzz", Description = "Where inputs that fail are kept, each with its outcome." };
        Option<string?> corpus = CorpusFolder();
        var command = new Command("fuzz", "Mutates valid files and looks at what each parser makes of them.") { parser, inputs, seed, folder, corpus };
        command.SetAction(parsed => Guarded(error, () =>
        {
            var campaign = new FuzzCampaign(Repository.Corpus(parsed.GetValue(corpus)), parsed.GetRequiredValue(folder), output, error);
            return campaign.Run(parsed.GetValue(parser) ?? [], parsed.GetValue(inputs), parsed.GetValue(seed)) ? Success : Failure;
        }));
        return command;
    }

    private static Command Kill(TextWriter output, TextWriter error)
    {
        var kills = new Option<int>("--kills") { HelpName = "N", DefaultValueFactory = static _ => 10, Description = "Kills, all methods together." };
        var seed = new Option<int>("--seed") { HelpName = "S", DefaultValueFactory = static _ => 1, Description = "The seed of the moments." };
        var host = new Option<string?>("--host") { HelpName = "FILE", Description = "The program under test: adashare, or adashare.dll. Default: the one that was built with this tool." };
        var methods = new Option<string[]>("--method") { HelpName = "NAME", AllowMultipleArgumentsPerToken = true, Description = $"The methods to run: {string.Join(", ", MethodRegistry.Names)}. Default: all." };
        var study = new Option<bool>("--study") { Description = "Kills a study of two methods instead of single runs." };
        var folder = new Option<string>("--out") { HelpName = "DIR", DefaultValueFactory = static _ => "campaign-kill", Description = "A folder for the runs, missing or empty. What differs stays in it." };
        var command = new Command("kill", "Kills training at random moments, resumes it until it ends, and compares with a run that nothing disturbed.") { kills, seed, host, methods, study, folder };
        command.SetAction(parsed => Guarded(error, () =>
        {
            var program = HostProgram.Find(parsed.GetValue(host));
            IReadOnlyList<KillSubject> subjects = parsed.GetValue(study) ? [KillSubject.Study()] : KillSubject.Methods(parsed.GetValue(methods) ?? []);
            var campaign = new KillCampaign(program, parsed.GetRequiredValue(folder), output);
            return campaign.Run(subjects, parsed.GetValue(kills), parsed.GetValue(seed)) ? Success : Failure;
        }));
        return command;
    }

    private static Command Corpus(TextWriter output, TextWriter error)
    {
        Option<string?> corpus = CorpusFolder();
        var command = new Command("corpus", "Writes the small valid files that fuzzing starts from.") { corpus };
        command.SetAction(parsed => Guarded(error, () =>
        {
            string folder = Repository.Corpus(parsed.GetValue(corpus));
            int count = CorpusWriter.Write(folder);
            output.WriteLine($"wrote {count} files to {folder}");
            return Success;
        }));
        return command;
    }

    private static Option<string?> CorpusFolder() => new("--corpus") { HelpName = "DIR", Description = "The folder of the valid files. Default: tests/data/corpus of the repository around the current folder or this program." };

    private static int Guarded(TextWriter error, Func<int> run)
    {
        try
        {
            return run();
        }
        catch (CampaignException refused)
        {
            error.WriteLine(refused.Message);
            return Failure;
        }
    }
}
