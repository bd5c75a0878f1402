using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Weightings;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Host.Tests.Configuration;

[TestFixture]
internal sealed class ConfigLoaderTests
{
    private string _file = "";

    [SetUp]
    public void CreateFile() => _file = Path.Combine(Path.GetTempPath(), $"adashare-{Guid.NewGuid():n}.yaml");

    [TearDown]
    public void DeleteFile() => File.Delete(_file);

    [Test]
    public void Every_preset_is_valid([ValueSource(nameof(ReadyPresets))] string preset)
    {
        bool needsData = preset != "quick";
        RunConfig config = ConfigLoader.Load(new ConfigRequest(null, preset, [], needsData ? "somewhere" : null)).Config;
        Assert.That(config.Dataload.Dataset != "Scenes", Is.EqualTo(needsData));
        Assert.That(() => ConfigLoader.LoadNetwork(new ConfigRequest(null, preset, [])), Throws.Nothing, "its network is known without data");
    }

    [TestCase("taskonomy_5task", true)]
    [TestCase("nyu_v2_3task", false)]
    public void The_official_mode_decodes_the_normals_that_the_official_loader_decodes(string preset, bool decoded) =>
        Assert.That(LossMode.DecodesNormals(ConfigLoader.Load(new ConfigRequest(null, preset, [], "somewhere")).Config), Is.EqualTo(decoded));

    [Test]
    public void The_default_preset_is_the_quick_one() => Assert.That(ConfigLoader.Load(new ConfigRequest(null, null, [])).Config.ExpName, Is.EqualTo("quick"));

    [Test]
    public void The_official_presets_say_what_the_official_files_say()
    {
        var reader = new ConfigReader();
        reader.ReadText(OfficialFiles.ThreeTasks, "official");
        RunConfig official = reader.Config;
        RunConfig preset = ConfigLoader.Load(new ConfigRequest(null, "nyu_v2_3task", [], official.Dataload.Dataroot)).Config;

        // The folders of the official authors' machines and the keys that nobody uses are left out of the preset; the losses are spelt out.
        (official.Paths, official.Loss.Mode) = (new PathsConfig(), "official");
        AdaShareOptions options = official.Options<AdaShareOptions>();
        (options.DecayTempFreq, options.WhichIter) = (null, null);
        Assert.That(ConfigWriter.Write(preset), Is.EqualTo(ConfigWriter.Write(official)));
    }

    [Test]
    public void The_two_task_preset_has_the_published_values()
    {
        RunConfig config = ConfigLoader.Load(new ConfigRequest(null, "nyu_v2_2task", [], "somewhere")).Config;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(config.Backbone, Is.EqualTo("ResNet18"));
            Assert.That(config.Lambdas, Is.EqualTo(new[] { 1.0, 20.0 }));
            Assert.That(config.Options<AdaShareOptions>().RegW, Is.EqualTo(0.05));
            Assert.That(config.Loss.Mode, Is.EqualTo("official"));
        }
    }

    [TestCase("fashion_mnist", "class,clothing", "class,class", "10,2")]
    [TestCase("pacs", "art_painting,cartoon,photo,sketch", "class,class,class,class", "7,7,7,7")]
    [TestCase("domainnet", "real,painting,quickdraw,clipart,infograph,sketch", "class,class,class,class,class,class", "345,345,345,345,345,345")]
    public void A_data_set_says_what_its_tasks_are(string preset, string tasks, string kinds, string channels)
    {
        RunConfig config = ConfigLoader.Load(new ConfigRequest(null, preset, [], "somewhere")).Config;
        Assert.That((string.Join(',', config.Tasks), string.Join(',', config.TaskKinds), string.Join(',', config.TasksNumClass)), Is.EqualTo((tasks, kinds, channels)));
        Assert.That(config.Lambdas, Is.EqualTo(config.Tasks.Select(static _ => 1.0)));
        Assert.That(() => ConfigLoader.Load(new ConfigRequest(null, preset, ["tasks=[hats]"], "somewhere")), Throws.TypeOf<ConfigurationException>().With.Message.Contains("has no task hats; it has"));
    }

    [Test]
    public void The_DomainNet_preset_has_the_published_values()
    {
        RunConfig config = ConfigLoader.Load(new ConfigRequest(null, "domainnet", [], "somewhere")).Config;
        AdaShareOptions options = config.Options<AdaShareOptions>();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((config.Train.BatchSize, config.Train.TotalIters, options.WarmUpIters, config.Train.FinalSteps), Is.EqualTo((32, 20000, 4000, 20000)));
            Assert.That((config.Train.Lr, config.Train.BackboneLr, config.Train.DecayLrFreq, config.Train.DecayLrRate), Is.EqualTo((1e-3, 1e-5, 2000, 0.3)));
            Assert.That((options.PolicyLr, options.RegW, options.RegWHamming, options.CurriculumSpeed), Is.EqualTo((0.01, 0.01, 0.1, 1)));
            Assert.That((options.WeightIterAlternate ?? 0, options.AlphaIterAlternate ?? 0, options.InitTemp, options.DecayTemp), Is.EqualTo((400, 100, 5.0, 0.965)));
        }
    }

    [Test]
    public void An_unknown_preset_lists_the_known_ones()
    {
        var error = Assert.Throws<ConfigurationException>(() => ConfigLoader.Load(new ConfigRequest(null, "slow", [])));
        Assert.That(error!.Message, Is.EqualTo($"unknown preset slow; the presets are {string.Join(", ", PresetCatalog.Names)}"));
    }

    [Test]
    public void An_official_file_selects_the_official_losses_and_says_so()
    {
        File.WriteAllText(_file, OfficialFiles.ThreeTasks);
        LoadedConfig loaded = ConfigLoader.Load(new ConfigRequest(_file, null, []));
        Assert.That(loaded.Config.Loss.Mode, Is.EqualTo("official"));
        Assert.That(loaded.Notices, Has.Some.StartsWith("loss.mode official: the file has a paths section"));
        Assert.That(loaded.Notices, Has.Some.StartsWith("adashare.decay_temp_freq has no effect"));
    }

    [TestCase("loss:\n  mode: paper\n", "paper")]
    [TestCase("loss:\n  sparsity: auto\n", "official")]
    public void A_loss_mode_that_is_given_is_kept(string extra, string expected)
    {
        File.WriteAllText(_file, OfficialFiles.ThreeTasks + "\n" + extra);
        Assert.That(ConfigLoader.Load(new ConfigRequest(_file, null, [])).Config.Loss.Mode, Is.EqualTo(expected));
    }

    [Test]
    public void A_file_without_paths_or_with_scenes_gets_the_losses_of_the_paper()
    {
        File.WriteAllText(_file, "dataload:\n  dataset: NYU_v2\n  dataroot: x\n");
        Assert.That(ConfigLoader.Load(new ConfigRequest(_file, null, [])).Config.Loss.Mode, Is.EqualTo("paper"));
        File.WriteAllText(_file, "paths:\n  checkpoint_dir: x\n");
        Assert.That(ConfigLoader.Load(new ConfigRequest(_file, null, [])).Config.Loss.Mode, Is.EqualTo("paper"));
    }

    [Test]
    public void Assignments_and_options_come_last_and_are_checked()
    {
        RunConfig config = ConfigLoader.Load(new ConfigRequest(null, "nyu_v2_2task", ["train.batch_size=2", "train.batch_size=3", "loss.mode=paper"], "here", 7)).Config;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(config.Train.BatchSize, Is.EqualTo(3));
            Assert.That(config.Loss.Mode, Is.EqualTo("paper"));
            Assert.That(config.Dataload.Dataroot, Is.EqualTo("here"));
            Assert.That(config.Seed, Is.EqualTo(new[] { 7L }));
        }

        var error = Assert.Throws<ConfigurationException>(() => ConfigLoader.Load(new ConfigRequest(null, "quick", ["train.lr=0"])));
        Assert.That(error!.Message, Is.EqualTo("preset quick with --set train.lr=0: train.lr is 0; expected a learning rate above 0"));
    }

    [Test]
    public void Keys_of_another_method_have_no_effect_beneath_the_choice_of_the_method_and_are_refused_beside_it()
    {
        LoadedConfig loaded = ConfigLoader.Load(new ConfigRequest(null, "quick", ["method=hard_sharing"]));
        Assert.That(loaded.Config.Method, Is.EqualTo("hard_sharing"));
        Assert.That(loaded.Notices, Has.Some.EqualTo("adashare.* of preset quick has no effect: the method is hard_sharing"));
        Assert.That(
            () => ConfigLoader.Load(new ConfigRequest(null, "quick", ["method=hard_sharing", "adashare.policies=2"])),
            Throws.TypeOf<ConfigurationException>().With.Message.EqualTo("--set: adashare.policies belongs to method adashare, and the method is hard_sharing; leave it out, or set method=adashare"));
    }

    [Test]
    public void A_form_of_a_method_reads_that_methods_section_too_and_keeps_it()
    {
        LoadedConfig loaded = ConfigLoader.Load(new ConfigRequest(null, "quick", ["method=adashare_rl", "adashare.policies=2"]));
        Assert.That(loaded.Notices, Has.None.Contains("has no effect: the method is"));
        var reader = new ConfigReader();
        reader.ReadText(ConfigWriter.Write(loaded.Config), "config.yaml");
        Assert.That(reader.CheckMethod(), Is.Empty);
        Assert.That(ConfigSection.Differences(reader.Config, loaded.Config), Is.Empty);
        Assert.That(ConfigSection.KeysOf(reader.Config).Select(static key => key.Name), Has.Some.EqualTo("adashare").And.Some.EqualTo("adashare_rl").And.None.EqualTo("stochastic_depth"));
        Assert.That((reader.IsGiven("adashare.policies"), reader.IsGiven("adashare_rl.exploration")), Is.EqualTo((true, true)));
    }

    [Test]
    public void Options_of_another_weighting_have_no_effect_beneath_the_choice_of_the_weighting_and_are_refused_beside_it()
    {
        RunConfig chosen = ConfigLoader.Load(new ConfigRequest(null, "quick", ["weighting.method=dwa", "weighting.dwa.temperature=3"])).Config;
        Assert.That((chosen.Weighting.Method, chosen.Weighting.Options<DwaOptions>().Temperature), Is.EqualTo(("dwa", 3.0)));
        LoadedConfig loaded = ConfigLoader.Load(new ConfigRequest(null, "quick", ["weighting.method=pcgrad"]) { Between = [("study", ["weighting.method=dwa", "weighting.dwa.temperature=3"])] });
        Assert.That(loaded.Notices, Has.Some.EqualTo("weighting.dwa.* of study has no effect: weighting.method is pcgrad"));
        Assert.That(
            () => ConfigLoader.Load(new ConfigRequest(null, "quick", ["weighting.dwa.temperature=3"])),
            Throws.TypeOf<ConfigurationException>().With.Message.EqualTo("--set: weighting.dwa.temperature belongs to the weighting dwa, and weighting.method is static; leave it out, or set weighting.method=dwa"));
        Assert.That(
            () => ConfigLoader.Load(new ConfigRequest(null, "quick", ["method=single_task", "weighting.method=mgda"])),
            Throws.TypeOf<ConfigurationException>().With.Message.Contains("weighting.method is mgda; expected a weighting of losses (static, uncertainty, dwa").And.Message.EndsWith("mgda compares the tasks' gradients of shared weights, and single_task shares none"));
    }

    [Test]
    public void A_configuration_is_written_with_the_options_of_its_weighting_alone()
    {
        Assert.That(ConfigWriter.Write(ConfigLoader.Load(new ConfigRequest(null, "quick", [])).Config), Does.Contain("weighting:\n  method: static\n").And.Not.Contain("dwa"));
        RunConfig config = ConfigLoader.Load(new ConfigRequest(null, "quick", ["weighting.method=dwa", "weighting.dwa.temperature=3"])).Config;
        string text = ConfigWriter.Write(config);
        Assert.That(text, Does.Contain("weighting:\n  method: dwa\n  dwa:\n    temperature: 3\n    period:\n"));
        var reader = new ConfigReader();
        reader.ReadText(text, "again");
        Assert.That(ConfigSection.Differences(config, reader.Config), Is.Empty);
        reader.Config.Weighting.Options<DwaOptions>().Temperature = 4;
        Assert.That(ConfigSection.Differences(config, reader.Config), Is.EqualTo(new[] { "weighting.dwa.temperature" }));
    }

    [Test]
    public void Options_that_contradict_each_other_are_refused()
    {
        Assert.That(() => ConfigLoader.Load(new ConfigRequest("a.yaml", "quick", [])), Throws.TypeOf<ConfigurationException>().With.Message.Contains("exclude each other"));
        Assert.That(() => ConfigLoader.Load(new ConfigRequest(null, "quick", [], "here")), Throws.TypeOf<ConfigurationException>().With.Message.Contains("procedural scenes need no data"));
        Assert.That(() => ConfigLoader.Load(new ConfigRequest(null, "nyu_v2_2task", [])), Throws.TypeOf<ConfigurationException>().With.Message.Contains("--data DIR"));
    }

    [Test]
    public void A_network_can_be_looked_at_without_a_supported_data_set()
    {
        File.WriteAllText(_file, "dataload:\n  dataset: ImageNet\ntasks: [seg, depth]\ntasks_num_class: [19, 1]\nlambdas: [1, 20]\n");
        Assert.That(ConfigLoader.LoadNetwork(new ConfigRequest(_file, null, [])).Config.Tasks, Has.Count.EqualTo(2));
        Assert.That(() => ConfigLoader.Load(new ConfigRequest(_file, null, [])), Throws.TypeOf<ConfigurationException>().With.Message.Contains("dataload.dataset is ImageNet"));
    }

    /// <summary>All but the one whose tasks are those of a folder.</summary>
    // Of the others the folder says what the tasks are.
    private static IEnumerable<string> ReadyPresets() => PresetCatalog.Names.Where(static name => name is not (PresetCatalog.OwnData or "text"));
}
