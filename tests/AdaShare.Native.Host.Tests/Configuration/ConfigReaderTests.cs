using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Host.Tests.Configuration;

[TestFixture]
internal sealed class ConfigReaderTests
{
    [Test]
    public void The_official_file_is_read_as_it_is()
    {
        RunConfig config = Read(OfficialFiles.ThreeTasks);
        AdaShareOptions options = config.Options<AdaShareOptions>();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(config.ExpName, Is.EqualTo("NYU_v2_3Task_pretrain"));
            Assert.That(config.Seed, Has.Count.EqualTo(16));
            Assert.That(config.Seed[6], Is.EqualTo(2048));
            Assert.That(config.Backbone, Is.EqualTo("ResNet34"));
            Assert.That(config.Tasks, Is.EqualTo(new[] { "seg", "sn", "depth" }));
            Assert.That(config.TasksNumClass, Is.EqualTo(new[] { 40, 3, 1 }));
            Assert.That(config.Lambdas, Is.EqualTo(new[] { 1.0, 20.0, 3.0 }));
            Assert.That(config.Paths.CheckpointDir, Is.EqualTo("/research/checkpoints"));
            Assert.That(config.Dataload.Dataroot, Is.EqualTo("/scratch/datasets/nyu_v2"));
            Assert.That(config.Dataload.CropH, Is.EqualTo(321));
            Assert.That(config.Method, Is.EqualTo("adashare"));
            Assert.That(options.InitNegLogits, Is.Null);
            Assert.That(options.CurriculumSpeed, Is.EqualTo(3));
            Assert.That(options.FixBatchNorm, Is.False);
            Assert.That(options.InitTemp, Is.EqualTo(5.0));
            Assert.That(options.RegWHamming, Is.EqualTo(0.05));
            Assert.That(options.DecayTempFreq, Is.EqualTo(100));
            Assert.That(options.WhichIter, Is.EqualTo("warmup"));
            Assert.That(config.Test.WhichIter, Is.EqualTo("best"));
        }
    }

    [Test]
    public void What_a_file_leaves_out_keeps_its_default()
    {
        RunConfig config = Read("train:\n  lr: 0.5\n");
        Assert.That(config.Train.Lr, Is.EqualTo(0.5));
        Assert.That(config.Train.BatchSize, Is.EqualTo(new RunConfig().Train.BatchSize));
    }

    [TestCase("")]
    [TestCase("# only a remark\n")]
    [TestCase("train:\npaths:\n")]
    public void Empty_files_and_sections_change_nothing(string text) => Assert.That(ConfigWriter.Write(Read(text)), Is.EqualTo(ConfigWriter.Write(new ConfigReader().Config)));

    [TestCase("is_sparse: true", true)]
    [TestCase("is_sparse: TRUE", true)]
    [TestCase("is_sparse: False", false)]
    [TestCase("is_sparse: no", false)]
    public void Truth_values_are_read_in_every_spelling(string text, bool expected) => Assert.That(Read(text).Options<AdaShareOptions>().IsSparse, Is.EqualTo(expected));

    [TestCase("policy: TRUE", "adashare")]
    [TestCase("policy: no", "hard_sharing")]
    public void The_official_switch_chooses_the_method(string text, string expected) => Assert.That(Read(text).Method, Is.EqualTo(expected));

    [TestCase("train:\n  lr: 1", 1.0)]
    [TestCase("train:\n  lr: 1e-3", 0.001)]
    [TestCase("train:\n  lr: .5", 0.5)]
    [TestCase("train:\n  lr: 2.5E-4", 0.00025)]
    public void Numbers_are_read_in_every_spelling(string text, double expected) => Assert.That(Read(text).Train.Lr, Is.EqualTo(expected));

    [Test]
    public void Block_lists_are_lists() => Assert.That(Read("tasks:\n  - seg\n  - depth\n").Tasks, Is.EqualTo(new[] { "seg", "depth" }));

    [TestCase("train:\n  batchsize: 4\n", "my.yaml, line 2: unknown key train.batchsize; the nearest known key is train.batch_size")]
    [TestCase("exp_nam: x\n", "my.yaml, line 1: unknown key exp_nam; the nearest known key is exp_name")]
    [TestCase("policy: True\nfix_bn: False\n", "my.yaml, line 2: unknown key fix_bn; the nearest known key is fix_BN")]
    [TestCase("batch_size: 4\n", "my.yaml, line 1: unknown key batch_size; it belongs in section train: train.batch_size")]
    [TestCase("train:\n  backbone: ResNet18\n", "my.yaml, line 2: unknown key train.backbone; it belongs at the top of the file, outside of every section: backbone")]
    [TestCase("dataload:\n  height: 4\n", "my.yaml, line 2: unknown key dataload.height; it belongs in section dataload.scenes: dataload.scenes.height")]
    [TestCase("dataload:\n  scenes:\n    widht: 4\n", "my.yaml, line 3: unknown key dataload.scenes.widht; the nearest known key is dataload.scenes.width")]
    public void Unknown_keys_name_the_place_and_the_nearest_known_key(string text, string message) => Expect(() => Read(text), message);

    [TestCase("train:\n  batch_size: many\n", "my.yaml, line 2: train.batch_size is many; expected a whole number")]
    [TestCase("train:\n  batch_size: 1.5\n", "my.yaml, line 2: train.batch_size is 1.5; expected a whole number")]
    [TestCase("train:\n  batch_size: 99999999999\n", "my.yaml, line 2: train.batch_size is 99999999999; expected a whole number: the range is -2147483648 to 2147483647")]
    [TestCase("train:\n  batch_size:\n", "my.yaml, line 2: train.batch_size is nothing; expected a whole number")]
    [TestCase("train:\n  batch_size: '4'\n", "my.yaml, line 2: train.batch_size is the text \"4\"; expected a whole number")]
    [TestCase("train:\n  batch_size: [4]\n", "my.yaml, line 2: train.batch_size is the list [4]; expected a whole number")]
    [TestCase("train:\n  lr: fast\n", "my.yaml, line 2: train.lr is fast; expected a number")]
    [TestCase("train:\n  lr: .inf\n", "my.yaml, line 2: train.lr is .inf; expected a number: every number here is finite")]
    [TestCase("policy: maybe\n", "my.yaml, line 1: policy is maybe; expected True or False")]
    [TestCase("tasks: seg, sn\n", "my.yaml, line 1: tasks is seg, sn; expected a list of names such as [seg, sn]")]
    [TestCase("tasks: {seg: 1}\n", "my.yaml, line 1: tasks is a section; expected a list of names such as [seg, sn]")]
    [TestCase("lambdas: [1, big]\n", "my.yaml, line 1: lambdas is the list [1, big]; expected a list of numbers such as [1, 20]")]
    [TestCase("init_neg_logits: low\n", "my.yaml, line 1: init_neg_logits is low; expected a number or nothing")]
    [TestCase("train: 5\n", "my.yaml, line 1: train is 5; expected keys with values, such as batch_size: ...")]
    [TestCase("backbone:\n  name: x\n", "my.yaml, line 2: backbone is a section; expected a text")]
    [TestCase("- a\n- b\n", "my.yaml, line 1: the file is the list [a, b]; expected keys with values, such as method: ...")]
    public void Wrong_types_name_the_key_the_value_and_the_type(string text, string message) => Expect(() => Read(text), message);

    [TestCase("train: {lr: 1\n")]
    [TestCase("policy: True\n  policy: [\n")]
    [TestCase("a: \"open\n")]
    public void What_is_not_yaml_is_said_in_one_line(string text)
    {
        string message = Assert.Throws<ConfigurationException>(() => Read(text))!.Message;
        Assert.That(message, Does.StartWith("my.yaml, line ").And.Contains("this is not YAML").And.Not.Contains("\n"));
    }

    [TestCase("seed: 88", 88)]
    [TestCase("seed: [88]", 88)]
    [TestCase("seed:\n  - 88", 88)]
    public void A_single_value_is_a_list_of_one(string text, long seed) => Assert.That(Read(text).Seed, Is.EqualTo(new[] { seed }));

    [TestCase("seg")]
    [TestCase("[seg]")]
    [TestCase("'seg'")]
    public void A_single_name_is_a_list_of_one_on_the_command_line_too(string value)
    {
        var reader = new ConfigReader();
        reader.ReadAssignment($"tasks={value}");
        Assert.That(reader.Config.Tasks, Is.EqualTo(new[] { "seg" }));
    }

    [Test]
    public void A_long_value_is_shown_by_its_beginning()
    {
        string message = Assert.Throws<ConfigurationException>(() => Read($"train:\n  batch_size: {new string('1', 60_000)}\n"))!.Message;
        Assert.That(message, Is.EqualTo($"my.yaml, line 2: train.batch_size is {new string('1', 80)}... (60,000 characters); expected a whole number"));
        message = Assert.Throws<ConfigurationException>(() => Read("policy: \"a\\nb\\u2028\"\n"))!.Message;
        Assert.That(message, Is.EqualTo("my.yaml, line 1: policy is the text \"a\\u000ab\\u2028\"; expected True or False"));
    }

    [Test]
    public void A_missing_file_is_named() =>
        Expect(() => new ConfigReader().ReadFile("nowhere.yaml"), $"nowhere.yaml: there is no such file; --config expects a YAML file, --preset one of {string.Join(", ", PresetCatalog.Names)}");

    [Test]
    public void Assignments_reach_every_depth()
    {
        var reader = new ConfigReader();
        foreach (string assignment in new[] { "train.batch_size=4", "tasks=[seg,sn]", "dataload.scenes.width=80", "policy=False", "init_neg_logits=", "exp_name=a=b" })
        {
            reader.ReadAssignment(assignment);
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(reader.Config.Train.BatchSize, Is.EqualTo(4));
            Assert.That(reader.Config.Tasks, Is.EqualTo(new[] { "seg", "sn" }));
            Assert.That(reader.Config.Dataload.Scenes.Width, Is.EqualTo(80));
            Assert.That(reader.Config.Method, Is.EqualTo("hard_sharing"));
            Assert.That(reader.Config.ExpName, Is.EqualTo("a=b"));
            Assert.That(reader.IsGiven("train.batch_size"), Is.True);
            Assert.That(reader.IsGiven("train.lr"), Is.False);
        }
    }

    [TestCase("run #3")]
    [TestCase("#3")]
    [TestCase("a: b")]
    [TestCase("- a")]
    [TestCase("*a")]
    [TestCase("&a b")]
    [TestCase("!t")]
    [TestCase("C:\\data")]
    [TestCase("a\u2028b")]
    public void A_value_of_the_command_line_is_taken_as_it_stands(string value)
    {
        var reader = new ConfigReader();
        reader.ReadAssignment($"exp_name={value}");
        Assert.That(reader.Config.ExpName, Is.EqualTo(value));
    }

    [TestCase("exp_name=\"a # b\"", "a # b")]
    [TestCase("exp_name='a # b'", "a # b")]
    [TestCase("exp_name= a ", "a")]
    public void Quotes_and_blanks_around_a_value_are_no_part_of_it(string assignment, string expected)
    {
        var reader = new ConfigReader();
        reader.ReadAssignment(assignment);
        Assert.That(reader.Config.ExpName, Is.EqualTo(expected));
    }

    [TestCase("tasks=[seg] # sn", "--set tasks=[seg] # sn: a # outside of quotes begins a remark, which a value of the command line can't have; put the text with the # in quotes")]
    [TestCase("exp_name=\"a\" # b", "--set exp_name=\"a\" # b: a # outside of quotes begins a remark, which a value of the command line can't have; put the text with the # in quotes")]
    [TestCase("tasks=[&a seg, *a]", "--set tasks=[&a seg, *a]: the anchor &a is not supported; leave it out, and write the value at every place that needs it")]
    [TestCase("train={lr: 1, lr: 2}", "--set train={lr: 1, lr: 2}: lr is given a second time, after line 1; keep one of the two")]
    [TestCase("train.batch_size=010", "--set train.batch_size=010: train.batch_size is 010; expected a whole number: YAML 1.1 reads 010 as the octal number 8; write 8, or 10 if that is meant")]
    [TestCase("tasks=[seg", "--set tasks=[seg: this is not YAML: While parsing a flow sequence, did not find expected ',' or ']'")]
    [TestCase("train.batchsize=4", "--set train.batchsize=4: unknown key train.batchsize; the nearest known key is train.batch_size")]
    [TestCase("trian.lr=4", "--set trian.lr=4: unknown key trian; the nearest known key is train")]
    [TestCase("lr=4", "--set lr=4: unknown key lr; it belongs in section train: train.lr")]
    [TestCase("policy.lr=4", "--set policy.lr=4: policy is a key, not a section")]
    [TestCase("train.lr=x", "--set train.lr=x: train.lr is x; expected a number")]
    [TestCase("train.lr", "--set train.lr: expected key=value, for example --set train.batch_size=4")]
    [TestCase("=4", "--set =4: expected key=value, for example --set train.batch_size=4")]
    public void Wrong_assignments_are_named(string assignment, string message) => Expect(() => new ConfigReader().ReadAssignment(assignment), message);

    private static RunConfig Read(string text)
    {
        var reader = new ConfigReader();
        reader.ReadText(text, "my.yaml");
        return reader.Config;
    }

    private static void Expect(Action code, string message) => Assert.That(Assert.Throws<ConfigurationException>(code)!.Message, Is.EqualTo(message));
}
