using AdaShare.Native.Methods;

namespace AdaShare.Native.Campaigns.Killing;

/// <summary>Something to kill: a training run by a method, or a study.</summary>
/// <param name="Name">Its name in the table and of its folder.</param>
/// <param name="Begin">The arguments that start it.</param>
/// <param name="Resume">The arguments that go on with it.</param>
public sealed record KillSubject(string Name, IReadOnlyList<string> Begin, IReadOnlyList<string> Resume)
{
    /// <summary>The folder, below the one that the program runs in, that everything is written to.</summary>
    public const string Result = "result";

    private const string Run = "kill.yaml";
    private const string StudyOfTwo = "kill-study.yaml";

    private static readonly string[] Device = ["--device", "cpu", "--threads", "1"];

    // What a method can't do without; the others run by their defaults.
    private static readonly Dictionary<string, string> Needs = new() { ["fixed_policy"] = "fixed_policy.skip=seg:1,2;depth:3", ["random_policy"] = "random_policy.share=0.5" };

    /// <summary>Training runs, a method each.</summary>
    /// <param name="names">Methods; all that are registered for none.</param>
    /// <exception cref="CampaignException">A method is not registered.</exception>
    public static IReadOnlyList<KillSubject> Methods(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return [.. (names.Count == 0 ? MethodRegistry.Names : names).Select(static name => MethodRegistry.Names.Contains(name)
            ? OfMethod(name)
            : throw new CampaignException($"--method {name}: there is no such method; expected some of {string.Join(", ", MethodRegistry.Names)}"))];
    }

    /// <summary>A study of two methods with two seeds, which goes on when it is started again.</summary>
    public static KillSubject Study()
    {
        string[] arguments = ["study", StudyOfTwo, "--out", Result, .. Device];
        return new KillSubject("study", arguments, arguments);
    }

    /// <summary>Writes what the arguments name into the folder that the program runs in.</summary>
    public void Prepare(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (string name in (string[])[Run, StudyOfTwo])
        {
            using Stream text = typeof(KillSubject).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in the assembly");
            using FileStream file = File.Create(Path.Combine(folder, name));
            text.CopyTo(file);
        }
    }

    /// <summary>What to start: the beginning where nothing has been written that could be gone on with.</summary>
    public IReadOnlyList<string> Next(string folder) => File.Exists(Path.Combine(folder, Result, "config.yaml")) ? Resume : Begin;

    private static KillSubject OfMethod(string name)
    {
        string[] needs = Needs.TryGetValue(name, out string? assignment) ? ["--set", assignment] : [];
        return new KillSubject(name, ["train", "--config", Run, "--out", Result, .. Device, "--set", $"method={name}", .. needs], ["train", "--resume", Result, .. Device]);
    }
}
