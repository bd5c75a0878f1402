using System.CommandLine;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Host.Console;
using AdaShare.Native.Host.Datasets;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Reports.DataPages;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Host.Commands.Data;

/// <summary><c>adashare data check</c>: reads every file of a data set once, and says what is there.</summary>
public static class DataCheckCommand
{
    private const int DefaultImages = 8;
    private const int MostImages = 64;

    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var folder = new Argument<string>("FOLDER") { Description = "A folder with dataset.yaml, or that of another data set with --config or --preset." };
        Option<string?> config = CommonOptions.Config(), preset = CommonOptions.Preset();
        Option<string[]> set = CommonOptions.Set();
        var page = new Option<string?>("--page") { HelpName = "FILE", Description = "The page with counts, histograms and a contact sheet. Default: the folder's name with -check.html behind it, in the current folder." };
        CommonOptions.RefuseEmpty(page);
        var images = CommonOptions.Count("--images", "Images of each part on the contact sheet.", 0, MostImages, DefaultImages);
        var command = new Command("check", "Reads every file once: counts, missing and odd files, histograms, ranges, and a page with a contact sheet.") { folder, config, preset, set, page, images };
        command.SetAction(parsed =>
        {
            string root = parsed.GetRequiredValue(folder);
            LoadedConfig loaded = ConfigLoader.Load(new ConfigRequest(parsed.GetValue(config), parsed.GetValue(preset), parsed.GetValue(set) ?? [], root));
            string path = parsed.GetValue(page) ?? $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)))}-check.html";
            HtmlPage.RequireFree(path);
            return Check(host, loaded.Config, path, parsed.GetValue(images));
        });
        return command;
    }

    private static int Check(HostContext host, RunConfig config, string path, int images)
    {
        using var interrupt = Interrupt.Listen(host, "stopping; press Ctrl-C again to end at once");
        IDataset dataset = DatasetFactory.Open(config);
        host.Output.WriteLine($"data: {DatasetFactory.Describe(dataset)}");
        foreach (string notice in dataset.Notices)
        {
            host.Output.WriteLine(notice);
        }

        int tenths = 0;
        DataSurvey survey = DataSurvey.Of(dataset, TaskSpec.Of(config), (done, all) =>
        {
            if (done * 10 / all > tenths)
            {
                tenths = done * 10 / all;
                host.Output.WriteLine($"{done} of {all} images read");
            }
        }, interrupt.Token);
        DataSurveyTable.Write(host.Console, dataset, survey);
        if (survey.Training.HasPixels)
        {
            host.Output.WriteLine($"mean and deviation of the training images, as dataset.yaml takes them: {survey.Training.Line}");
        }

        foreach (string fault in survey.Faults)
        {
            host.Error.WriteLine($"adashare: {fault}");
        }

        DataPage.Of(dataset, survey, images, LossMode.DecodesNormals(config)).Write(path);
        host.Output.WriteLine($"page: {path}");
        if (survey.Faulty > 0)
        {
            host.Error.WriteLine($"adashare: {survey.Faulty} of {survey.Images + survey.Faulty} examples can't be read{(survey.Faulty > survey.Faults.Count ? $"; the first {survey.Faults.Count} are named" : "")}; mend or remove them before training");
        }

        return survey.Faulty == 0 ? ExitCode.Success : ExitCode.Failure;
    }
}
