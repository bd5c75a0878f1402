using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.CudaSimulation.Cudnn;

/// <summary>A descriptor of cuDNN's backend API: attributes as they were set, fixed once it is finalized.</summary>
internal sealed class BackendDescriptor(CudnnDescriptorType type)
{
    private readonly Dictionary<CudnnAttribute, (CudnnAttributeType Type, byte[] Bytes)> _values = [];
    private readonly Dictionary<CudnnAttribute, BackendDescriptor[]> _descriptors = [];

    public CudnnDescriptorType Type => type;

    public bool IsFinalized { get; set; }

    /// <summary>Of engine heuristics: the configurations that were found.</summary>
    public IReadOnlyList<BackendDescriptor> Results { get; set; } = [];

    public bool Has(CudnnAttribute attribute) => _values.ContainsKey(attribute) || _descriptors.ContainsKey(attribute);

    public void Set(CudnnAttribute attribute, CudnnAttributeType kind, ReadOnlySpan<byte> bytes) => _values[attribute] = (kind, bytes.ToArray());

    public void Set(CudnnAttribute attribute, params BackendDescriptor[] descriptors) => _descriptors[attribute] = descriptors;

    public void SetLong(CudnnAttribute attribute, long value) => Set(attribute, CudnnAttributeType.Int64, MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in value)));

    /// <summary>The elements of an attribute; none where it was not set.</summary>
    public ReadOnlySpan<byte> Bytes(CudnnAttribute attribute) => _values.TryGetValue(attribute, out (CudnnAttributeType, byte[] Bytes) value) ? value.Bytes : [];

    public long[] Longs(CudnnAttribute attribute) => MemoryMarshal.Cast<byte, long>(Bytes(attribute)).ToArray();

    public int Int(CudnnAttribute attribute) => MemoryMarshal.Read<int>(Bytes(attribute));

    public float Float(CudnnAttribute attribute) => MemoryMarshal.Read<float>(Bytes(attribute));

    public BackendDescriptor[] Descriptors(CudnnAttribute attribute) => _descriptors.TryGetValue(attribute, out BackendDescriptor[]? found) ? found : [];

    public BackendDescriptor Descriptor(CudnnAttribute attribute) => _descriptors[attribute][0];

    /// <summary>Becomes a copy of another one, finalized: how results are read.</summary>
    public void CopyFrom(BackendDescriptor other)
    {
        foreach ((CudnnAttribute attribute, (CudnnAttributeType, byte[]) value) in other._values)
        {
            _values[attribute] = value;
        }

        foreach ((CudnnAttribute attribute, BackendDescriptor[] descriptors) in other._descriptors)
        {
            _descriptors[attribute] = descriptors;
        }

        Results = other.Results;
        IsFinalized = true;
    }
}
