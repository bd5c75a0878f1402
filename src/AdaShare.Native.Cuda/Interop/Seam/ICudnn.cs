namespace AdaShare.Native.Cuda.Interop;

/// <summary>cuDNN's backend graph API: each member is the C function that its <see cref="EntryPointAttribute"/> names, with the same arguments and status.</summary>
/// <remarks>The same calls serve cuDNN 8.9 and 9. A value of type <see cref="CudnnAttributeType.BackendDescriptor"/> is passed as an array of descriptor handles.</remarks>
public unsafe interface ICudnn
{
    /// <summary>The library's version: 10000 major + 100 minor + patch from version 9 on.</summary>
    [EntryPoint("cudnnGetVersion")]
    nuint GetVersion();

    /// <summary>The name of a status, a zero-terminated string that lives as long as the library.</summary>
    [EntryPoint("cudnnGetErrorString")]
    nint GetErrorString(CudnnStatus status);

    /// <summary>Writes the last error's explanation, zero-terminated, into <paramref name="message"/>.</summary>
    [EntryPoint("cudnnGetLastErrorString", required: false)]
    void GetLastErrorString(byte* message, nuint maximum);

    /// <summary>Creates a handle for the current context.</summary>
    [EntryPoint("cudnnCreate")]
    CudnnStatus Create(out nint handle);

    /// <summary>Destroys a handle.</summary>
    [EntryPoint("cudnnDestroy")]
    CudnnStatus Destroy(nint handle);

    /// <summary>Says in which stream executions of the handle run.</summary>
    [EntryPoint("cudnnSetStream")]
    CudnnStatus SetStream(nint handle, nint stream);

    /// <summary>Creates a descriptor without attributes.</summary>
    [EntryPoint("cudnnBackendCreateDescriptor")]
    CudnnStatus BackendCreateDescriptor(CudnnDescriptorType type, out nint descriptor);

    /// <summary>Destroys a descriptor.</summary>
    [EntryPoint("cudnnBackendDestroyDescriptor")]
    CudnnStatus BackendDestroyDescriptor(nint descriptor);

    /// <summary>Sets <paramref name="count"/> elements of an attribute of a descriptor that is not finalized.</summary>
    [EntryPoint("cudnnBackendSetAttribute")]
    CudnnStatus BackendSetAttribute(nint descriptor, CudnnAttribute attribute, CudnnAttributeType type, long count, void* elements);

    /// <summary>
    /// Reads at most <paramref name="requested"/> elements of an attribute; <paramref name="returned"/> is how many there are. Descriptors are read into descriptors that the caller has created.
    /// </summary>
    [EntryPoint("cudnnBackendGetAttribute")]
    CudnnStatus BackendGetAttribute(nint descriptor, CudnnAttribute attribute, CudnnAttributeType type, long requested, out long returned, void* elements);

    /// <summary>Checks a descriptor's attributes and makes it immutable.</summary>
    [EntryPoint("cudnnBackendFinalize")]
    CudnnStatus BackendFinalize(nint descriptor);

    /// <summary>Runs a plan on the pointers of a variant pack, in the handle's stream.</summary>
    [EntryPoint("cudnnBackendExecute")]
    CudnnStatus BackendExecute(nint handle, nint plan, nint variantPack);
}
