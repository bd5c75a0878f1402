using AdaShare.Native.Campaigns.Fuzzing;

namespace AdaShare.Native.Campaigns.Tests;

/// <summary>The short form of the campaign on parsers, which runs with all tests.</summary>
public sealed class FuzzTests
{
    private const int Inputs = 600;

    [TestCaseSource(typeof(ParserCatalog), nameof(ParserCatalog.Names))]
    public void Mutated_files_are_read_or_refused_in_a_sentence(string parser)
    {
        using var folder = new TemporaryFolder();
        using StringWriter output = new(), error = new();
        var campaign = new FuzzCampaign(Repository.Corpus(null), folder.Path, output, error);
        bool clean = campaign.Run([parser], Inputs, seed: 1);
        FuzzResult result = campaign.Results.Single();
        Assert.Multiple(() =>
        {
            Assert.That(clean, $"{output}{error}");
            Assert.That(result.Inputs, Is.EqualTo(Inputs));
            Assert.That(result.Accepted, Is.Positive, "every mutation broke the file: nothing behind the first checks was tried");
            Assert.That(result.Refused, Is.Positive);
        });
    }

    [TestCaseSource(typeof(ParserCatalog), nameof(ParserCatalog.Names))]
    public void Files_of_the_corpus_are_valid(string name)
    {
        using var folder = new TemporaryFolder();
        Parser parser = ParserCatalog.Get([name]).Single();
        parser.Prepare(folder.Path);
        string[] files = Directory.GetFiles(Path.Combine(Repository.Corpus(null), name));
        Assert.That(files, Is.Not.Empty);
        foreach (string file in files)
        {
            string path = folder.File(parser.FileName);
            File.Copy(file, path, overwrite: true);
            Outcome outcome = Outcome.Of(parser, path);
            Assert.That(outcome.Kind, Is.EqualTo(OutcomeKind.Accepted), $"{file}: {outcome.Error}");
        }
    }

    [Test]
    public void A_seed_tries_the_same_inputs()
    {
        (long, long, long) Run(int seed)
        {
            using var folder = new TemporaryFolder();
            var campaign = new FuzzCampaign(Repository.Corpus(null), folder.Path, TextWriter.Null, TextWriter.Null);
            campaign.Run(["npy"], 400, seed);
            return (campaign.Results[0].Accepted, campaign.Results[0].Refused, campaign.Results[0].Kept);
        }

        (long, long, long) first = Run(5), again = Run(5), other = Run(6);
        Assert.That(again, Is.EqualTo(first));
        Assert.That(other, Is.Not.EqualTo(first));
    }

    [Test]
    public void A_parser_that_fails_is_reported_and_its_input_kept()
    {
        using var folder = new TemporaryFolder();
        Parser broken = ParserCatalog.Get(["set"]).Single() with { Read = static path => File.ReadAllBytes(path).Length > 12 ? throw new InvalidOperationException("not thought of") : 0 };
        using var error = new StringWriter();
        FuzzResult result = new ParserFuzzer(broken, ["exp_name=a"u8.ToArray()], folder.Path, error).Run(300, seed: 1);
        Assert.That(result.OtherExceptions, Is.Positive.And.EqualTo(result.Failures));
        string[] kept = Directory.GetFiles(folder.File("failures"));
        Assert.That(kept, Has.Length.EqualTo(10), "five of a kind, each an input and its outcome");
        string outcome = File.ReadAllText(Directory.GetFiles(folder.File("failures"), "0000.out.txt").Single());
        Assert.That(outcome, Does.Contain("InvalidOperationException").And.Contain("not thought of"));
    }

    [Test]
    public void Time_and_memory_beyond_a_valid_file_are_failures()
    {
        Parser parser = ParserCatalog.Get(["png"]).Single();
        Outcome Of(long held, double seconds, long allocated, double waited = 0) => new(OutcomeKind.Refused, null, held, seconds, waited, allocated);
        Assert.Multiple(() =>
        {
            Assert.That(Of(0, 0.1, 1 << 20).Fault(parser, 65), Is.Null);
            Assert.That(Of(0, 1.1, 1 << 20).Fault(parser, 65), Does.Contain("1.10 s"));
            Assert.That(Of(0, 0, 0, waited: 61).Fault(parser, 65), Does.Contain("waited"));
            Assert.That(Of(0, 0.1, 65L << 20).Fault(parser, 65), Does.Contain("a valid file of 65 bytes"));
            Assert.That(Of(16L << 20, 0.1, 65L << 20).Fault(parser, 65), Is.Null, "what was decoded may be held");
        });
    }

    [Test]
    public void What_can_not_run_says_why()
    {
        using StringWriter output = new(), error = new();
        Assert.That(CommandLine.Invoke(["fuzz", "--parser", "gif"], output, error), Is.EqualTo(CommandLine.Failure));
        Assert.That(error.ToString(), Does.Contain("gif").And.Contain("safetensors"));
    }
}
