using System.Xml.Linq;
using AdaShare.Native.Data.Codecs;

namespace AdaShare.Native.Host.Tests.Commands;

[TestFixture]
internal sealed class PolicyCommandTests
{
    /// <summary>The policies that the official code publishes, with the multiply-adds of the paper (adashare.md, 2.4).</summary>
    [TestCase("nyu_v2_3task", "", "seg:6;sn:9,10,11;depth:5,10,11", "50.13 G", "55.59 G")]
    [TestCase("nyu_v2_3task", "tasks=[seg,depth] tasks_num_class=[19,1] lambdas=[1,20]", "seg:5,6,8,12;depth:2,9", "33.35 G", "37.06 G")]
    [TestCase("nyu_v2_2task", "", "seg:1;sn:5", "18.48 G", "19.71 G")]
    public void Published_policies_cost_what_was_published(string preset, string settings, string skip, string cost, string full)
    {
        string[] set = [.. settings.Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(setting => new[] { "--set", setting })];
        CommandRun run = CommandRun.Of(["policy", "--preset", preset, "--skip", skip, .. set]);
        Assert.That(run.Error, Is.Empty);
        Assert.That(run.Output, Does.Contain(cost).And.Contain(full).And.Contain("cost of one image of 224x224"));
    }

    [Test]
    public void The_three_task_network_has_the_published_number_of_state_entries() =>
        Assert.That(CommandRun.Of("policy", "--preset", "nyu_v2_3task").Output, Does.Contain("90,712,820"));

    [Test]
    public void The_size_of_the_image_can_be_chosen()
    {
        CommandRun run = CommandRun.Of("policy", "--preset", "nyu_v2_2task", "--size", "321x321", "--set", "tasks=[seg]", "--set", "tasks_num_class=[40]", "--set", "lambdas=[1]");
        Assert.That(run.Output, Does.Contain("cost of one image of 321x321").And.Contain("19.72 G"));
    }

    [Test]
    public void Tasks_with_images_of_their_own_share_no_computation()
    {
        CommandRun domains = CommandRun.Of("policy", "--preset", "pacs", "--set", "dataload.dataroot=nowhere"), scenes = CommandRun.Of("policy", "--preset", "quick");
        Assert.That(domains.Output, Does.Contain("cost of 4 images of 224x224, one for each group of tasks with images of its own"), domains.Error);
        string[] row = domains.Output.Split('\n').First(static line => line.Contains("hard sharing: backbone", StringComparison.Ordinal)).Split(['|', '│'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.That(row[2], Is.EqualTo(row[3]), "as executed and in K passes");
        Assert.That(scenes.Output, Does.Contain("cost of one image of 224x224 for all tasks"));
        string plan = CommandRun.Of("policy", "--preset", "pacs", "--set", "dataload.dataroot=nowhere", "--plan").Output;
        Assert.That(plan.Split("execution plan for evaluation").Length - 1, Is.EqualTo(4), "one for each domain");
        Assert.That(plan, Does.Not.Contain("shared by"));
    }

    [Test]
    public void The_plan_says_block_by_block_what_tasks_share()
    {
        string[] policy = ["policy", "--preset", "nyu_v2_3task", "--skip", "seg:6;sn:9,10,11;depth:5,10,11"];
        CommandRun run = CommandRun.Of([.. policy, "--plan"]);
        Assert.That(run.Error, Is.Empty);
        Assert.That(run.Output, Does.Contain("execution plan for evaluation: 3 tasks, 16 blocks")
            .And.Contain("block  5  seg+sn+depth: computed, shared by 2, skipped by depth")
            .And.Contain("block 10  seg: computed | sn: skipped | depth: skipped")
            .And.Contain("47.33 G of the 55.59 G multiply-adds of 3 full passes through the backbone at 224x224: 14.9 % saved"));
        Assert.That(CommandRun.Of(policy).Output, Does.Not.Contain("execution plan"));
    }

    [Test]
    public void A_policy_can_be_drawn_once()
    {
        string file = Path.Combine(Path.GetTempPath(), $"adashare-{Guid.NewGuid():n}.svg"), pixels = Path.ChangeExtension(file, ".png");
        try
        {
            string[] policy = ["policy", "--preset", "nyu_v2_3task", "--skip", "seg:6;sn:9,10,11;depth:5,10,11", "--svg", file, "--png", pixels];
            CommandRun run = CommandRun.Of(policy);
            Assert.That(run.Error, Is.Empty);
            var drawing = XDocument.Load(file);
            XElement[] cells = [.. drawing.Descendants().Where(static element => element.Name.LocalName == "rect" && element.HasElements)];
            Assert.That(cells.Count(static cell => cell.Value.EndsWith("skipped", StringComparison.Ordinal)), Is.EqualTo(7));
            Assert.That(cells.Count(static cell => cell.Attribute("fill")!.Value == "#ffffff"), Is.EqualTo(7));
            Assert.That(cells, Has.Length.EqualTo(3 * 16));
            Assert.That(drawing.ToString(), Does.Contain("50.13 G").And.Contain("sn, block 10: skipped"));
            Assert.That(CommandRun.Of(policy).Error, Does.Contain("already something of that name"));

            // The same drawing in pixels: a filled cell and an empty one where the vectors have them, and letters, which need no font of the machine.
            ByteImage painted = Png.Read(pixels);
            (int X, int Y) Middle(XElement cell) => ((int)(2 * ((double)cell.Attribute("x")! + 4)), (int)(2 * ((double)cell.Attribute("y")! + 4)));
            Assert.That((painted.Width, painted.Height), Is.EqualTo((2 * (int)drawing.Root!.Attribute("width")!, 2 * (int)drawing.Root.Attribute("height")!)));
            Assert.That(cells, Has.All.Matches<XElement>(cell => cell is not null && (painted.Pixels[3 * ((Middle(cell).Y * painted.Width) + Middle(cell).X)] == 255) == (cell.Attribute("fill")!.Value == "#ffffff")));
            int title = 0;
            for (int y = 20; y < 60; y++)
            {
                title += Enumerable.Range(32, 600).Count(x => painted.Pixels[3 * ((y * painted.Width) + x)] < 128);
            }

            Assert.That(title, Is.GreaterThan(500));
            Assert.That(CommandRun.Of("policy", "--preset", "nyu_v2_3task", "--svg", "a.svg", "--png", "a.svg").Error, Is.EqualTo("adashare: --svg and --png are both a.svg; expected two files\n"));
        }
        finally
        {
            File.Delete(file);
            File.Delete(pixels);
        }
    }

    [Test]
    public void Norms_of_each_task_and_bottlenecks_are_counted()
    {
        // Hand-derived: filters of 23,454,912 weights and batch norms over 26,560 channels, for each task their scale and shift; 4.087 G a pass, of which the stem's convolution, 0.118 G, is computed once.
        CommandRun run = CommandRun.Of("policy", "--preset", "nyu_v2_3task", "--set", "backbone=PlainResNet50", "--set", "model.batch_norm=per_task", "--plan");
        Assert.That(run.Error, Is.Empty);
        Assert.That(run.Output, Does.Contain("PlainResNet50, 3 tasks").And.Contain("23,614,272").And.Contain("12.03 G").And.Contain("12.26 G")
            .And.Contain("stem      seg+sn+depth: convolution computed, shared by 3; from its batch norm on, each task by itself"));
    }

    [TestCase("method=mtan model.batch_norm=per_task", "model.batch_norm is per_task; expected shared with method mtan, whose attention reads the features of one pass that all tasks share")]
    [TestCase("method=den backbone=ResNet50", "backbone is ResNet50; expected one of ResNet18, ResNet34, PlainResNet18, PlainResNet34, WideResNet28_10, WideResNet34_2 with method den, which masks the channels between the two convolutions of a basic block")]
    [TestCase("method=stochastic_depth stochastic_depth.keep_last=5", "stochastic_depth.keep_last is 5; expected a probability from 0 to 1")]
    [TestCase("method=cross_stitch", "method is cross_stitch, whose network has no blocks that a policy could skip")]
    public void What_can_not_be_costed_is_said_before_anything_is_shown(string settings, string message)
    {
        string[] set = [.. settings.Split(' ').SelectMany(setting => new[] { "--set", setting })];
        CommandRun run = CommandRun.Of(["policy", "--preset", "quick", .. set]);
        Assert.That(run.Error, Does.Contain(message).And.Not.Contain("unexpected"));
        Assert.That(run.Output, Is.Empty);
    }

    [Test]
    public void A_configuration_of_a_data_set_that_is_not_built_can_be_costed()
    {
        string file = Path.Combine(Path.GetTempPath(), $"adashare-{Guid.NewGuid():n}.yaml");
        File.WriteAllText(file, "backbone: ResNet34\ntasks: [\"seg\", \"depth\"]\ntasks_num_class: [19, 1]\nlambdas: [1, 20]\ndataload:\n  dataset: CityScapes\n");
        try
        {
            Assert.That(CommandRun.Of("policy", "--config", file, "--skip", "seg:5,6,8,12;depth:2,9").Output, Does.Contain("33.35 G"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public void What_images_decided_is_shown_where_the_network_decides()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"adashare-test-{Guid.NewGuid():N}");
        string[] small =
        [
            "method=blockdrop", "train.total_iters=2", "train.retrain_total_iters=1", "train.batch_size=2", "dataload.crop_h=32", "dataload.crop_w=32", "dataload.scenes.train1=4", "dataload.scenes.train2=2",
            "dataload.scenes.val=2", "dataload.scenes.test=2", "model.width=0.125", "model.head_width=0.01",
        ];
        try
        {
            CommandRun trained = CommandRun.Of(["train", "--out", folder, .. small.SelectMany(static value => new[] { "--set", value })]);
            Assert.That(trained.ExitCode, Is.Zero, trained.Error);
            CommandRun run = CommandRun.Of("policy", folder);
            Assert.That(run.ExitCode, Is.Zero, run.Error);
            Assert.That(run.Output, Does.Contain("what the 2 images of the test part decided").And.Contain("multiply-adds of an image of 32x32 ").And.Contain("depth %"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
