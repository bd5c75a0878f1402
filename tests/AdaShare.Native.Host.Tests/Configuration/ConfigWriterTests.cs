using System.Collections;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Methods;

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
    public void Any_text_reads_back_equal(string text)
    {
        var reader = new ConfigReader();
        reader.ReadText(ConfigWriter.Write(new RunConfig { Method = MethodRegistry.Default.Name, ExpName = text, Dataload = new DataConfig { Dataroot = text } }), "config.yaml");
        Assert.That(reader.Config.ExpName, Is.EqualTo(text));
        Assert.That(reader.Config.Dataload.Dataroot, Is.EqualTo(text));
    }

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
                Type type when type == typeof(int) => 1000 + count,
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
