using System.Diagnostics;
using System.Text;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Tests;

namespace AdaShare.Native.Host.Tests.Configuration;

/// <summary>A configuration is understood or refused in one sentence, whoever wrote it.</summary>
[TestFixture]
internal sealed class YamlTextTests
{
    private string _file = "";

    [SetUp]
    public void NameFile() => _file = Path.Combine(Path.GetTempPath(), $"adashare-{Guid.NewGuid():n}.yaml");

    [TearDown]
    public void DeleteFile() => File.Delete(_file);

    [Test]
    public void Aliases_neither_end_the_process_nor_go_on_for_ever()
    {
        Assert.That(Refusal("yaml-recursive-key.yaml"), Does.EndWith("line 1, column 1: the anchor &a is not supported; leave it out, and write the value at every place that needs it"));
        Assert.That(Refusal("yaml-bomb-key.yaml"), Does.EndWith("line 1, column 5: the anchor &a0 is not supported; leave it out, and write the value at every place that needs it"));
    }

    [Test]
    public void Octal_numbers_are_not_taken_for_decimal_ones() =>
        Assert.That(Refusal("octal2.yaml"), Does.EndWith("line 1: seed is the list [010]; expected a list of whole numbers such as [40, 3]: YAML 1.1 reads 010 as the octal number 8; write 8, or 10 if that is meant"));

    [Test]
    public void Escaped_line_separators_are_read()
    {
        RunConfig config = ReadCase("ls.yaml");
        Assert.That((config.Paths.CheckpointDir, config.Paths.LogDir, config.Paths.ResultDir), Is.EqualTo(("a\u2028b", "c\u2029 d", "e\ufefff")));
    }

    [Test]
    public void A_small_run_is_read() => Assert.That(ReadCase("tiny.yaml").Tasks, Is.EqualTo(new[] { "seg", "sn", "depth" }));

    [TestCase("policy: True\n---\npolicy: False\n", "line 2, column 1: a second document begins here; a configuration is one document, so split the file or leave out the line ---")]
    [TestCase("policy: True\n---\n", "line 2, column 1: a second document begins here; a configuration is one document, so split the file or leave out the line ---")]
    [TestCase("train:\n  lr: 1\n  lr: 2\n", "line 3, column 3: train.lr is given a second time, after line 2; keep one of the two")]
    [TestCase("policy: True\n\"policy\": False\n", "line 2, column 1: policy is given a second time, after line 1; keep one of the two")]
    [TestCase("train:\n  lr: 1\ntest: {which_iter: best}\ntrain:\n  lr: 2\n", "line 4, column 1: train is given a second time, after line 1; keep one of the two")]
    [TestCase("policy: *p\n", "line 1, column 9: *p refers to a value elsewhere, which is not supported; write the value itself")]
    [TestCase("curriculum_speed: !!int 3\n", "line 1, column 19: the tag tag:yaml.org,2002:int is not supported; leave it out, for every key has its type")]
    [TestCase("? [policy]\n: True\n", "line 1, column 3: this can't be a key; expected one such as batch_size")]
    [TestCase("\"a\\nb\": 1\n", "line 1, column 1: this can't be a key; expected one such as batch_size")]
    [TestCase(": 1\n", "line 1, column 1: there is no key before the colon; expected one such as batch_size")]
    [TestCase("policy: True\0junk\n", "line 1, column 13: the character U+0000 may not stand here as itself; leave it out, or write \"\\u0000\" in double quotes")]
    [TestCase("policy: True\nexp_name: a\u2028b\n", "line 2, column 12: the character U+2028 may not stand here as itself; leave it out, or write \"\\u2028\" in double quotes")]
    [TestCase("exp_name: a\u0085b\n", "line 1, column 12: the character U+0085 may not stand here as itself; leave it out, or write \"\\u0085\" in double quotes")]
    [TestCase("exp_name: \"\\ud800\"\n", "line 1, column 11: this is not YAML: While scanning a quoted scalar, found invalid Unicode surrogates")]
    public void What_a_configuration_has_no_need_of_is_refused(string text, string message) => Assert.That(Refusal(() => Read(text)), Is.EqualTo($"my.yaml, {message}"));

    [Test]
    public void Half_a_character_is_refused()
    {
        Assert.That(Refusal(() => Read("policy: True\r\nexp_name: \ud800b\n")), Is.EqualTo("my.yaml, line 2, column 11: the character U+D800 is half of a character; write it whole or leave it out"));
        Assert.That(Refusal(() => new ConfigReader().ReadAssignment("exp_name=\udc00")), Does.EndWith(": U+DC00 is half of a character; give it whole or leave it out"));
    }

    // Each of these texts makes the library throw something that is not of its own kind.
    [TestCase("exp_name: \"\\UFFFFFFFF\"\n")]
    [TestCase("exp_name: \"c\\ud800\\u20\\ 2\"\n")]
    [TestCase("- [{\na,")]
    [TestCase("\n%TAG ! ")]
    [TestCase("!!i] 1\n")]
    [TestCase("!<>  alpha_i|t")]
    [TestCase("\n...\n2")]
    public void What_the_library_has_not_thought_of_is_refused_with_its_place(string text) =>
        Assert.That(Refusal(() => Read(text)), Does.Match(@"^my\.yaml, line \d+, column \d+: this is not YAML that can be read; check the quotes, brackets, indentation and \\u escapes around this place$"));

    [TestCase("[")]
    [TestCase("{a: ")]
    [TestCase("- ")]
    public void Depth_is_bounded(string opening) =>
        Assert.That(Refusal(() => Read(string.Concat(Enumerable.Repeat(opening, 100_000)))), Does.Contain("this is nested more than 16 levels deep; a configuration has sections, keys and lists"));

    [Test]
    public void Time_grows_no_faster_than_the_text()
    {
        // Quadratic ones took 27 s for the digits alone.
        var clock = Stopwatch.StartNew();
        foreach (string value in new[] { new string('1', 60_000) + "x", new string('1', 900_000) + ".x", new string('_', 900_000), "1" + new string('_', 900_000) + "x", new string('[', 900_000), new string('"', 900_001) })
        {
            _ = Refusal(() => Read($"train:\n  lr: {value}\n"));
        }

        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(10)));
    }

    [Test]
    public void A_file_has_a_bound()
    {
        File.WriteAllText(_file, new string('#', (1 << 20) + 1));
        Assert.That(Refusal(() => new ConfigReader().ReadFile(_file)), Is.EqualTo($"{_file}: this has more than 1,048,576 bytes; expected a configuration, which has a few thousand"));
        File.WriteAllText(_file, new string('#', 1 << 20));
        Assert.That(() => new ConfigReader().ReadFile(_file), Throws.Nothing);
        Assert.That(Refusal(() => Read(new string('#', (1 << 20) + 1))), Does.StartWith("my.yaml: this has more than 1,048,576 bytes"));
    }

    [Test]
    public void Files_are_UTF_8_or_UTF_16_and_nothing_is_replaced()
    {
        foreach (Encoding encoding in new[] { Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode, new UTF8Encoding(false) })
        {
            File.WriteAllText(_file, "exp_name: größe €\n", encoding);
            var reader = new ConfigReader();
            reader.ReadFile(_file);
            Assert.That(reader.Config.ExpName, Is.EqualTo("größe €"), encoding.WebName);
        }

        File.WriteAllBytes(_file, [.. "exp_name: "u8, 0xE9, .. "\n"u8]);
        Assert.That(Refusal(() => new ConfigReader().ReadFile(_file)), Is.EqualTo($"{_file}: byte 10 (0xE9) is not UTF-8; save the file as UTF-8"));
    }

    [Test]
    public void A_path_that_is_none_is_refused() => Assert.That(Refusal(() => new ConfigReader().ReadFile("a\0b")), Does.Contain("there is no such file; --config expects a YAML file"));

    [Test]
    public void Changed_at_random_every_text_is_read_or_refused_in_one_line()
    {
        string[] corpus =
        [
            .. PresetCatalog.Names.Select(PresetCatalog.Text), OfficialFiles.ThreeTasks,
            .. new[] { "tiny", "octal2", "ls", "yaml-bomb-key", "yaml-recursive-key" }.Select(name => File.ReadAllText(TestData.File("cases", name + ".yaml"))),
            "exp_name: \"\\u0041\\x41\\U0001F600\\n\\\n  b\"\ntasks: |2-\n   x\nbackbone: >+\n  y\n\n", "%YAML 1.1\n%TAG ! tag:x,2000:\n---\n!a b: !!int 3\n...\n",
        ];
        string[] pieces = [.. "[|]|{|}|:|: |? |- |\n|\n  |\t| #|&a|*a|!!int |!<x>|%YAML 1.1\n|%TAG ! x\n|---|...|>|\"|'|\\|\\u|\\ud800|\\U00110000|\\x4|\\\n|,|~|null|<<|@|\r".Split('|'), "|9\n", "\0", "\u2028", "\ud800"];
        var random = new Random(20261130);
        int read = 0, refused = 0;
        for (int i = 0; i < 10_000; i++)
        {
            string text = Changed(corpus[random.Next(corpus.Length)], pieces, random);
            try
            {
                Read(text);
                read++;
            }
            catch (ConfigurationException e)
            {
                Assert.That(e.Message, Does.StartWith("my.yaml").And.Not.Contains('\n'), text);
                refused++;
            }
        }

        Assert.That(Math.Min(read, refused), Is.GreaterThan(100), "both kinds were drawn");
    }

    private static string Changed(string text, string[] pieces, Random random)
    {
        for (int change = random.Next(1, 5); change > 0; change--)
        {
            int at = random.Next(text.Length + 1);
            text = random.Next(3) switch
            {
                0 when at < text.Length => text.Remove(at, Math.Min(random.Next(1, 8), text.Length - at)),
                1 => text[..at] + text[random.Next(text.Length + 1)..],
                _ => text.Insert(at, pieces[random.Next(pieces.Length)]),
            };
        }

        return text;
    }

    private static string Refusal(string name) => Refusal(() => ReadCase(name));

    private static string Refusal(Action code) => Assert.Throws<ConfigurationException>(code)!.Message;

    private static RunConfig ReadCase(string name)
    {
        var reader = new ConfigReader();
        reader.ReadFile(TestData.File("cases", name));
        return reader.Config;
    }

    private static RunConfig Read(string text)
    {
        var reader = new ConfigReader();
        reader.ReadText(text, "my.yaml");
        return reader.Config;
    }
}
