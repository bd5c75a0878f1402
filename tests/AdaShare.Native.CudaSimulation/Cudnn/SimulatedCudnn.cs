using System.Runtime.InteropServices;
using System.Text;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Driver;
using AdaShare.Native.CudaSimulation.Findings;

namespace AdaShare.Native.CudaSimulation.Cudnn;

/// <summary>A handle of cuDNN and the stream that it runs in.</summary>
internal sealed class CudnnHandle
{
    public nint Stream { get; set; }
}

/// <summary>
/// cuDNN's backend API on the simulated device. Descriptors are checked as strictly as the real library's documentation says; every call that it refuses is a finding, except plans of engines
/// that can't do the work, which a caller must be ready for.
/// </summary>
internal sealed unsafe partial class SimulatedCudnn(DeviceState state) : ICudnn
{
    private const int Version = 90600;

    private static readonly Dictionary<CudnnStatus, nint> Names = Enum.GetValues<CudnnStatus>().ToDictionary(static status => status, static status => Marshal.StringToCoTaskMemUTF8($"CUDNN_STATUS_{status}"));

    private string _lastError = "";

    /// <inheritdoc/>
    public nuint GetVersion() => Version;

    /// <inheritdoc/>
    public nint GetErrorString(CudnnStatus status) => Names.TryGetValue(status, out nint name) ? name : Names[CudnnStatus.InternalError];

    /// <inheritdoc/>
    public void GetLastErrorString(byte* message, nuint maximum)
    {
        if (maximum == 0)
        {
            return;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(_lastError);
        int count = Math.Min(bytes.Length, (int)maximum - 1);
        bytes.AsSpan(0, count).CopyTo(new Span<byte>(message, count));
        message[count] = 0;
        _lastError = "";
    }

    /// <inheritdoc/>
    public CudnnStatus Create(out nint handle)
    {
        lock (state.Lock)
        {
            handle = state.Handles.Add(new CudnnHandle());
            return CudnnStatus.Success;
        }
    }

    /// <inheritdoc/>
    public CudnnStatus Destroy(nint handle)
    {
        lock (state.Lock)
        {
            if (state.Handles.Get<CudnnHandle>(handle) is null)
            {
                return Refuse("cudnnDestroy", "the handle was destroyed, or is of another kind");
            }

            state.Handles.Remove(handle);
            return CudnnStatus.Success;
        }
    }

    /// <inheritdoc/>
    public CudnnStatus SetStream(nint handle, nint stream)
    {
        lock (state.Lock)
        {
            if (state.Handles.Get<CudnnHandle>(handle) is not { } found || state.Handles.Get<SimulatedStream>(stream) is null)
            {
                return Refuse("cudnnSetStream", "the handle or the stream was destroyed, or is of another kind");
            }

            found.Stream = stream;
            return CudnnStatus.Success;
        }
    }

    /// <inheritdoc/>
    public CudnnStatus BackendCreateDescriptor(CudnnDescriptorType type, out nint descriptor)
    {
        lock (state.Lock)
        {
            descriptor = 0;
            if (!Enum.IsDefined(type))
            {
                return Refuse("cudnnBackendCreateDescriptor", $"descriptors of type {(int)type} are not simulated");
            }

            descriptor = state.Handles.Add(new BackendDescriptor(type));
            return CudnnStatus.Success;
        }
    }

    /// <inheritdoc/>
    public CudnnStatus BackendDestroyDescriptor(nint descriptor)
    {
        lock (state.Lock)
        {
            if (state.Handles.Get<BackendDescriptor>(descriptor) is null)
            {
                return Refuse("cudnnBackendDestroyDescriptor", "the descriptor was destroyed before, or is none");
            }

            state.Handles.Remove(descriptor);
            return CudnnStatus.Success;
        }
    }

    /// <inheritdoc/>
    public CudnnStatus BackendSetAttribute(nint descriptor, CudnnAttribute attribute, CudnnAttributeType type, long count, void* elements)
    {
        lock (state.Lock)
        {
            const string Call = "cudnnBackendSetAttribute";
            if (state.Handles.Get<BackendDescriptor>(descriptor) is not { } found)
            {
                return Refuse(Call, "the descriptor was destroyed, or is none");
            }

            if (found.IsFinalized)
            {
                return Refuse(Call, $"{attribute} is set after the descriptor {found.Type} was finalized");
            }

            if (AttributeRules.Find(found.Type, attribute) is not { } rule)
            {
                return Refuse(Call, $"a descriptor {found.Type} has no attribute {attribute} ({(int)attribute}) that can be set");
            }

            if (type != rule.Type || count < 1 || count > rule.Most || elements is null)
            {
                return Refuse(Call, $"{attribute} of a descriptor {found.Type} takes 1 to {rule.Most} elements of type {rule.Type}, not {count} of type {type}");
            }

            if (type != CudnnAttributeType.BackendDescriptor)
            {
                found.Set(attribute, type, new ReadOnlySpan<byte>(elements, (int)count * AttributeRules.ElementBytes(type)));
                return CudnnStatus.Success;
            }

            return SetDescriptors(Call, found, attribute, rule, new ReadOnlySpan<nint>(elements, (int)count));
        }
    }

    private CudnnStatus SetDescriptors(string call, BackendDescriptor descriptor, CudnnAttribute attribute, AttributeRules.Rule rule, ReadOnlySpan<nint> handles)
    {
        var values = new BackendDescriptor[handles.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (state.Handles.Get<BackendDescriptor>(handles[i]) is not { } value)
            {
                return Refuse(call, $"{attribute} of a descriptor {descriptor.Type} is set to a descriptor that was destroyed, or is none");
            }

            if (rule.Descriptor is { } wanted && value.Type != wanted)
            {
                return Refuse(call, $"{attribute} of a descriptor {descriptor.Type} is set to a descriptor {value.Type}, not {wanted}");
            }

            if (!value.IsFinalized)
            {
                return Refuse(call, $"{attribute} of a descriptor {descriptor.Type} is set to a descriptor {value.Type} that is not finalized");
            }

            values[i] = value;
        }

        descriptor.Set(attribute, values);
        return CudnnStatus.Success;
    }

    /// <inheritdoc/>
    public CudnnStatus BackendGetAttribute(nint descriptor, CudnnAttribute attribute, CudnnAttributeType type, long requested, out long returned, void* elements)
    {
        lock (state.Lock)
        {
            const string Call = "cudnnBackendGetAttribute";
            returned = 0;
            if (state.Handles.Get<BackendDescriptor>(descriptor) is not { } found)
            {
                return Refuse(Call, "the descriptor was destroyed, or is none");
            }

            if (!found.IsFinalized)
            {
                return Refuse(Call, $"{attribute} of a descriptor {found.Type} is read before it is finalized");
            }

            return type == CudnnAttributeType.BackendDescriptor
                ? GetDescriptors(Call, found, attribute, requested, out returned, (nint*)elements)
                : GetValues(Call, found, attribute, type, requested, out returned, elements);
        }
    }

    private CudnnStatus GetDescriptors(string call, BackendDescriptor descriptor, CudnnAttribute attribute, long requested, out long returned, nint* handles)
    {
        IReadOnlyList<BackendDescriptor> values = attribute == CudnnAttribute.EngineHeuristicsResults ? descriptor.Results : descriptor.Descriptors(attribute);
        returned = values.Count;
        if (values.Count == 0)
        {
            // Not set: a status, no fault of the caller's.
            return CudnnStatus.NotSupported;
        }

        for (int i = 0; i < Math.Min(requested, values.Count); i++)
        {
            if (state.Handles.Get<BackendDescriptor>(handles[i]) is not { IsFinalized: false } target || target.Type != values[i].Type)
            {
                return Refuse(call, $"{attribute} is read into a descriptor that is not a new {values[i].Type}");
            }

            target.CopyFrom(values[i]);
        }

        return CudnnStatus.Success;
    }

    private CudnnStatus GetValues(string call, BackendDescriptor descriptor, CudnnAttribute attribute, CudnnAttributeType type, long requested, out long returned, void* elements)
    {
        ReadOnlySpan<byte> bytes = attribute switch
        {
            CudnnAttribute.EngineNumericalNotes when type == CudnnAttributeType.NumericalNote && descriptor.Type == CudnnDescriptorType.Engine =>
                MemoryMarshal.AsBytes<CudnnNumericalNote>(EngineOf(descriptor).Notes),
            CudnnAttribute.EngineBehaviorNotes when type == CudnnAttributeType.BehaviorNote && descriptor.Type == CudnnDescriptorType.Engine => [],
            CudnnAttribute.ExecutionPlanWorkspaceSize when type == CudnnAttributeType.Int64 && descriptor.Type == CudnnDescriptorType.ExecutionPlan =>
                BitConverter.GetBytes(EngineOf(descriptor.Descriptor(CudnnAttribute.ExecutionPlanEngineConfig).Descriptor(CudnnAttribute.EngineConfigEngine)).WorkspaceBytes),
            _ when descriptor.Has(attribute) && AttributeRules.Find(descriptor.Type, attribute)?.Type == type => descriptor.Bytes(attribute),
            _ => default,
        };
        returned = bytes.Length / AttributeRules.ElementBytes(type);
        if (bytes.IsEmpty && attribute is not (CudnnAttribute.EngineNumericalNotes or CudnnAttribute.EngineBehaviorNotes))
        {
            return Refuse(call, $"a descriptor {descriptor.Type} has no {attribute} of type {type}");
        }

        int copied = (int)Math.Min(requested, returned) * AttributeRules.ElementBytes(type);
        bytes[..copied].CopyTo(new Span<byte>(elements, copied));
        return CudnnStatus.Success;
    }

    private static SimulatedEngine EngineOf(BackendDescriptor engine) => SimulatedEngine.Find(engine.Longs(CudnnAttribute.EngineGlobalIndex)[0])!;

    /// <summary>A call that the library refuses: a status, the words for it, and a finding.</summary>
    private CudnnStatus Refuse(string call, string problem)
    {
        _lastError = $"{call}: {problem}";
        state.Report(FindingKind.InvalidCall, call, problem);
        return CudnnStatus.BadParam;
    }
}
