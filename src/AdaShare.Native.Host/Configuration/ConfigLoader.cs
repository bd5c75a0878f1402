using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Datasets;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Methods;

namespace AdaShare.Native.Host.Configuration;

/// <summary>Puts a run's configuration together from a file or preset and the options of the command line, and checks it.</summary>
public static class ConfigLoader
{
    /// <summary>The name of the data set that needs no files.</summary>
    public const string ProceduralScenes = "Scenes";

    /// <summary>The configuration of a training run.</summary>
    /// <exception cref="ConfigurationException">A key or value is wrong; the message names where it stands.</exception>
    public static LoadedConfig Load(ConfigRequest request)
    {
        LoadedConfig loaded = Read(request);
        Explain(request, () => ConfigValidator.Validate(loaded.Config, MethodRegistry.Get(loaded.Config.Method)));
        return loaded with { Notices = [.. loaded.Notices, .. ConfigValidator.Notices(loaded.Config, MethodRegistry.Get(loaded.Config.Method))] };
    }

    /// <summary>The configuration of a network that is looked at and not trained: the data set need not be there, or even be supported.</summary>
    /// <exception cref="ConfigurationException">A key, or a value that the network depends on, is wrong.</exception>
    public static LoadedConfig LoadNetwork(ConfigRequest request)
    {
        LoadedConfig loaded = Read(request);
        Explain(request, () => ConfigValidator.ValidateNetwork(loaded.Config));
        return loaded;
    }

    private static LoadedConfig Read(ConfigRequest request)
    {
        if (request.File is not null && request.Preset is not null)
        {
            throw new ConfigurationException($"--config {request.File} and --preset {request.Preset} exclude each other; give one of them, and --set for what differs");
        }

        var reader = new ConfigReader();
        if (request.Stored is (string text, string name))
        {
            reader.ReadText(text, name);
        }
        else if (request.File is not null)
        {
            reader.ReadFile(request.File);
        }
        else
        {
            string preset = PresetOf(request);
            reader.ReadText(PresetCatalog.Text(preset), $"preset {preset}");
        }

        foreach ((string source, IReadOnlyList<string> assignments) in request.Between.Append((request.Source, request.Assignments)))
        {
            foreach (string assignment in assignments)
            {
                reader.ReadAssignment(assignment, source);
            }
        }

        ApplyOptions(request, reader.Config);
        DatasetFactory.TakeTasks(reader.Config, reader.IsGiven);
        DatasetFactory.TakeInput(reader.Config, reader.IsGiven);
        return new LoadedConfig(reader.Config, [ModeOf(reader), .. reader.CheckMethod()]);
    }

    /// <summary>The preset that is asked for; a folder that describes itself has its own where nothing else is said.</summary>
    private static string PresetOf(ConfigRequest request) => request.Preset ?? (request.Data is { } data && DatasetFactory.Describes(data) ? PresetCatalog.OwnData : PresetCatalog.Default);

    private static void ApplyOptions(ConfigRequest request, RunConfig config)
    {
        if (request.Seed is long seed)
        {
            config.Seed = [seed];
        }

        config.Init = request.Init ?? config.Init;
        config.Dataload.Cache = request.Cache ?? config.Dataload.Cache;
        DatasetFactory.UseFolder(config, request.Data);
    }

    private static string ModeOf(ConfigReader reader)
    {
        LossConfig loss = reader.Config.Loss;
        if (reader.IsGiven("loss.mode"))
        {
            return $"loss.mode {loss.Mode}: the configuration says so";
        }

        // The official files know no loss section; their sections and data sets give them away.
        bool isOfficial = reader.IsGiven("paths") && reader.Config.Dataload.Dataset is ("NYU_v2" or "CityScapes" or "Taskonomy");
        loss.Mode = isOfficial ? "official" : "paper";
        return isOfficial
            ? "loss.mode official: the file has a paths section and no loss.mode, so it is one of the official code's; --set loss.mode=paper chooses the paper's losses"
            : "loss.mode paper: the configuration does not say otherwise";
    }

    /// <summary>The last assignment of the key that a message names, which is where a reader must look.</summary>
    private static string AtFault(ConfigRequest request, string message)
    {
        (string Source, string Assignment) last = request.Between.Append((request.Source, request.Assignments))
            .SelectMany(static layer => layer.Item2.Select(assignment => (layer.Item1, assignment)))
            .LastOrDefault(pair => message.StartsWith(OfficialKeys.Place(pair.assignment.Split('=')[0].Trim()), StringComparison.Ordinal));
        return last.Assignment is null ? "" : $" with {last.Source} {last.Assignment}";
    }

    private static void Explain(ConfigRequest request, Action check)
    {
        try
        {
            check();
        }
        catch (ConfigurationException e)
        {
            string source = request.File ?? request.Stored?.Source ?? $"preset {PresetOf(request)}";
            throw new ConfigurationException($"{source}{AtFault(request, e.Message)}: {e.Message}");
        }
    }
}
