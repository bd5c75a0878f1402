using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Checkpoints.Weights;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;

namespace AdaShare.Native.Learning.Weights;

/// <summary>A whole trained model from a file that another program wrote, under the names that our models have, which are the published code's.</summary>
public static class ModelWeights
{
    private const string OptimizerPrefix = "optimizer.";

    /// <summary>Sets everything that a model has: parameters, running statistics, and counters where the file has them.</summary>
    /// <param name="path">The file: safetensors, PyTorch's.</param>
    /// <param name="store">The model's parameters.</param>
    /// <returns>What the file has beside it, those of one beginning together.</returns>
    /// <exception cref="DataException">The file is missing or damaged, or lacks something, or has it in another shape; one sentence with the file.</exception>
    /// <exception cref="CheckpointException">It is a damaged safetensors file.</exception>
    public static IReadOnlyList<string> Load(string path, ParameterStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        using WeightFile file = WeightFile.Open(path);
        var tensors = new Dictionary<string, WeightTensor>();
        foreach (WeightTensor tensor in file.Tensors)
        {
            tensors.TryAdd(BackboneNames.Unwrapped(tensor.Name), tensor);
        }

        string[] missing = [.. store.Parameters.Select(static parameter => parameter.Name).Where(name => !tensors.ContainsKey(name))];
        if (missing.Length > 0)
        {
            throw new DataException($"{path}: lacks {WeightRecord.List(WeightRecord.Grouped(missing))} of the network; give a checkpoint of a network with the same backbone and tasks, or set those that it was trained with");
        }

        foreach (Parameter parameter in store.Parameters)
        {
            Set(path, parameter, tensors[parameter.Name]);
        }

        foreach (Counter counter in store.Counters)
        {
            counter.Value = tensors.TryGetValue(counter.Name, out WeightTensor? tensor) && tensor.Count == 1 ? (long)tensor.Read()[0] : 0;
        }

        HashSet<string> known = [.. store.Parameters.Select(static parameter => parameter.Name), .. store.Counters.Select(static counter => counter.Name)];
        return WeightRecord.Grouped(tensors.Keys.Where(name => !known.Contains(name) && !name.StartsWith(OptimizerPrefix, StringComparison.Ordinal)));
    }

    private static void Set(string path, Parameter parameter, WeightTensor tensor)
    {
        int[] expected = parameter.Shape.ToArray();
        if (!tensor.Shape.SequenceEqual(expected.Select(static size => (long)size)))
        {
            throw new DataException($"{path}: {tensor.Name} is [{string.Join(", ", tensor.Shape)}], and that of the network [{string.Join(", ", expected)}]; set the widths and numbers of classes that it was trained with");
        }

        double[] values = tensor.Read();
        parameter.Value.CopyFromDoubles(Array.TrueForAll(values, double.IsFinite) ? values : throw new DataException($"{path}: {tensor.Name} has an element that is not finite; give a checkpoint of a training that went well"));
    }
}
