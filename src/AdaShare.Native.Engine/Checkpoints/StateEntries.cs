using System.Runtime.InteropServices;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Checkpoints;

/// <summary>Turns models and optimisers into safetensors entries, in PyTorch's names and orders, and back.</summary>
public static class StateEntries
{
    /// <summary>The entries of a model: parameters, buffers and counters under their own names.</summary>
    public static IEnumerable<SafeTensorEntry> Of(ParameterStore store)
    {
        foreach (Parameter parameter in store.Parameters)
        {
            yield return Entry(parameter.Name, parameter.Value);
        }

        foreach (Counter counter in store.Counters)
        {
            yield return new SafeTensorEntry(counter.Name, "I64", [], bytes => MemoryMarshal.Write(bytes, counter.Value));
        }
    }

    /// <summary>The entries of an optimiser: <c>prefix.buffer.parameter</c> for each parameter, and <c>prefix.step</c>.</summary>
    public static IEnumerable<SafeTensorEntry> Of(Optimizer optimizer, string prefix)
    {
        foreach ((string name, Tensor tensor) in Buffers(optimizer, prefix))
        {
            yield return Entry(name, tensor);
        }

        yield return new SafeTensorEntry(prefix + ".step", "I64", [], bytes => MemoryMarshal.Write(bytes, optimizer.StepCount));
    }

    /// <summary>Reads a model's parameters, buffers and counters.</summary>
    /// <param name="file">The file.</param>
    /// <param name="store">The model.</param>
    /// <param name="wanted">Which entries, by their names; all if null.</param>
    /// <exception cref="CheckpointException">Something is missing or has another shape.</exception>
    public static void Load(SafeTensorsFile file, ParameterStore store, Func<string, bool>? wanted = null)
    {
        foreach (Parameter parameter in store.Parameters.Where(parameter => wanted?.Invoke(parameter.Name) ?? true))
        {
            LoadTensor(file, parameter.Name, parameter.Value);
        }

        foreach (Counter counter in store.Counters.Where(counter => wanted?.Invoke(counter.Name) ?? true))
        {
            counter.Value = LoadNumber(file, counter.Name);
        }
    }

    /// <summary>Reads an optimiser's buffers and step count.</summary>
    /// <exception cref="CheckpointException">Something is missing or has another shape.</exception>
    public static void Load(SafeTensorsFile file, Optimizer optimizer, string prefix)
    {
        foreach ((string name, Tensor tensor) in Buffers(optimizer, prefix))
        {
            LoadTensor(file, name, tensor);
        }

        optimizer.StepCount = LoadNumber(file, prefix + ".step");
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Buffers(Optimizer optimizer, string prefix)
    {
        foreach (NamedBuffer buffer in optimizer.State)
        {
            foreach (Parameter parameter in buffer.Group.Parameters)
            {
                Tensor part = buffer.Tensor.Part(parameter.Value.Offset - buffer.Group.Values.Offset, parameter.Shape, parameter.IsFilter);
                yield return ($"{prefix}.{buffer.Name}.{parameter.Name}", part);
            }
        }
    }

    private static SafeTensorEntry Entry(string name, Tensor tensor) => new(name, TypeName(tensor.DType), tensor.Shape.ToArray(), bytes =>
    {
        if (tensor.DType == DType.Float64)
        {
            tensor.CopyTo(MemoryMarshal.Cast<byte, double>(bytes));
        }
        else
        {
            tensor.CopyTo(MemoryMarshal.Cast<byte, float>(bytes));
        }
    });

    private static void LoadTensor(SafeTensorsFile file, string name, Tensor tensor)
    {
        var bytes = new byte[tensor.Count * tensor.DType.Size()];
        file.Read(name, TypeName(tensor.DType), tensor.Shape.ToArray(), bytes);
        if (tensor.DType == DType.Float64)
        {
            tensor.CopyFrom<double>(MemoryMarshal.Cast<byte, double>(bytes));
        }
        else
        {
            tensor.CopyFrom<float>(MemoryMarshal.Cast<byte, float>(bytes));
        }
    }

    private static long LoadNumber(SafeTensorsFile file, string name)
    {
        Span<byte> bytes = stackalloc byte[8];
        file.Read(name, "I64", [], bytes);
        return MemoryMarshal.Read<long>(bytes);
    }

    private static string TypeName(DType type) => type switch
    {
        DType.Float32 => "F32",
        DType.Float64 => "F64",
        DType.Int32 => "I32",
        DType.BFloat16 => "BF16",
        _ => "U8",
    };
}
