using System.Runtime.InteropServices;
using System.Text;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Tests.Fakes;

/// <summary>An engine of <see cref="FakeCudnn"/>.</summary>
/// <param name="Index">Its number.</param>
/// <param name="Notes">What it does to numbers.</param>
internal sealed record FakeEngine(int Index, params CudnnNumericalNote[] Notes)
{
    /// <summary>Whether its plan can be made.</summary>
    public bool Works { get; init; } = true;

    /// <summary>Whether it adds to what is there.</summary>
    public bool Adds { get; init; } = true;

    /// <summary>The plan's workspace.</summary>
    public long Workspace { get; init; }
}

/// <summary>A cuDNN for tests of the host's side: keeps attributes, offers the engines that a test names, and runs nothing.</summary>
internal sealed unsafe class FakeCudnn : ICudnn
{
    private readonly Dictionary<nint, Descriptor> _descriptors = [];
    private nint _next = 0x5000;

    /// <summary>The engines that the recommended heuristics name.</summary>
    public List<FakeEngine> Best { get; } = [new FakeEngine(1)];

    /// <summary>The engines that run nearly everything.</summary>
    public List<FakeEngine> Fallback { get; } = [new FakeEngine(90)];

    /// <summary>The engines that have run.</summary>
    public List<int> Executed { get; } = [];

    /// <summary>What the next executions give.</summary>
    public Queue<CudnnStatus> Statuses { get; } = [];

    /// <summary>Descriptors that nobody has destroyed, and handles.</summary>
    public int Leaks => _descriptors.Count;

    /// <summary>The descriptors of a type that are there now.</summary>
    public IEnumerable<Descriptor> Of(CudnnDescriptorType type) => _descriptors.Values.Where(d => d.Type == type);

    public nuint GetVersion() => 91900;

    public nint GetErrorString(CudnnStatus status) => Marshal.StringToCoTaskMemUTF8($"CUDNN_STATUS_{status}");

    public void GetLastErrorString(byte* message, nuint maximum) => Encoding.UTF8.GetBytes("cuDNN's own words\0").CopyTo(new Span<byte>(message, (int)maximum));

    public CudnnStatus Create(out nint handle)
    {
        handle = _next++;
        _descriptors.Add(handle, new Descriptor((CudnnDescriptorType)(-1)));
        return CudnnStatus.Success;
    }

    public CudnnStatus Destroy(nint handle) => _descriptors.Remove(handle) ? CudnnStatus.Success : CudnnStatus.BadParam;

    public CudnnStatus SetStream(nint handle, nint stream) => CudnnStatus.Success;

    public CudnnStatus BackendCreateDescriptor(CudnnDescriptorType type, out nint descriptor)
    {
        descriptor = _next++;
        _descriptors.Add(descriptor, new Descriptor(type));
        return CudnnStatus.Success;
    }

    public CudnnStatus BackendDestroyDescriptor(nint descriptor) => _descriptors.Remove(descriptor) ? CudnnStatus.Success : CudnnStatus.BadParam;

    public CudnnStatus BackendSetAttribute(nint descriptor, CudnnAttribute attribute, CudnnAttributeType type, long count, void* elements)
    {
        int size = type switch
        {
            CudnnAttributeType.Boolean => 1,
            CudnnAttributeType.DataType or CudnnAttributeType.Float or CudnnAttributeType.ConvolutionMode or CudnnAttributeType.HeuristicMode or CudnnAttributeType.KnobType => 4,
            _ => 8,
        };
        Descriptor d = _descriptors[descriptor];
        if (d.IsFinal)
        {
            return CudnnStatus.BadParam;
        }

        d.Attributes[attribute] = new ReadOnlySpan<byte>(elements, (int)count * size).ToArray();
        return CudnnStatus.Success;
    }

    public CudnnStatus BackendGetAttribute(nint descriptor, CudnnAttribute attribute, CudnnAttributeType type, long requested, out long returned, void* elements)
    {
        Descriptor d = _descriptors[descriptor];
        returned = 1;
        switch (attribute)
        {
            case CudnnAttribute.EngineHeuristicsResults:
                List<FakeEngine> engines = Engines(d);
                returned = engines.Count;
                for (int i = 0; i < Math.Min(requested, returned); i++)
                {
                    _descriptors[((nint*)elements)[i]].Engine = engines[i];
                }

                break;
            case CudnnAttribute.EngineConfigEngine:
                _descriptors[*(nint*)elements].Engine = EngineOf(d);
                break;
            case CudnnAttribute.EngineNumericalNotes:
                returned = d.Engine!.Notes.Length;
                d.Engine.Notes.CopyTo(new Span<CudnnNumericalNote>(elements, (int)requested));
                break;
            case CudnnAttribute.EngineGlobalIndex:
                *(long*)elements = d.Engine!.Index;
                break;
            case CudnnAttribute.EngineConfigKnobChoices:
                _descriptors[*(nint*)elements].Engine = d.Engine;
                break;
            case CudnnAttribute.KnobChoiceType:
                *(int*)elements = 7;
                break;
            case CudnnAttribute.KnobChoiceValue:
                *(long*)elements = 40 + d.Engine!.Index;
                break;
            case CudnnAttribute.ExecutionPlanWorkspaceSize:
                *(long*)elements = EngineOf(d).Workspace;
                break;
            default:
                return CudnnStatus.NotSupported;
        }

        return CudnnStatus.Success;
    }

    public CudnnStatus BackendFinalize(nint descriptor)
    {
        Descriptor d = _descriptors[descriptor];
        d.IsFinal = true;
        return d.Type == CudnnDescriptorType.ExecutionPlan && !Runs(EngineOf(d)) ? CudnnStatus.NotSupported : CudnnStatus.Success;
    }

    public CudnnStatus BackendExecute(nint handle, nint plan, nint variantPack)
    {
        Executed.Add(EngineOf(_descriptors[plan]).Index);
        return Statuses.TryDequeue(out CudnnStatus status) ? status : CudnnStatus.Success;
    }

    // The operation is the one that was described last.
    private bool Runs(FakeEngine engine)
    {
        Descriptor? operation = Of(CudnnDescriptorType.OperationConvolutionBackwardFilter).LastOrDefault();
        bool adds = operation is not null && operation.Ints(CudnnAttribute.BackwardFilterBeta)[0] != 0;
        return engine.Works && (engine.Adds || !adds);
    }

    private List<FakeEngine> Engines(Descriptor heuristics) =>
        heuristics.Ints(CudnnAttribute.EngineHeuristicsMode)[0] == (int)CudnnHeuristicMode.Fallback ? Fallback : Best;

    private FakeEngine EngineOf(Descriptor d) => d.Engine ?? (d.Attributes.ContainsKey(CudnnAttribute.ExecutionPlanEngineConfig)
        ? EngineOf(_descriptors[(nint)d.Longs(CudnnAttribute.ExecutionPlanEngineConfig)[0]])
        : d.Attributes.ContainsKey(CudnnAttribute.EngineConfigEngine)
            ? EngineOf(_descriptors[(nint)d.Longs(CudnnAttribute.EngineConfigEngine)[0]])
            : Best.Concat(Fallback).First(e => e.Index == d.Longs(CudnnAttribute.EngineGlobalIndex)[0]));

    /// <summary>A descriptor and what was set.</summary>
    internal sealed class Descriptor(CudnnDescriptorType type)
    {
        public CudnnDescriptorType Type => type;

        public Dictionary<CudnnAttribute, byte[]> Attributes { get; } = [];

        public FakeEngine? Engine { get; set; }

        public bool IsFinal { get; set; }

        public long[] Longs(CudnnAttribute attribute) => MemoryMarshal.Cast<byte, long>(Attributes[attribute]).ToArray();

        public int[] Ints(CudnnAttribute attribute) => MemoryMarshal.Cast<byte, int>(Attributes[attribute]).ToArray();
    }
}
