using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Cudnn;

/// <summary>A descriptor of cuDNN's backend API: attributes are set, then it is finalized and does not change any more.</summary>
internal sealed unsafe class CudnnDescriptor : IDisposable
{
    private readonly CudaDevice _device;
    private readonly CudnnDescriptorType _type;
    private nint _handle;

    public CudnnDescriptor(CudaDevice device, CudnnDescriptorType type)
    {
        _device = device;
        _type = type;
        device.Check($"creating a cuDNN descriptor {type}", device.Libraries.Cudnn.BackendCreateDescriptor(type, out _handle));
    }

    /// <summary>cuDNN's handle.</summary>
    public nint Handle => _handle;

    /// <summary>Sets an attribute that holds other descriptors.</summary>
    public CudnnDescriptor Set(CudnnAttribute attribute, params ReadOnlySpan<CudnnDescriptor> descriptors)
    {
        Span<nint> handles = stackalloc nint[descriptors.Length];
        for (int i = 0; i < handles.Length; i++)
        {
            handles[i] = descriptors[i].Handle;
        }

        return Set<nint>(attribute, CudnnAttributeType.BackendDescriptor, handles);
    }

    /// <summary>Sets an attribute of integers.</summary>
    public CudnnDescriptor Set(CudnnAttribute attribute, params ReadOnlySpan<long> values) => Set(attribute, CudnnAttributeType.Int64, values);

    /// <summary>Sets an attribute of one value.</summary>
    public CudnnDescriptor Set<T>(CudnnAttribute attribute, CudnnAttributeType type, T value) where T : unmanaged =>
        Set(attribute, type, new ReadOnlySpan<T>(in value));

    /// <summary>Sets an attribute.</summary>
    public CudnnDescriptor Set<T>(CudnnAttribute attribute, CudnnAttributeType type, ReadOnlySpan<T> values) where T : unmanaged
    {
        fixed (T* elements = values)
        {
            _device.Check($"setting {attribute} of a cuDNN descriptor {_type}", _device.Libraries.Cudnn.BackendSetAttribute(_handle, attribute, type, values.Length, elements));
        }

        return this;
    }

    /// <summary>Checks the attributes and makes the descriptor immutable.</summary>
    public CudnnDescriptor Build()
    {
        _device.Check($"finalizing a cuDNN descriptor {_type}", TryBuild());
        return this;
    }

    /// <summary>The status of <see cref="Build"/>, which for plans says whether an engine can do the work.</summary>
    public CudnnStatus TryBuild() => _device.Libraries.Cudnn.BackendFinalize(_handle);

    /// <summary>Reads at most as many elements as fit; returns how many there are of these.</summary>
    public int Get<T>(CudnnAttribute attribute, CudnnAttributeType type, Span<T> values) where T : unmanaged
    {
        fixed (T* elements = values)
        {
            _device.Check(
                $"reading {attribute} of a cuDNN descriptor {_type}",
                _device.Libraries.Cudnn.BackendGetAttribute(_handle, attribute, type, values.Length, out long count, elements));
            return (int)Math.Min(count, values.Length);
        }
    }

    /// <summary>Reads as <see cref="Get"/> does; 0 where the attribute was never set.</summary>
    public int GetIfSet<T>(CudnnAttribute attribute, CudnnAttributeType type, Span<T> values) where T : unmanaged
    {
        fixed (T* elements = values)
        {
            CudnnStatus status = _device.Libraries.Cudnn.BackendGetAttribute(_handle, attribute, type, values.Length, out long count, elements);
            return status == CudnnStatus.Success ? (int)Math.Min(count, values.Length) : 0;
        }
    }

    /// <summary>Reads an attribute of one integer.</summary>
    public long GetLong(CudnnAttribute attribute)
    {
        Span<long> value = stackalloc long[1];
        Get(attribute, CudnnAttributeType.Int64, value);
        return value[0];
    }

    /// <summary>How many elements an attribute has, or a status other than success.</summary>
    public CudnnStatus TryCount(CudnnAttribute attribute, CudnnAttributeType type, out long count) =>
        _device.Libraries.Cudnn.BackendGetAttribute(_handle, attribute, type, 0, out count, null);

    /// <summary>Destroys the descriptor.</summary>
    public void Dispose()
    {
        if (_handle != 0)
        {
            _device.Libraries.Cudnn.BackendDestroyDescriptor(_handle);
            _handle = 0;
        }
    }
}
