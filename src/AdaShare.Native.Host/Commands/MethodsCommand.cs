using System.CommandLine;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Console;
using AdaShare.Native.Host.Devices;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Methods;
using AdaShare.Native.Methods.Costs;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare methods</c>: the methods that there are, and what their networks cost beside what is published.</summary>
public static class MethodsCommand
{
    private const string StandardOutput = "-";

    // The numbers of tasks for which costs are published.
    private static readonly int[] Tasks = [2, 3, 5];

    private static readonly (int Height, int Width) PublishedSize = (MethodCosts.PublishedSide, MethodCosts.PublishedSide);

    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var costs = new Option<bool>("--costs")
        {
            Description = "Counts parameters and multiply-adds of every method's network, heads left out, for 2, 3 and 5 tasks, and shows them beside the published figures.",
        };
        var backbone = new Option<string?>("--backbone") { HelpName = "NAME", Description = $"One of {BackboneRegistry.List}, with --costs. Default: {MethodCosts.PublishedBackbone}." };
        Option<(int Height, int Width)?> size = CommonOptions.Size("The image for which multiply-adds are counted, with --costs.", 16, PublishedSize);
        var json = new Option<string?>("--json") { HelpName = "FILE", Description = "Also writes methods, and costs where they are counted, as JSON; - writes them to standard output, and nothing else." };
        var command = new Command("methods", "Lists the methods that there are; with --costs what their networks cost.") { costs, backbone, size, json };
        command.SetAction(parsed =>
        {
            string? file = parsed.GetValue(json);
            CheckJson(file);
            (string? name, (int Height, int Width)? image) = (parsed.GetValue(backbone), parsed.GetValue(size));
            if (!parsed.GetValue(costs) && (name is not null || image is not null))
            {
                throw new ConfigurationException($"{(name is null ? "--size" : "--backbone")} says what costs are counted for; give --costs too, or leave it out");
            }

            MethodsFile found = parsed.GetValue(costs) ? Count(host, name ?? MethodCosts.PublishedBackbone, image) : new MethodsFile();
            Write(host, found, file);
            return ExitCode.Success;
        });
        return command;
    }

    private static MethodsFile Count(HostContext host, string backbone, (int Height, int Width)? size)
    {
        if (BackboneRegistry.Find(backbone) is not { } form)
        {
            throw new ConfigurationException($"--backbone is {backbone}; expected one of {BackboneRegistry.List}");
        }

        if (form.Inputs == InputKind.Text && size is not null)
        {
            throw new ConfigurationException($"--size is an image's, and backbone {backbone} reads texts; leave it out");
        }

        (int Height, int Width) image = form.Inputs == InputKind.Text ? NetworkSpec.InputSize(new RunConfig { Backbone = backbone }) : size ?? PublishedSize;
        var rows = new List<MethodCost>();
        foreach (IMethod method in MethodRegistry.All.Where(method => Takes(method, form)))
        {
            // A device of its own for each method, and no cache, give the memory of its networks back: the next one's have other sizes.
            using SelectedDevice cpu = DeviceSelector.Open(host, "cpu", 1);
            var counted = new MethodCosts(cpu.Backend, backbone, image.Height, image.Width);
            foreach (int tasks in Tasks)
            {
                rows.Add(counted.Of(method, tasks));
                cpu.Backend.TrimCache();
            }
        }

        return new MethodsFile { Backbone = backbone, Height = image.Height, Width = image.Width, Costs = [.. rows.Select(MethodCostRow.Of)] };
    }

    private static bool Takes(IMethod method, BackboneForm form) => Refusal(method, form) is null;

    private static string? Refusal(IMethod method, BackboneForm form) => form.Block != BlockKind.Basic && method.WithoutBottlenecks is { } bottlenecks ? bottlenecks : form.Blocks.Min() == 1 ? method.WithoutSingleBlocks : null;

    private static void Write(HostContext host, MethodsFile found, string? json)
    {
        if (json == StandardOutput)
        {
            host.Output.WriteLine(found.ToJson());
            return;
        }

        if (found.Costs is null)
        {
            MethodTables.WriteList(host.Console, found.Methods);
        }
        else
        {
            MethodTables.WriteCosts(host.Console, found);
            foreach (IMethod method in MethodRegistry.All.Where(method => !Takes(method, BackboneRegistry.Get(found.Backbone!))))
            {
                host.Output.WriteLine($"left out: {method.Name}, {Refusal(method, BackboneRegistry.Get(found.Backbone!))}");
            }
        }

        if (json is not null)
        {
            found.Write(json);
        }
    }

    /// <summary>Refuses what can't become a file before anything is counted.</summary>
    private static void CheckJson(string? json)
    {
        if (json is not null && json != StandardOutput && (string.IsNullOrWhiteSpace(json) || Directory.Exists(json)))
        {
            throw new ConfigurationException($"--json {json}: is {(string.IsNullOrWhiteSpace(json) ? "empty" : "a folder")}; name a file, or - for standard output");
        }
    }
}
