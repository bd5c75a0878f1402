using System.Collections;
using System.Text;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Methods;
using FsCheck;
using FsCheck.Fluent;

namespace AdaShare.Native.Host.Tests.Configuration;

[TestFixture]
internal sealed class ConfigWriterTests
{
    [Test]
    public void Every_key_is_written_once_and_in_order()
    {
        string[] lines = ConfigWriter.Write(Default()).Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];
        string[] keys = [.. KeysOf(Default()).Select(key => key.Name)];
        Assert.That(keys, Has.Some.EqualTo("reg_w_hamming"));
        Assert.That(lines.Select(line => line.Trim().Split(':')[0]), Is.EqualTo(keys));
    }

    [Test]
    public void What_is_written_reads_back_equal_whatever_the_values()
    {
        RunConfig config = Unusual();
        var reader = new ConfigReader();
        reader.ReadText(ConfigWriter.Write(config), "config.yaml");
        foreach (ConfigKey key in KeysOf(config).Where(key => key.Section is null))
        {
            Assert.That(Value(reader.Config, key.Path), Is.EqualTo(Value(config, key.Path)), key.Path);
        }
    }

    [Test]
    public void The_options_of_other_methods_are_left_out()
    {
        string text = ConfigWriter.Write(new RunConfig { Method = "hard_sharing" });
        Assert.That(text, Does.Contain("method: hard_sharing").And.Not.Contain("adashare:"));
        var reader = new ConfigReader();
        reader.ReadText(text, "config.yaml");
        Assert.That(ConfigWriter.Write(reader.Config), Is.EqualTo(text));
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("~")]
    [TestCase("a: b # c")]
    [TestCase("quoted \" and \\ and 'tick'")]
    [TestCase(" spaces ")]
    [TestCase("line\nbreak\ttab")]
    [TestCase("[a, b]")]
    [TestCase("-5")]
    [TestCase("größe €")]
    [TestCase("C:\\data\\nyu")]
    [TestCase("line end\n")]
    [TestCase("a\u2028b\u2029c\u0085d\ufeffe\ufffff\0g")]
    [TestCase("\U0001F600")]
    [TestCase("...")]
    [TestCase("010")]
    public void Any_text_reads_back_equal(string text)
    {
        var reader = new ConfigReader();
        reader.ReadText(ConfigWriter.Write(new RunConfig { Method = MethodRegistry.Default.Name, ExpName = text, Dataload = new DataConfig { Dataroot = text } }), "config.yaml");
        Assert.That(reader.Config.ExpName, Is.EqualTo(text));
        Assert.That(reader.Config.Dataload.Dataroot, Is.EqualTo(text));
    }

    [Test]
    public void Whatever_is_written_reads_back_equal()
    {
        // Any UTF-16, with more of the characters that YAML treats in a way of its own than chance would give.
        Gen<char> letter = Gen.OneOf(
            Gen.Elements("\n\r\t \0\u0085\u2028\u2029\ufeff\ufffe\uffff\u00a0\ud83d\ude00\ud800\"'\\#:-?,[]{}&*!|>%@`~.0123456789eE+_ntf".ToCharArray()), Gen.Choose(0, char.MaxValue).Select(code => (char)code));
        Gen<string> text = Gen.ArrayOf(letter).Select(letters => new string(letters));
        Gen<RunConfig> configurations =
            from name in text
            from folder in text
            from tasks in Gen.ListOf(text)
            from weights in Gen.ListOf(ArbMap.Default.GeneratorFor<double>())
            from seeds in Gen.ListOf(ArbMap.Default.GeneratorFor<long>())
            select new RunConfig { ExpName = name, Tasks = [.. tasks], Lambdas = [.. weights], Seed = [.. seeds], Dataload = new DataConfig { Dataroot = folder } };
        int equal = 0, refused = 0;
        Prop.ForAll(configurations.ToArbitrary(), config =>
        {
            string[] texts = [.. config.Tasks, config.ExpName, config.Dataload.Dataroot!];
            bool holdable = texts.All(IsWhole) && config.Lambdas.TrueForAll(double.IsFinite);
            if (!holdable)
            {
                Assert.That(() => ConfigWriter.Write(config), Throws.TypeOf<ConfigurationException>());
                refused++;
                return;
            }

            var reader = new ConfigReader();
            reader.ReadText(ConfigWriter.Write(config), "config.yaml");
            Assert.That(ConfigSection.Differences(config, reader.Config), Is.Empty);
            equal++;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(20261, 9));
        Assert.That(Math.Min(equal, refused), Is.GreaterThan(100), "both kinds were drawn");
    }

    [Test]
    public void What_no_file_can_hold_is_refused_with_its_key()
    {
        Assert.That(() => ConfigWriter.Write(new RunConfig { ExpName = "a\ud800b" }), Throws.TypeOf<ConfigurationException>().With.Message.StartsWith("exp_name is the text \"a").And.Message.Contains("U+D800 is half of a character"));
        Assert.That(() => ConfigWriter.Write(new RunConfig { Lambdas = [1, double.NaN] }), Throws.TypeOf<ConfigurationException>().With.Message.EqualTo("lambdas is NaN; expected a finite number"));
        Assert.That(() => ConfigWriter.Write(new RunConfig { ExpName = new string('x', 1 << 20) }), Throws.TypeOf<ConfigurationException>().With.Message.Contains("more than 1,048,576 bytes"));
    }

    /// <summary>Whether UTF-8 holds a text.</summary>
    private static bool IsWhole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;

    /// <summary>A configuration in which every key differs from its default.</summary>
    /// <summary>A configuration in which every key differs from its default, but for the method, on which it depends what other keys there are.</summary>
    private static RunConfig Unusual()
    {
        RunConfig config = Default();
        int count = 0;
        foreach (ConfigKey key in KeysOf(config).Where(key => key.Section is null && key.Path != "method"))
        {
            object? old = Value(config, key.Path);
            count++;
            object changed = key.ValueType switch
            {
                Type type when type == typeof(bool) => !(bool)old!,
                Type type when type == typeof(int) => 2000 + count,
                Type type when type == typeof(long) => 1L << (32 + (count % 30)),
                Type type when type == typeof(double) => (1.0 / 3) + count,
                Type type when type == typeof(string) => $"text {count}",
                Type type when type == typeof(List<string>) => new List<string> { $"a{count}", "b, c" },
                Type type when type == typeof(List<double>) => new List<double> { 1e-300, -0.1, 1e20 },
                Type type when type == typeof(List<int>) => new List<int> { count, -1 },
                Type type when type == typeof(List<long>) => new List<long> { long.MaxValue, count },
                _ => throw new AssertionException($"the test knows no value of type {key.ValueType} for {key.Path}"),
            };
            key.Set(Owner(config, key.Path), changed);
            Assert.That(Value(config, key.Path), Is.Not.EqualTo(old), key.Path);
        }

        return config;
    }

    private static RunConfig Default() => new() { Method = MethodRegistry.Default.Name };

    /// <summary>The keys of a configuration's method and of every run, sections before their own keys.</summary>
    private static IEnumerable<ConfigKey> KeysOf(RunConfig config) => ConfigSection.KeysOf(config).SelectMany(key => key.Section?.Everything().Prepend(key) ?? [key]);

    private static object Owner(RunConfig config, string path) =>
        path.Split('.')[..^1].Aggregate((Section: ConfigSection.Root, Value: (object)config), (at, name) =>
        {
            ConfigKey key = at.Section.Find(name)!;
            return (key.Section!, key.Get(at.Value)!);
        }).Value;

    private static object? Value(RunConfig config, string path)
    {
        ConfigKey key = ConfigSection.Root.Everything().Single(key => key.Path == path);
        object? value = key.Get(Owner(config, path));
        return value is IList list ? list.Cast<object>().ToArray() : value;
    }
}
