using System.Text.Json;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Methods.Tests.Runs;

/// <summary>Runs whose data have no validation part: the last network of each training is its result.</summary>
[TestFixture]
internal sealed class WithoutValidationTests
{
    private const string Sentence = "no validation part: the last checkpoint is used";

    [TestCase("hard_sharing", "final")]
    [TestCase("single_task", "final")]
    [TestCase("adashare", "retrain_0")]
    [TestCase("adashare_instance", "final")]
    [TestCase("den", "final")]
    public void The_last_network_is_the_result_to_the_bit(string method, string checkpoint)
    {
        using TinyTraining without = new() { Validation = 0 }, with = new();
        RunConfig config = Config(method), latest = Config(method);
        latest.Test.WhichIter = "latest";
        RunFolder blind = without.NewFolder(), seeing = with.NewFolder();
        var observer = new Recorder();

        MetricsFile metrics = without.Train(config, blind, observer), expected = with.Train(latest, seeing);

        Dictionary<string, double[]> last = without.State(config, blind.Checkpoint(checkpoint)), same = with.State(latest, seeing.Checkpoint(checkpoint));
        Assert.That(last, Is.EqualTo(same));
        Assert.That(metrics.Final.Metrics, Is.EqualTo(expected.Final.Metrics));
        Assert.That((metrics.Final.Score, metrics.Final.Step, metrics.Selection), Is.EqualTo(((double?)null, (long)TinyTraining.Steps, Sentence)));
        Assert.That(expected.Selection, Is.Null);
        Assert.That(observer.Validations, Is.Empty);
        Assert.That(observer.Notices.Count(static notice => notice == Sentence), Is.EqualTo(1));
        Assert.That(File.ReadLines(blind.Log).Select(static line => JsonDocument.Parse(line).RootElement), Has.None.Matches<JsonElement>(static entry => entry.TryGetProperty("validation", out _)));
        Assert.That(File.ReadLines(seeing.Log), Has.Some.Contains("\"validation\""), "what the line above looks for is what a validation is logged as");
        Assert.That(MetricsFile.Read(blind.Metrics).Selection, Is.EqualTo(Sentence));
    }

    [TestCase("hard_sharing", "final", false)]
    [TestCase("adashare", "retrain_0", false)]
    [TestCase("adashare", "retrain_0", true)]
    public void A_run_that_goes_on_gives_the_same_files(string method, string checkpoint, bool fromSearch)
    {
        using var training = new TinyTraining { Validation = 0 };
        RunConfig config = Config(method);
        config.Options<AdaShareOptions>().RetrainFromPl = fromSearch;

        training.RequireExactResume(config, [checkpoint]);
    }

    [TestCase("adashare")]
    [TestCase("adashare_rl")]
    public void Several_policies_can_not_be_chosen_among(string method)
    {
        using var training = new TinyTraining { Validation = 0 };
        RunFolder folder = training.NewFolder();

        Assert.That(() => training.Train(TinyTraining.Config(method), folder), Throws.TypeOf<ConfigurationException>().With.Message.EndsWith(
            "has no validation part (its share is 0): adashare.policies is 2, and the best of them is chosen on the validation part; set adashare.policies=1, or adashare.policies_from=arg_max for the likeliest policy alone"));
        Assert.That(Directory.EnumerateFileSystemEntries(folder.Path), Is.Empty, "nothing is written of a run that can't be");
        RunConfig likeliest = TinyTraining.Config(method);
        likeliest.Options<AdaShareOptions>().PoliciesFrom = AdaShareOptions.ArgMax;
        Assert.That(MethodRegistry.Get(method).NeedOfValidation(likeliest), Is.Null);
    }

    private static RunConfig Config(string method)
    {
        RunConfig config = TinyTraining.Config(method);
        config.Options<AdaShareOptions>().Policies = 1;
        config.Train.TotalIters = 8;
        return config;
    }
}
