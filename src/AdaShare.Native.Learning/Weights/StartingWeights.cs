using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Checkpoints.Weights;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Weights;

/// <summary>
/// Weights from elsewhere as the start of a model: every backbone that it has, and the copies of backbone blocks of methods that have such, starts from the file's residual network; heads start from the file
/// where they have the same names and shapes there. First everything is held against the model, then the elements are read.
/// </summary>
public sealed class StartingWeights : IDisposable
{
    private const string OptimizerPrefix = "optimizer.";

    private readonly WeightFile _file;
    private readonly ParameterStore _store;
    private readonly ImageInput _target;
    private readonly Dictionary<string, WeightTensor> _tensors = [];
    private readonly List<(Parameter Target, Func<double[]> Read)> _parameters = [];
    private readonly List<(Counter Target, WeightTensor Source)> _counters = [];
    private readonly HashSet<WeightTensor> _used = [];
    private readonly HashSet<string> _missing = [];
    private readonly RunHeads? _heads;

    // What of the file no part of the model could start from, because it belongs to a task that the model has not.
    private readonly List<string> _foreign = [];

    private StartingWeights(WeightFile file, ParameterStore store, ImageInput target, TaskPlaces? theirs = null, TaskPlaces? ours = null)
    {
        (_file, _store, _target) = (file, store, target);
        _heads = theirs is null ? null : new RunHeads(theirs, ours!);
        foreach (WeightTensor tensor in file.Tensors.Where(static tensor => !tensor.Name.StartsWith(OptimizerPrefix, StringComparison.Ordinal)))
        {
            string name = BackboneNames.Unwrapped(tensor.Name);
            if ((theirs is null ? name : theirs.NormIn(name, ours!)) is { } here)
            {
                _tensors.TryAdd(here, tensor);
            }
            else
            {
                _foreign.Add(name);
            }
        }
    }

    /// <summary>What is taken.</summary>
    public WeightRecord Record { get; } = new();

    /// <summary>The names of all parameters, statistics and counters that are set.</summary>
    public IReadOnlySet<string> Names => _parameters.Select(static p => p.Target.Name).Concat(_counters.Select(static c => c.Target.Name)).ToHashSet();

    /// <summary>Holds a file against a model.</summary>
    /// <param name="path">The file: safetensors, PyTorch's, ONNX.</param>
    /// <param name="store">The model's parameters.</param>
    /// <param name="input">The images that it was trained with; what its names say if null.</param>
    /// <param name="target">What the model sees; <see cref="ImageInput.Default"/> if null.</param>
    /// <exception cref="DataException">The file is missing or damaged, has no residual network, or one of another depth or width; one sentence with the file.</exception>
    /// <exception cref="CheckpointException">It is a damaged safetensors file.</exception>
    public static StartingWeights Of(string path, ParameterStore store, InputConvention? input = null, ImageInput? target = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        WeightFile file = WeightFile.Open(path);
        return Planned(new StartingWeights(file, store, target ?? ImageInput.Default), input);
    }

    /// <summary>Holds the network of another run against a model. Heads are found by their tasks' names, whatever numbers these have in either run.</summary>
    /// <param name="run">The other run.</param>
    /// <param name="store">The model's parameters.</param>
    /// <param name="tasks">The model's tasks.</param>
    /// <param name="input">The images that it was trained with; those of its configuration if null.</param>
    /// <param name="target">What the model sees; <see cref="ImageInput.Default"/> if null.</param>
    /// <exception cref="DataException">The checkpoint is missing, or its network is of another depth or width; one sentence with the file.</exception>
    /// <exception cref="CheckpointException">It is damaged.</exception>
    /// <exception cref="ConfigurationException">It saw other images, to which its first convolution can't be turned.</exception>
    public static StartingWeights Of(StartingRun run, ParameterStore store, IReadOnlyList<TaskSpec> tasks, InputConvention? input = null, ImageInput? target = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(tasks);
        target ??= ImageInput.Default;
        ImageInput seen = NetworkSpec.Of(run.Config).Input;
        input ??= seen == target ? InputConvention.Own
            : seen == ImageInput.Default ? InputConvention.Bgr
            : throw new ConfigurationException($"init is {run.Folder}, whose networks see other images (dataload.input) than this run's; give this run the same dataload.input, or set init_input=own to take the first convolution as it is");
        WeightFile file = WeightFile.Open(run.Checkpoint);
        StartingWeights weights = Planned(new StartingWeights(file, store, target, new TaskPlaces(TaskSpec.Of(run.Config)), new TaskPlaces(tasks)), input);
        (weights.Record.Run, weights.Record.Network, weights.Record.Method, weights.Record.Steps) = (run.Folder, run.Network, run.Config.Method, run.Steps);
        return weights;
    }

    private static StartingWeights Planned(StartingWeights weights, InputConvention? input)
    {
        try
        {
            weights.Plan(input);
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Sets the model's weights; what the file has not stays as it is.</summary>
    /// <exception cref="DataException">The file is damaged, or has an element that is not finite.</exception>
    public void Apply()
    {
        foreach ((Parameter target, Func<double[]> read) in _parameters)
        {
            double[] values = read();
            target.Value.CopyFromDoubles(Array.TrueForAll(values, double.IsFinite)
                ? values
                : throw new DataException($"{_file.Path}: what belongs to {target.Name} has an element that is not finite; give weights of a training that went well"));
        }

        foreach ((Counter target, WeightTensor source) in _counters)
        {
            target.Value = (long)source.Read()[0];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Plan(InputConvention? input)
    {
        Dictionary<string, SourceBackbone> sources = SourceBackbone.Of(_tensors);
        Dictionary<string, List<string>> targets = Targets();
        var conventions = new HashSet<InputConvention>();
        foreach ((string prefix, List<string> names) in targets)
        {
            SourceBackbone source = SourceBackbone.For(prefix, sources) ?? throw Lacks(prefix, sources);
            CheckDepth(source, names, targets.Values.SelectMany(static all => all));
            InputConvention convention = input ?? Convention(source);
            conventions.Add(convention);
            names.ForEach(name => Assign(prefix, name, source, convention));
        }

        if (_parameters.Count == 0)
        {
            throw Unfit("could start no backbone of this network, which has none; leave init out");
        }

        if (_missing.FirstOrDefault(static name => name.EndsWith(".weight", StringComparison.Ordinal) && name.Contains(".conv", StringComparison.Ordinal)) is { } convolution)
        {
            throw Unfit($"lacks a convolution of the network, {convolution}; give weights of the whole backbone");
        }

        AssignHeads();
        Fill(targets.Count(static target => target.Value.Contains(target.Key + BackboneNames.StemFilter)), conventions);
    }

    /// <summary>The names of the model's backbones and of copies of parts of them, by what they begin with.</summary>
    private Dictionary<string, List<string>> Targets() => _store.Parameters.Where(static parameter => parameter.Group.Name is not (NetworkBuilder.HeadGroup or PolicyNetwork.GroupName))
        .Select(static parameter => parameter.Name).Concat(_store.Counters.Select(static counter => counter.Name))
        .Select(static name => (Name: name, Parsed: BackboneNames.Parse(name))).Where(static entry => entry.Parsed is not null)
        .GroupBy(static entry => entry.Parsed!.Prefix).Where(static group => group.Any(static entry => BackboneNames.BlockOf(entry.Parsed!.Place) is not null))
        .ToDictionary(static group => group.Key, static group => group.Select(static entry => entry.Name).ToList());

    private InputConvention Convention(SourceBackbone source) => _file.HasNamesFromGraph
        ? throw new ConfigurationException($"init is {_file.Path}, whose names do not say which images its weights were trained with; set init_input to torchvision (R, G, B / 255, minus mean, by deviation), bgr (B, G, R of 0 to 255, minus mean) or own (as this run's dataload.input says)")
        : source.IsTorchvision ? InputConvention.Torchvision : InputConvention.Bgr;

    /// <summary>A source must have the blocks of the backbone that it goes into, or of all parts of the model's backbone together, some of which may lie under other names.</summary>
    private void CheckDepth(SourceBackbone source, IEnumerable<string> own, IEnumerable<string> all)
    {
        static string[] Places(IEnumerable<string> names) => [.. names.Select(static name => BackboneNames.Parse(name)!.Place)];
        string[] places = Places(all);
        int[] theirs = source.Blocks, ours = SourceBackbone.BlockCounts(places);
        if (!theirs.SequenceEqual(ours) && !theirs.SequenceEqual(SourceBackbone.BlockCounts(Places(own))))
        {
            throw Unfit($"has {string.Join(", ", theirs)} blocks in its stages, and the network {string.Join(", ", ours)}; give weights of a network of the same depth, or choose its backbone");
        }

        int Convolutions(IEnumerable<string> all) => all.Any(static place => place.Contains(".conv3.", StringComparison.Ordinal)) ? 3 : 2;
        if (Convolutions(source.Tensors.Keys) != Convolutions(places))
        {
            throw Unfit($"has {Convolutions(source.Tensors.Keys)} convolutions in each block, and the network {Convolutions(places)}; give weights of a network of the same depth, or choose its backbone");
        }
    }

    /// <summary>Whether a first convolution was trained with other images than the model sees.</summary>
    private bool Folds(InputConvention convention) => convention == InputConvention.Torchvision || (convention == InputConvention.Bgr && _target != ImageInput.Default);

    private void Assign(string prefix, string name, SourceBackbone source, InputConvention convention)
    {
        string place = name[prefix.Length..];
        if (BackboneNames.PartOf(place) is (var whole, var part) && !source.Tensors.ContainsKey(place))
        {
            AssignPart(prefix, name, source.Tensors.GetValueOrDefault(whole), whole, part);
            return;
        }

        WeightTensor? tensor = source.Tensors.GetValueOrDefault(place);
        if (tensor is null)
        {
            // A batch norm of one task starts as a copy of that which all tasks have in the file.
            place = BackboneNames.WithoutTask(place);
            tensor = source.Tensors.GetValueOrDefault(place);
        }

        if (Folds(convention) && tensor is not null && place is BackboneNames.StemFilter or BackboneNames.StemMean && source.Tensors.GetValueOrDefault(BackboneNames.StemFilter) is { } filter)
        {
            int outputs = (int)_store[name].Shape[0];
            Assign(name, tensor, place == BackboneNames.StemFilter ? () => StemFold.Filter(tensor.Read(), outputs, convention, _target) : () => StemFold.RunningMean(tensor.Read(), filter.Read(), convention, _target));
        }
        else
        {
            Assign(name, tensor);
        }
    }

    private void Assign(string name, WeightTensor? tensor, Func<double[]>? read = null)
    {
        if (!_store.Contains(name))
        {
            if (tensor is { Count: 1 })
            {
                _counters.Add((_store.Counters.First(counter => counter.Name == name), tensor));
                _used.Add(tensor);
            }

            return;
        }

        if (tensor is null)
        {
            _missing.Add(name);
            return;
        }

        Parameter target = _store[name];
        long[] expected = Sizes(target.Shape);
        if (!tensor.Shape.SequenceEqual(expected))
        {
            throw Unfit($"{tensor.Name} is [{string.Join(", ", tensor.Shape)}], and {name} of the network [{string.Join(", ", expected)}]; give weights of a network of the same width, or set model.width");
        }

        _parameters.Add((target, read ?? tensor.Read));
        _used.Add(tensor);
    }

    /// <summary>A part of a tensor for a block whose middle channels are divided: outputs of the first convolution and of its batch norm, inputs of the second.</summary>
    private void AssignPart(string prefix, string name, WeightTensor? tensor, string whole, int part)
    {
        if (!_store.Contains(name) || tensor is null)
        {
            Assign(name, tensor);
            return;
        }

        int axis = whole.Contains(".conv2.", StringComparison.Ordinal) ? 1 : 0;
        Parameter target = _store[name];
        Parameter[] parts = [.. Enumerable.Range(0, int.MaxValue).Select(i => PartName(prefix, whole, i)).TakeWhile(_store.Contains).Select(other => _store[other])];
        long[] expected = Sizes(target.Shape);
        expected[axis] = parts.Sum(other => (long)other.Shape[axis]);
        if (!tensor.Shape.SequenceEqual(expected))
        {
            throw Unfit($"{tensor.Name} is [{string.Join(", ", tensor.Shape)}], and that of the network [{string.Join(", ", expected)}]; give weights of a network of the same width, or set model.width");
        }

        int first = parts.Take(part).Sum(other => (int)other.Shape[axis]), count = (int)target.Shape[axis];
        _parameters.Add((target, () => Slice(tensor.Read(), expected, axis, first, count)));
        _used.Add(tensor);
    }

    private static string PartName(string prefix, string whole, int part)
    {
        int dot = whole.LastIndexOf('.');
        return $"{prefix}{whole[..dot]}.{part}{whole[dot..]}";
    }

    private static double[] Slice(double[] values, long[] shape, int axis, int first, int count)
    {
        int inner = (int)shape.Skip(axis + 1).Aggregate(1L, static (n, d) => n * d), whole = (int)shape[axis] * inner;
        int outer = values.Length / whole;
        var sliced = new double[outer * count * inner];
        for (int o = 0; o < outer; o++)
        {
            values.AsSpan((o * whole) + (first * inner), count * inner).CopyTo(sliced.AsSpan(o * count * inner));
        }

        return sliced;
    }

    /// <summary>Heads that the file has whole, under the same names and in the same shapes; of a run those of the same tasks.</summary>
    private void AssignHeads()
    {
        IEnumerable<Parameter> parameters = _store.Parameters.Where(static parameter => parameter.Group.Name == NetworkBuilder.HeadGroup);
        if (_heads is not null)
        {
            _heads.Match(parameters, _tensors).ToList().ForEach(pair => Assign(pair.Target.Name, pair.Source));
            return;
        }

        foreach (IGrouping<string, Parameter> head in parameters.GroupBy(static parameter => parameter.Name.Split('_', '.')[0]))
        {
            if (head.All(parameter => _tensors.TryGetValue(parameter.Name, out WeightTensor? tensor) && tensor.Shape.SequenceEqual(Sizes(parameter.Shape))))
            {
                head.ToList().ForEach(parameter => Assign(parameter.Name, _tensors[parameter.Name]));
            }
        }
    }

    private void Fill(int backbones, HashSet<InputConvention> conventions)
    {
        Record.File = _file.Path;
        Record.Fingerprint = FileFingerprint.Of(_file.Path);
        Record.Format = _file.Format;
        Record.Input = conventions.Contains(InputConvention.Torchvision) ? "torchvision" : conventions.Contains(InputConvention.Own) ? "own" : "bgr";
        Record.IsFolded = _target != ImageInput.Default && conventions.Any(Folds);
        Record.Backbones = backbones;
        Record.Loaded = _parameters.Count;
        Record.Left = WeightRecord.Grouped(_tensors.Where(entry => !_used.Contains(entry.Value)).Select(static entry => entry.Key).Concat(_foreign).Where(static name => !name.EndsWith(BackboneNames.CounterEnding, StringComparison.Ordinal)));
        (Record.Heads, Record.FreshHeads) = (_heads?.Taken, _heads?.Fresh);
        Record.Missing = [.. _missing.Order(StringComparer.Ordinal)];
    }

    private DataException Lacks(string prefix, Dictionary<string, SourceBackbone> sources) => Unfit(sources.Count == 0
        ? $"has no residual network, whose names would be conv1.weight, layer1.0.conv1.weight … or backbone.conv1.weight, backbone.blocks.0.0.conv1.weight …, but {WeightRecord.List([.. _tensors.Keys.Take(3)])}; give the weights of one"
        : $"has the networks {string.Join(", ", sources.Keys.Select(static name => name.TrimEnd('.')))}, and nothing says which of them {prefix.TrimEnd('.')} starts from; give a file with one network");

    private static long[] Sizes(Shape shape) => [.. shape.ToArray().Select(static size => (long)size)];

    private DataException Unfit(string what) => new($"{_file.Path}: {what}");
}
