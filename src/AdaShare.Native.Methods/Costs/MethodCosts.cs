using System.Globalization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Methods.SpotTune;

namespace AdaShare.Native.Methods.Costs;

/// <summary>What the networks of methods cost, counted on the networks themselves.</summary>
/// <param name="backend">Whose memory holds a network while it is counted.</param>
/// <param name="backbone">The backbone's name.</param>
/// <param name="height">Rows of the image.</param>
/// <param name="width">Columns of the image.</param>
public sealed class MethodCosts(Backend backend, string backbone, int height, int width)
{
    /// <summary>The backbone of published figures.</summary>
    public const string PublishedBackbone = "ResNet34";

    /// <summary>Rows and columns of the image of published figures.</summary>
    public const int PublishedSide = 224;

    // Heads are not counted; these are the smallest.
    private const double HeadWidth = 1.0 / 128;

    private long? _backboneState;

    /// <summary>Counts a method's network with the method's default options: as its published figures were counted where there are any, otherwise with every block run, what decides about that included.</summary>
    /// <param name="method">The method.</param>
    /// <param name="tasks">The number of tasks, 1 to the number of kinds that there are.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many tasks.</exception>
    public MethodCost Of(IMethod method, int tasks)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tasks);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tasks, TaskRegistry.All.Count);
        PublishedCost? published = backbone == PublishedBackbone ? method.PublishedCosts.FirstOrDefault(cost => cost.Tasks == tasks) : null;
        using IModel model = method.Build(Config(tasks), backend);
        ModelCost cost = model.Cost(published?.Gates ?? (model is DecidingNetwork or SpotTuneNetwork ? GateTable.Decided : GateTable.Shared), height, width);
        long state = State(model, cost);
        _backboneState ??= BackboneState();
        return new MethodCost(
            method.Name, method.Title, tasks, cost.BackboneParameters, state, (double)state / _backboneState.Value, cost.ExecutedBackboneMultiplyAdds,
            cost.PassesBackboneMultiplyAdds, height == PublishedSide && width == PublishedSide ? published : null);
    }

    private long BackboneState()
    {
        using var network = new SharedNetwork(NetworkSpec.Of(Config(1)), backend);
        return State(network, network.Cost(GateTable.Shared, height, width));
    }

    /// <summary>Heads have parameters only; the counters of batch norms, one for each, are left out as in the published figures.</summary>
    private static long State(IModel model, ModelCost cost) => model.Store.Parameters.Sum(static parameter => parameter.Count) - cost.HeadParameters;

    private RunConfig Config(int tasks)
    {
        // Of texts there is nothing to say pixel by pixel: all tasks are classes.
        bool reads = BackboneRegistry.Get(backbone).Inputs == InputKind.Text;
        ITask[] kinds = reads ? [.. Enumerable.Repeat(TaskRegistry.Find("class")!, tasks)] : [.. TaskRegistry.All.Take(tasks)];
        var config = new RunConfig
        {
            Backbone = backbone,
            Tasks = [.. kinds.Select((kind, t) => reads ? string.Create(CultureInfo.InvariantCulture, $"text{t}") : kind.Name)],
            TaskKinds = [.. kinds.Select(static kind => kind.Name)],
            TasksNumClass = [.. kinds.Select(static kind => Enumerable.Range(1, byte.MaxValue).First(channels => kind.Misfit(channels) is null))],
            Lambdas = [.. kinds.Select(static _ => 1.0)],
        };
        config.Model.HeadWidth = HeadWidth;
        return config;
    }
}
