using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Methods;
using AdaShare.Native.Reports.Onnx;

namespace AdaShare.Native.Reports.Tests.Onnx;

/// <summary>A very small network of a method, with weights and running statistics that leave no channel as it was; the same whenever it is built.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="Label">What is particular about it, for the test's name.</param>
public sealed record SmallNetwork(string Method, string Label = "")
{
    /// <summary>Sets options; null for the defaults.</summary>
    public Action<RunConfig>? Change { get; init; }

    /// <summary>The gates; every block for every task if null.</summary>
    public GateTable? Gates { get; init; }

    /// <summary>The tasks, with their kinds and channels.</summary>
    public IReadOnlyList<(string Name, string Kind, int Channels)> Tasks { get; init; } = [("seg", "seg", 13), ("sn", "sn", 3), ("depth", "depth", 1)];

    /// <summary>The configuration.</summary>
    public RunConfig Config
    {
        get
        {
            var config = new RunConfig
            {
                Method = Method,
                Tasks = [.. Tasks.Select(static task => task.Name)],
                TaskKinds = [.. Tasks.Select(static task => task.Kind)],
                TasksNumClass = [.. Tasks.Select(static task => task.Channels)],
                Lambdas = [.. Tasks.Select(static _ => 1.0)],
            };
            (config.Model.Width, config.Model.HeadWidth) = (0.125, 1.0 / 128);
            Change?.Invoke(config);
            return config;
        }
    }

    /// <summary>Builds the network on a backend.</summary>
    public TrainedNetwork Load(Backend backend)
    {
        IModel model = MethodRegistry.Get(Method).Build(Config, backend);
        model.Store.Initialize(7);
        foreach (Parameter parameter in model.Store.Parameters.Where(static parameter => parameter.Name.Contains("bn", StringComparison.Ordinal) || parameter.Group.IsBuffer || parameter.Shape.Rank == 1))
        {
            var stream = RandomStream.For(11, parameter.Name, 0);
            bool isVariance = parameter.Name.EndsWith("running_var", StringComparison.Ordinal), isScale = parameter.Name.EndsWith(".weight", StringComparison.Ordinal);
            parameter.Fill(i => isVariance ? 0.5 + stream.UniformDouble((ulong)i) : isScale ? 0.6 + (0.8 * stream.UniformDouble((ulong)i)) : stream.UniformDouble((ulong)i) - 0.5);
        }

        return TrainedNetwork.Of(model, Gates ?? GateTable.Shared, "weights", decodedNormals: true);
    }

    /// <summary>The network as a graph.</summary>
    public OnnxModel Export(Backend backend, OnnxOptions? options = null) =>
        OnnxModel.Of(Load, backend, new OnnxDescription(Method, MethodRegistry.Get(Method).Title, new Dictionary<string, IReadOnlyList<string>>(), true), options ?? new OnnxOptions());

    /// <inheritdoc/>
    public override string ToString() => Label.Length == 0 ? Method : $"{Method}, {Label}";
}
