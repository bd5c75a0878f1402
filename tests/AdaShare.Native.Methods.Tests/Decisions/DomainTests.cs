using AdaShare.Native.Cpu;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;
using AdaShare.Native.Methods.Tests.Domains;
using AdaShare.Native.Methods.Tests.Runs;

namespace AdaShare.Native.Methods.Tests.Decisions;

/// <summary>Methods that decide by rewards or per image, where tasks have images of their own.</summary>
public sealed class DomainTests
{
    private readonly RunFolders _folders = new();

    [OneTimeTearDown]
    public void RemoveFolders() => _folders.Dispose();

    [TestCase("adashare_instance")]
    [TestCase("adashare_rl")]
    [TestCase("blockdrop")]
    [TestCase("spottune")]
    [TestCase("den")]
    [TestCase("routing")]
    public void TasksMayHaveImagesOfTheirOwn(string method)
    {
        using var backend = new CpuBackend();
        RunConfig config = SmallRun.Config(method, "seg", "depth");
        (config.Train.TotalIters, config.Train.RetrainTotalIters) = (8, 1);
        AdaShareOptions options = config.Options<AdaShareOptions>();
        (options.WarmUpIters, options.WeightIterAlternate, options.AlphaIterAlternate, options.CurriculumSpeed, options.Policies) = (1, 1, 1, 1, 1);
        var steps = new List<StepRecord>();
        MetricsFile results = SmallRun.Train(backend, config, _folders.New(), new TwoDomains(), onStep: steps.Add);
        Assert.That(steps.Select(static s => s.Images), Is.All.EqualTo(2 * config.Train.BatchSize), "a batch of each part");
        Assert.That(steps.SelectMany(static s => s.Losses.Values).Append(steps.Sum(static s => s.MultiplyAdds)), Has.All.Not.NaN);
        Assert.That(results.Final.Metrics.Keys, Is.EquivalentTo(config.Tasks));
        if (results.Final.Decisions is { } decided)
        {
            // Two images of one task and three of the other: an image has one pass, in which nothing is shared.
            Assert.That(decided.Images, Is.EqualTo(5));
            Assert.That(decided.Executed, Is.EqualTo(decided.Passes).Within(1e-6).Or.LessThan(decided.Passes));
        }

        Assert.That(backend.Memory.LiveBuffers, Is.Zero, "a run leaves nothing behind");
    }
}
