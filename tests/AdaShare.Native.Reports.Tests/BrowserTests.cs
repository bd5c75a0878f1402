using System.Globalization;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Reports.Html;
using AdaShare.Native.Reports.RunPages;
using AdaShare.Native.Reports.StudyPages;
using AdaShare.Native.Studies.Tables;
using AdaShare.Native.Tests;
using Microsoft.Playwright;

namespace AdaShare.Native.Reports.Tests;

/// <summary>Pages in a real browser: everything is drawn, nothing is fetched, and the keyboard is enough.</summary>
[NonParallelizable]
public sealed class BrowserTests
{
    private const string Rewrite = "ADASHARE_WRITE_SCREENSHOTS";
    private const double LeastLetters = 9;
    private const int MostBytes = 400_000;

    private static readonly string[] Browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private static (RunFiles Files, string Samples)? _pictured;

    private readonly List<string> _files = [];
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    [OneTimeSetUp]
    public async Task Open()
    {
        string? program = Browsers.FirstOrDefault(File.Exists);
        if (program is null)
        {
            Assert.Ignore("there is no Chromium; install Debian's package chromium (.ci/install-browser)");
        }

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = program, Args = ["--no-sandbox"] });
    }

    [OneTimeTearDown]
    public async Task Close()
    {
        _files.ForEach(File.Delete);
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
    }

    [TestCase(1280, ColorScheme.Light)]
    [TestCase(400, ColorScheme.Dark)]
    public async Task A_run_is_drawn_whole(int width, ColorScheme scheme)
    {
        (IPage page, List<string> faults) = await Show(RunPage.Of(SmallRuns.AdaShare.Files, SmallRuns.AdaShare.Samples), width, scheme);
        await RequireDrawn(page);
        Assert.That(await page.EvaluateAsync<int>("() => [...document.images].filter(i => !i.complete || i.naturalWidth === 0).length"), Is.Zero, "pictures that are not drawn");
        Assert.That(await page.EvaluateAsync<int>("() => document.images.length"), Is.EqualTo(24));
        MetricInfo first = SmallRuns.AdaShare.Files.Tasks[0].Kind.Metrics[0];
        string cell = await page.Locator("#results table >> nth=0").Locator("tbody tr >> nth=0").Locator("td >> nth=-1").InnerTextAsync();
        Assert.That(cell.TrimEnd('!', ' '), Is.EqualTo(first.Format(SmallRuns.AdaShare.Files.Metrics!.Final.Metrics["seg"][first.Name])));
        Assert.That(faults, Is.Empty);
        await page.CloseAsync();
    }

    [Test]
    public async Task The_policy_moves_by_keyboard()
    {
        (IPage page, List<string> faults) = await Show(RunPage.Of(SmallRuns.AdaShare.Files), 1280, ColorScheme.Light);
        LoggedStep[] logged = [.. SmallRuns.AdaShare.Files.History.Steps.Where(static step => step.Probability is not null)];
        ILocator cells = page.Locator("#policy-cells td");
        await page.Locator(".scrub input").FocusAsync();
        await page.Keyboard.PressAsync("Home");
        Assert.That(await cells.AllInnerTextsAsync(), Is.EqualTo(Percentages(logged[0].Probability!)));
        await page.Keyboard.PressAsync("ArrowRight");
        Assert.That(await cells.AllInnerTextsAsync(), Is.EqualTo(Percentages(logged[1].Probability!)));
        Assert.That(await page.Locator(".scrub output").InnerTextAsync(), Does.EndWith("step 2"));
        await page.Keyboard.PressAsync("End");
        Assert.That(await cells.AllInnerTextsAsync(), Is.EqualTo(Percentages(logged[^1].Probability!)));
        Assert.That(faults, Is.Empty);
        await page.CloseAsync();
    }

    [Test]
    public async Task Light_and_dark_differ_and_paper_is_white()
    {
        HtmlPage report = RunPage.Of(SmallRuns.HardSharing);
        async Task<string> Background(ColorScheme scheme, Media media)
        {
            (IPage page, _) = await Show(report, 800, scheme);
            await page.EmulateMediaAsync(new PageEmulateMediaOptions { Media = media, ColorScheme = scheme });
            string colour = await page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");
            await page.CloseAsync();
            return colour;
        }

        Assert.That(await Background(ColorScheme.Light, Media.Screen), Is.EqualTo("rgb(255, 255, 255)"));
        Assert.That(await Background(ColorScheme.Dark, Media.Screen), Is.EqualTo("rgb(20, 23, 27)"));
        Assert.That(await Background(ColorScheme.Dark, Media.Print), Is.EqualTo("rgb(255, 255, 255)"));
    }

    [Test]
    public async Task A_study_and_runs_side_by_side_are_drawn_whole([Values(400, 1280)] int width)
    {
        string study = Path.Combine(Repository, "bench", "studies", "scenes", "study.json");
        foreach (HtmlPage report in (HtmlPage[])[StudyPage.Of(StudyFile.Read(study)), ComparisonPage.Of([SmallRuns.AdaShare.Files, SmallRuns.HardSharing])])
        {
            (IPage page, List<string> faults) = await Show(report, width, ColorScheme.Light);
            await RequireDrawn(page);
            Assert.That(faults, Is.Empty);
            await page.CloseAsync();
        }
    }

    [Test]
    public async Task Long_names_do_not_move_the_page_sideways()
    {
        string name = string.Concat(Enumerable.Repeat("a_folder_with_a_name_without_a_space_", 6));
        RunFiles run = SmallRuns.AdaShare.Files with { Folder = new RunFolder($"/{name}/{name}") };
        (IPage page, _) = await Show(RunPage.Of(run), 400, ColorScheme.Light);
        await RequireDrawn(page);
        await page.CloseAsync();
    }

    /// <summary>The pictures in docs are of a page that was made by this code; written anew where that is asked for.</summary>
    [TestCase(1280, 1900)]
    [TestCase(400, 1900)]
    public async Task Pictures_of_a_page_lie_in_docs(int width, int height)
    {
        string path = Path.Combine(Repository, "docs", "images", $"report-{width}.png");
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
        {
            (RunFiles run, string samples) = _pictured ??= SmallRuns.TrainForPictures();
            run = run with { Folder = new RunFolder(Path.Combine("runs", run.Name)) };
            (IPage page, _) = await Show(RunPage.Of(run, samples), width, ColorScheme.Light);
            await RequireFitting(page);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = path, FullPage = true, Clip = new Clip { X = 0, Y = 0, Width = width, Height = height } });
            await page.CloseAsync();
        }

        Assert.That(path, Does.Exist, $"write it with {Rewrite}=1");
        ByteImage picture = Png.Read(path);
        Assert.That((picture.Width, picture.Height), Is.EqualTo((width, height)));
        Assert.That(new FileInfo(path).Length, Is.LessThan(MostBytes));
        Assert.That(File.ReadAllText(Path.Combine(Repository, "docs", "reports.md")), Does.Contain($"images/report-{width}.png"));
    }

    private static async Task RequireDrawn(IPage page)
    {
        await page.EvaluateAsync("() => document.querySelectorAll('details').forEach(d => { d.open = true; })");
        Assert.That(await page.EvaluateAsync<int>("() => document.querySelectorAll('svg').length"), Is.GreaterThan(0));
        Assert.That(await page.EvaluateAsync<int>("() => [...document.querySelectorAll('svg')].filter(s => s.getBoundingClientRect().height < 50).length"), Is.Zero, "charts without height");
        Assert.That(await page.EvaluateAsync<int>("() => [...document.querySelectorAll('svg path.curve, svg circle')].filter(p => /NaN|Infinity/.test(p.outerHTML)).length"), Is.Zero, "curves through no number");
        await RequireFitting(page);
    }

    private static async Task RequireFitting(IPage page)
    {
        Assert.That(
            await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"), Is.True, "the page itself must not move sideways");
        string[] small = await page.EvaluateAsync<string[]>(
            "least => [...document.querySelectorAll('svg text')].filter(t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a < least).map(t => t.textContent)", LeastLetters);
        Assert.That(small, Is.Empty, "letters of charts that are too small to read");
        string[] cut = await page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll('svg text')].filter(t => {
              const own = t.getBoundingClientRect(), chart = t.ownerSVGElement.getBoundingClientRect();
              return own.left < chart.left - 1 || own.right > chart.right + 1 || own.top < chart.top - 1 || own.bottom > chart.bottom + 1;
            }).map(t => t.textContent)
            """);
        Assert.That(cut, Is.Empty, "letters that are cut off at the edge of a chart");
        string[] hidden = await page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll('svg')].flatMap(chart => {
              const texts = [...chart.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
              return texts.flatMap(([text, a], i) => texts.slice(i + 1).filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3).map(([other]) => `${text} / ${other}`));
            })
            """);
        Assert.That(hidden, Is.Empty, "letters of charts that lie on one another");
    }

    private static string Repository => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(TestData.File("README.md"))!, "..", ".."));

    private static string[] Percentages(double[][] table) => [.. table.SelectMany(static row => row).Select(static p => Math.Round(100 * Math.Round(p, 3), MidpointRounding.AwayFromZero).ToString(CultureInfo.InvariantCulture))];

    private async Task<(IPage Page, List<string> Faults)> Show(HtmlPage report, int width, ColorScheme scheme)
    {
        string path = Path.Combine(Path.GetTempPath(), $"adashare-{Guid.NewGuid():N}.html");
        _files.Add(path);
        report.Write(path);
        IPage page = await _browser!.NewPageAsync(new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = width, Height = 900 }, ColorScheme = scheme });
        List<string> faults = [];
        page.Console += (_, message) => faults.Add($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => faults.Add(error);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith("file:", StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
            {
                faults.Add($"asks for {request.Url}");
            }
        };
        await page.GotoAsync(new Uri(path).AbsoluteUri);
        return (page, faults);
    }
}
