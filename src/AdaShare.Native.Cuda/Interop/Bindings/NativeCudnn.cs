namespace AdaShare.Native.Cuda.Interop;

/// <summary>The installed cuDNN: every member calls the export that its <see cref="EntryPointAttribute"/> names.</summary>
internal sealed unsafe class NativeCudnn : ICudnn
{
    private readonly delegate* unmanaged<nuint> _getVersion;
    private readonly delegate* unmanaged<CudnnStatus, nint> _getErrorString;
    private readonly delegate* unmanaged<byte*, nuint, void> _getLastErrorString;
    private readonly delegate* unmanaged<out nint, CudnnStatus> _create;
    private readonly delegate* unmanaged<nint, CudnnStatus> _destroy;
    private readonly delegate* unmanaged<nint, nint, CudnnStatus> _setStream;
    private readonly delegate* unmanaged<CudnnDescriptorType, out nint, CudnnStatus> _backendCreateDescriptor;
    private readonly delegate* unmanaged<nint, CudnnStatus> _backendDestroyDescriptor;
    private readonly delegate* unmanaged<nint, CudnnAttribute, CudnnAttributeType, long, void*, CudnnStatus> _backendSetAttribute;
    private readonly delegate* unmanaged<nint, CudnnAttribute, CudnnAttributeType, long, out long, void*, CudnnStatus> _backendGetAttribute;
    private readonly delegate* unmanaged<nint, CudnnStatus> _backendFinalize;
    private readonly delegate* unmanaged<nint, nint, nint, CudnnStatus> _backendExecute;

    /// <summary>Binds the library's functions.</summary>
    /// <param name="entries">Their addresses; none that is required may be missing.</param>
    public NativeCudnn(EntryPoints entries)
    {
        entries.ThrowIfIncomplete();
        _getVersion = (delegate* unmanaged<nuint>)entries[nameof(GetVersion)];
        _getErrorString = (delegate* unmanaged<CudnnStatus, nint>)entries[nameof(GetErrorString)];
        _getLastErrorString = (delegate* unmanaged<byte*, nuint, void>)entries[nameof(GetLastErrorString)];
        _create = (delegate* unmanaged<out nint, CudnnStatus>)entries[nameof(Create)];
        _destroy = (delegate* unmanaged<nint, CudnnStatus>)entries[nameof(Destroy)];
        _setStream = (delegate* unmanaged<nint, nint, CudnnStatus>)entries[nameof(SetStream)];
        _backendCreateDescriptor = (delegate* unmanaged<CudnnDescriptorType, out nint, CudnnStatus>)entries[nameof(BackendCreateDescriptor)];
        _backendDestroyDescriptor = (delegate* unmanaged<nint, CudnnStatus>)entries[nameof(BackendDestroyDescriptor)];
        _backendSetAttribute = (delegate* unmanaged<nint, CudnnAttribute, CudnnAttributeType, long, void*, CudnnStatus>)entries[nameof(BackendSetAttribute)];
        _backendGetAttribute = (delegate* unmanaged<nint, CudnnAttribute, CudnnAttributeType, long, out long, void*, CudnnStatus>)entries[nameof(BackendGetAttribute)];
        _backendFinalize = (delegate* unmanaged<nint, CudnnStatus>)entries[nameof(BackendFinalize)];
        _backendExecute = (delegate* unmanaged<nint, nint, nint, CudnnStatus>)entries[nameof(BackendExecute)];
    }

    /// <inheritdoc/>
    public nuint GetVersion() => _getVersion();

    /// <inheritdoc/>
    public nint GetErrorString(CudnnStatus status) => _getErrorString(status);

    /// <inheritdoc/>
    public void GetLastErrorString(byte* message, nuint maximum)
    {
        if (_getLastErrorString != null)
        {
            _getLastErrorString(message, maximum);
        }
    }

    /// <inheritdoc/>
    public CudnnStatus Create(out nint handle) => _create(out handle);

    /// <inheritdoc/>
    public CudnnStatus Destroy(nint handle) => _destroy(handle);

    /// <inheritdoc/>
    public CudnnStatus SetStream(nint handle, nint stream) => _setStream(handle, stream);

    /// <inheritdoc/>
    public CudnnStatus BackendCreateDescriptor(CudnnDescriptorType type, out nint descriptor) => _backendCreateDescriptor(type, out descriptor);

    /// <inheritdoc/>
    public CudnnStatus BackendDestroyDescriptor(nint descriptor) => _backendDestroyDescriptor(descriptor);

    /// <inheritdoc/>
    public CudnnStatus BackendSetAttribute(nint descriptor, CudnnAttribute attribute, CudnnAttributeType type, long count, void* elements) =>
        _backendSetAttribute(descriptor, attribute, type, count, elements);

    /// <inheritdoc/>
    public CudnnStatus BackendGetAttribute(nint descriptor, CudnnAttribute attribute, CudnnAttributeType type, long requested, out long returned, void* elements) =>
        _backendGetAttribute(descriptor, attribute, type, requested, out returned, elements);

    /// <inheritdoc/>
    public CudnnStatus BackendFinalize(nint descriptor) => _backendFinalize(descriptor);

    /// <inheritdoc/>
    public CudnnStatus BackendExecute(nint handle, nint plan, nint variantPack) => _backendExecute(handle, plan, variantPack);
}
