using System.Text.Json.Nodes;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Checkpoints;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;
using AdaShare.Native.Methods.RandomPolicy;

namespace AdaShare.Native.Methods.Tests.Runs;

/// <summary>Runs whose final training goes on for more steps than they were started with.</summary>
public sealed class ExtensionTests
{
    private const int Before = 4, After = 8;

    private readonly RunFolders _folders = new();

    // Every way to a final network: one training, parts that are chosen by themselves, a warm-up before, a network that decides, a policy of the run, a search and several retrainings.
    public static IEnumerable<string> Methods => ["hard_sharing", "single_task", "spottune", "blockdrop", "den", "random_policy", "adashare", "adashare_instance"];

    [OneTimeTearDown]
    public void Remove() => _folders.Dispose();

    [TestCaseSource(nameof(Methods))]
    public void A_run_that_is_extended_equals_one_that_had_all_steps_from_the_start(string method)
    {
        using var training = new TinyTraining();
        RunFolder extended = _folders.New(), whole = _folders.New();
        Train(training, Config(method, Before), extended);
        Train(training, Config(method, After), extended, from: Before);
        Train(training, Config(method, After), whole);
        RequireEqual(extended, whole);
        JsonNode results = JsonNode.Parse(File.ReadAllText(extended.Metrics))!;
        Assert.That(results["extended"]!.AsArray().Select(static steps => (int)steps!), Is.EqualTo(new[] { Before }));
        Assert.That(File.Exists(extended.MetricsAfter(Before)), "the results of before are kept");
        Assert.That(MetricsFile.Read(extended.MetricsAfter(Before)).FinalSteps, Is.EqualTo(Before));
    }

    [TestCase("hard_sharing")]
    [TestCase("adashare")]
    public void An_extension_that_is_killed_and_stopped_anywhere_equals_one_that_is_not(string method)
    {
        using var training = new TinyTraining();
        RunFolder whole = _folders.New(), broken = _folders.New();
        Train(training, Config(method, Before), whole);
        Copy(whole, broken);
        Train(training, Config(method, After), whole, from: Before);

        // The first is killed between two checkpoints, and so loses a step.
        int left = 3;
        Assert.That(() => Train(training, Config(method, After), broken, from: Before, onStep: _ => { if (--left == 0) { throw new TimeoutException(); } }), Throws.TypeOf<TimeoutException>());
        for (int stops = 0; !Stopped(training, method, broken, 1 + (stops % 3)); stops++)
        {
            Assert.That(stops, Is.LessThan(40), "the run must come to an end");
        }

        foreach (string name in Names(whole))
        {
            Assert.That(File.ReadAllBytes(broken.Checkpoint(name)), Is.EqualTo(File.ReadAllBytes(whole.Checkpoint(name))), name);
        }

        Assert.That(Untimed.Metrics(broken.Metrics), Is.EqualTo(Untimed.Metrics(whole.Metrics)));
        Assert.That(Untimed.Log(broken.Log), Is.EqualTo(Untimed.Log(whole.Log)));
        Assert.That(File.Exists(broken.Policy) ? File.ReadAllText(broken.Policy) : "", Is.EqualTo(File.Exists(whole.Policy) ? File.ReadAllText(whole.Policy) : ""));
    }

    [Test]
    public void A_run_can_be_extended_twice_and_before_it_has_come_to_its_end()
    {
        using var training = new TinyTraining();
        RunFolder extended = _folders.New(), whole = _folders.New();
        Train(training, Config("hard_sharing", After), whole);
        using var source = new CancellationTokenSource();
        Assert.That(() => Train(training, Config("hard_sharing", Before), extended, onStep: _ => source.Cancel(), stop: source.Token), Throws.InstanceOf<OperationCanceledException>());
        Train(training, Config("hard_sharing", 6), extended, from: Before);
        Train(training, Config("hard_sharing", After), extended, from: 6);
        RequireEqual(extended, whole);
        Assert.That(MetricsFile.Read(extended.Metrics).Extended, Is.EqualTo(new long[] { Before, 6 }));
        Assert.That(RunRecord.Read(extended)!.Label.Extended, Is.EqualTo(new long[] { Before, 6 }));
    }

    [Test]
    public void Of_several_retrainings_those_that_ended_go_on_before_the_one_that_a_run_is_in()
    {
        using var training = new TinyTraining();
        RunFolder extended = _folders.New(), whole = _folders.New();
        Train(training, Config("adashare", After), whole);
        using var source = new CancellationTokenSource();
        void Stop(StepRecord record)
        {
            if (record.Phase is { Key: "retrain", Index: 1 } && record.Step == 1)
            {
                source.Cancel();
            }
        }

        Assert.That(() => Train(training, Config("adashare", Before), extended, onStep: Stop, stop: source.Token), Throws.InstanceOf<OperationCanceledException>());
        var phases = new List<(int, long)>();
        Train(training, Config("adashare", After), extended, from: Before, onStep: record => phases.Add((record.Phase.Index, record.Step)));
        Assert.That(phases.Take(phases.Count - After), Is.EqualTo(Enumerable.Range(Before + 1, After - Before).Select(static step => (0, (long)step)).Concat(Enumerable.Range(2, After - 1).Select(static step => (1, (long)step)))));
        RequireEqual(extended, whole);
    }

    [Test]
    public void The_last_checkpoint_says_first_that_a_run_is_extended_and_what_follows_is_done_by_whoever_goes_on()
    {
        using var training = new TinyTraining();
        RunFolder whole = _folders.New(), killed = _folders.New();
        Train(training, Config("random_policy", Before), whole);
        Copy(whole, killed);
        Train(training, Config("random_policy", After), whole, from: Before);

        // Killed behind the first write: config.yaml, policy.json and metrics.json are those of before.
        string before = File.ReadAllText(killed.Config);
        Assert.That(() => Trainer(training, Config("random_policy", After), killed, new Recorder { OnSaved = _ => throw new TimeoutException() }, from: Before), Throws.TypeOf<TimeoutException>());
        Assert.That(File.ReadAllText(killed.Config), Is.EqualTo(before));
        Assert.That(File.Exists(killed.Metrics));
        Assert.That(RunRecord.Read(killed)!.Label is { Configuration: "retrain_total_iters: 8", Extended: [Before] });

        Train(training, Config("random_policy", After), killed, resume: true);
        Assert.That(File.ReadAllText(killed.Config), Is.EqualTo(File.ReadAllText(whole.Config)).And.EqualTo("retrain_total_iters: 8"));
        Assert.That(Untimed.Metrics(killed.Metrics), Is.EqualTo(Untimed.Metrics(whole.Metrics)));
        Assert.That(File.Exists(killed.MetricsAfter(Before)));
    }

    [Test]
    public void A_run_that_kept_no_last_state_or_lost_it_is_refused_and_stays_as_it_is()
    {
        using var training = new TinyTraining();
        RunFolder without = _folders.New(), lost = _folders.New();
        RunConfig config = Config("hard_sharing", Before);
        config.Train.KeepLast = false;
        Train(training, config, without);
        Assert.That(Names(without), Has.None.StartsWith("last_"));
        RequireRefused<ConfigurationException>(training, without, "kept no state of its last step");

        Train(training, Config("hard_sharing", Before), lost);
        File.Delete(lost.Checkpoint("last_train_0"));
        RequireRefused<CheckpointException>(training, lost, "last_train_0.safetensors");
    }

    private static void RequireRefused<T>(TinyTraining training, RunFolder folder, string why)
        where T : Exception
    {
        var before = Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).ToDictionary(static file => file, File.ReadAllBytes);
        Assert.That(Assert.Throws<T>(() => Train(training, Config("hard_sharing", After), folder, from: Before))!.Message, Does.Contain(why).And.Contain("train --init"));
        Assert.That(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).ToDictionary(static file => file, File.ReadAllBytes), Is.EqualTo(before));
    }

    private static bool Stopped(TinyTraining training, string method, RunFolder folder, int steps)
    {
        using var source = new CancellationTokenSource();
        try
        {
            Train(training, Config(method, After), folder, resume: true, onStep: _ => { if (--steps == 0) { source.Cancel(); } }, stop: source.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>All tensors of all checkpoints, what the results say, and the log, whose order is that of the steps as they were taken.</summary>
    private static void RequireEqual(RunFolder extended, RunFolder whole)
    {
        Assert.That(Names(extended), Is.EquivalentTo(Names(whole)));
        foreach (string name in Names(whole).Append("latest"))
        {
            Assert.That(Tensors(extended, name), Is.EqualTo(Tensors(whole, name)), name);
        }

        static JsonObject Results(RunFolder folder)
        {
            JsonObject results = JsonNode.Parse(Untimed.Metrics(folder.Metrics))!.AsObject();
            results.Remove("extended");
            return results;
        }

        Assert.That(Results(extended).ToJsonString(), Is.EqualTo(Results(whole).ToJsonString()));
        Assert.That(Untimed.Log(extended.Log).Order(StringComparer.Ordinal), Is.EqualTo(Untimed.Log(whole.Log).Order(StringComparer.Ordinal)));
    }

    private static RunConfig Config(string method, int steps)
    {
        RunConfig config = TinyTraining.Config(method);
        config.Train.RetrainTotalIters = steps;
        config.Train.TotalIters = 6;
        if (method == "random_policy")
        {
            config.Options<RandomPolicyOptions>().Share = 0.25;
        }

        config.Options<AdaShareOptions>().CompareHardSharing = method == "adashare";
        return config;
    }

    private static void Train(
        TinyTraining training, RunConfig config, RunFolder folder, long? from = null, bool resume = false, Action<StepRecord>? onStep = null, CancellationToken stop = default) =>
        Trainer(training, config, folder, new Recorder { OnStep = onStep }, from, resume, stop);

    private static void Trainer(TinyTraining training, RunConfig config, RunFolder folder, Recorder recorder, long? from, bool resume = false, CancellationToken stop = default) => training.Train(
        config, folder, recorder, resume || from is not null, new RunTerms { Configuration = $"retrain_total_iters: {config.Train.FinalSteps}", ExtendsFrom = from }, stop);

    private static void Copy(RunFolder from, RunFolder to)
    {
        foreach (string file in Directory.GetFiles(from.Path, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to.Path, Path.GetRelativePath(from.Path, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private static string[] Names(RunFolder folder) =>
        [.. Directory.GetFiles(Path.GetDirectoryName(folder.Latest)!).Select(Path.GetFileNameWithoutExtension).OfType<string>().Where(static name => name != "latest").Order(StringComparer.Ordinal)];

    private static Dictionary<string, double[]> Tensors(RunFolder folder, string name)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(folder.Checkpoint(name));
        return file.ReadTensors().ToDictionary(static tensor => tensor.Name, static tensor => tensor.Read());
    }
}
