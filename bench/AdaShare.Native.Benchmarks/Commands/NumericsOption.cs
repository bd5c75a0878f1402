using System.CommandLine;

namespace AdaShare.Native.Benchmarks.Commands;

/// <summary><c>--numerics</c>: how convolutions and matrix products may round.</summary>
internal static class NumericsOption
{
    private static readonly string[] Names = ["exact", "fast", "bfloat16"];

    /// <summary>The option.</summary>
    public static Option<string> Create() => new("--numerics")
    {
        HelpName = "NAME",
        Description = "How convolutions may round: fast (Winograd on a CPU, TF32 on a GPU), exact, or on a GPU bfloat16.",
        DefaultValueFactory = static _ => "fast",
        CustomParser = static result =>
        {
            string name = result.Tokens[0].Value;
            if (!Names.Contains(name))
            {
                result.AddError($"--numerics is {name}; expected {string.Join(", ", Names[..^1])} or {Names[^1]}.");
            }

            return name;
        },
    };
}
