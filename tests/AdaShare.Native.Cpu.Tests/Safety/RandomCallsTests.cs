using AdaShare.Native.Engine.Errors;
using FsCheck;
using FsCheck.Fluent;

namespace AdaShare.Native.Cpu.Tests.Safety;

/// <summary>
/// Random sequences of calls of all that is public about tensors, steps, parameters and backends: each works or throws what the documentation says. Some hundred sequences by default; the
/// environment variable <see cref="CountVariable"/> asks for more.
/// </summary>
[TestFixture]
public sealed class RandomCallsTests
{
    /// <summary>How many sequences to run: 100000 for the long form.</summary>
    public const string CountVariable = "ADASHARE_CALL_SEQUENCES";

    private const int Default = 500;
    private const int MostCalls = 40;

    private static int _calls;
    private static int _fine;

    [Test]
    public void Every_call_works_or_throws_what_is_documented()
    {
        int count = int.TryParse(Environment.GetEnvironmentVariable(CountVariable), out int asked) ? asked : Default;
        Arbitrary<int[]> sequences = Arb.From(
            Gen.Choose(0, int.MaxValue - 1).ArrayOf().Where(static calls => calls.Length <= MostCalls), static calls => Enumerable.Range(0, calls.Length).Select(i => (int[])[.. calls[..i], .. calls[(i + 1)..]]));
        Prop.ForAll(sequences, static calls =>
        {
            string? failure = Run(calls);
            return (failure is null).Label(failure ?? "fine");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(count).WithStartSize(10).WithEndSize(MostCalls).WithReplay(20261, 9));

        // Sequences that fail at every call would show nothing.
        Assert.That(_fine, Is.GreaterThan(_calls / 3), $"{_fine} of {_calls} calls went well");
    }

    /// <summary>Runs a sequence.</summary>
    /// <param name="calls">A number for each call, from which its kind and its arguments follow.</param>
    /// <returns>What went wrong, or null.</returns>
    private static string? Run(int[] calls)
    {
        using var world = new World(threads: calls.Length % 8 == 7 ? 2 : 1);
        var names = new List<string>();
        foreach (int call in calls)
        {
            var choices = new Choices(call);
            (string name, Action run) = Call(world, choices);
            names.Add(name);
            if (Failure(run) is { } failure)
            {
                return $"{string.Join(", ", names)}: {failure}";
            }
        }

        string? left = null;
        return (Failure(() => left = world.Finish()) ?? left) is { } end ? $"{string.Join(", ", names)}, and all given back: {end}" : null;
    }

    private static (string Name, Action Run) Call(World world, Choices choices)
    {
        if (choices.Below(5) < 3)
        {
            (string op, Func<World, Choices, Engine.Tensors.Tensor> run) = OpCalls.All[choices.Below(OpCalls.All.Count)];
            return (op, () => world.Keep(run(world, choices)));
        }

        (string name, Action<World, Choices> other) = OtherCalls.All[choices.Below(OtherCalls.All.Count)];
        return (name, () => other(world, choices));
    }

    private static string? Failure(Action run)
    {
        try
        {
            _calls++;
            run();
            _fine++;
            return null;
        }
        catch (InvalidOperationException error) when (error.Message.StartsWith("cpu: a ", StringComparison.Ordinal))
        {
            // The allocator's own findings: a write past the end of a block, a block returned twice.
            return error.Message;
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or AdaShareException)
        {
            return error is AdaShareException && error.Message.Contains('\n') ? $"the message has several lines: {error.Message}" : null;
        }
#pragma warning disable CA1031 // anything else is what the test looks for
        catch (Exception error)
#pragma warning restore CA1031
        {
            return error.ToString();
        }
    }
}
