using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Cuda.Graphs;

/// <summary>
/// One kind of step. The first time it runs op by op, and the bytes that it sends are counted. After that its commands are kept while the host runs through the step, and compared
/// with those of the graph: the same, and the graph is launched; others, and they are captured as a new one.
/// </summary>
/// <remarks>
/// Nothing is captured while the host's code runs, so that code may allocate, load modules and make plans as it likes: the driver's capture mode covers just the launches. That a graph
/// does what the step asked for is not assumed but checked, word by word; what may differ (inputs, learning rates, random streams) is read from <see cref="StagingBlock"/>.
/// </remarks>
internal sealed unsafe class StepGraph(DeviceContext context, string key) : IDisposable
{
    // A step that is another one each time is not worth recording.
    private const int MostMisses = 3;

    private readonly IDescribable _what = new Description($"step {key}");
    private List<ulong> _words = [];
    private List<int> _ends = [];
    private List<ulong> _captured = [];
    private StagingBlock? _staging;
    private nint _graph;
    private int _measured;
    private int _misses;
    private string? _failure;

    /// <summary>The name of the kind.</summary>
    public string Key => key;

    /// <summary>Whether commands are kept for the step's end.</summary>
    public bool IsRecording { get; private set; }

    private bool IsOpByOp => _failure is not null || _misses >= MostMisses;

    /// <summary>Begins a step.</summary>
    public void Begin()
    {
        _words.Clear();
        _ends.Clear();
        IsRecording = _measured > 0 && !IsOpByOp;
        if (!IsRecording)
        {
            _measured = 1;
            return;
        }

        if (_staging is null || _staging.Capacity < _measured)
        {
            ReplaceStaging();
        }

        _staging!.Begin();
        context.Commands.Recorder = Record;
        context.Clock.IsPending = true;
    }

    /// <summary>Keeps values for the step's end, or counts them where the step is not recorded; false where the caller must send them.</summary>
    /// <param name="bytes">The values.</param>
    /// <param name="room">The bytes that they may take up in other steps, at least as many.</param>
    /// <param name="address">Where the step finds them.</param>
    public bool TryStage(ReadOnlySpan<byte> bytes, int room, out ulong address)
    {
        address = 0;
        if (IsRecording)
        {
            if (_staging!.TryAdd(bytes, room, out address))
            {
                return true;
            }

            // There is more to send than the last time: count anew.
            Flush();
            _measured = _staging.Capacity;
        }

        _measured += StagingBlock.RoundUp(room);
        return false;
    }

    /// <summary>Ends a step: has its commands done.</summary>
    public StepOutcome End()
    {
        if (!IsRecording)
        {
            return new StepOutcome(StepKind.OpByOp, _failure);
        }

        StopRecording();
        bool same = _graph != 0 && CollectionsMarshal.AsSpan(_words).SequenceEqual(CollectionsMarshal.AsSpan(_captured));
        _misses = same ? 0 : _graph != 0 ? _misses + 1 : _misses;
        _staging!.Send();
        if (!same && !TryCapture())
        {
            Execute();
            return new StepOutcome(StepKind.OpByOp, _failure);
        }

        context.Device.Check($"launching the graph of {_what.Describe()}", context.Device.Driver.GraphLaunch(_graph, context.Device.ComputeStream));
        context.Clock.Advance();
        return new StepOutcome(same ? StepKind.Replayed : StepKind.Captured);
    }

    /// <summary>Has the commands so far done one by one; the rest of the step is not recorded.</summary>
    public void Flush()
    {
        if (IsRecording)
        {
            StopRecording();
            _misses++;
            _staging!.Send();
            Execute();
        }
    }

    /// <summary>Forgets the commands of a step whose code has failed.</summary>
    public void Abandon()
    {
        if (IsRecording)
        {
            StopRecording();
        }
    }

    public void Dispose()
    {
        DestroyGraph();
        _staging?.Dispose();
        _staging = null;
    }

    private void Record(ReadOnlySpan<ulong> words)
    {
        _words.AddRange(words);
        _ends.Add(_words.Count);
    }

    private void StopRecording()
    {
        IsRecording = false;
        context.Commands.Recorder = null;
        context.Clock.IsPending = false;
    }

    private void Execute()
    {
        int start = 0;
        foreach (int end in _ends)
        {
            context.Commands.Execute(CollectionsMarshal.AsSpan(_words)[start..end], _what);
            start = end;
        }

        // Memory that the step freed counts as used by one command, whichever of these it was.
        context.Clock.Advance();
    }

    private bool TryCapture()
    {
        CudaDevice device = context.Device;
        DestroyGraph();
        device.Check($"capturing {_what.Describe()}", device.Driver.StreamBeginCapture(device.ComputeStream, CudaCaptureMode.ThreadLocal));
        try
        {
            Execute();
        }
        catch (DeviceException e) when (!device.IsLost)
        {
            _failure = e.Message;
        }

        CudaResult result = device.Driver.StreamEndCapture(device.ComputeStream, out nint graph);
        if (result == CudaResult.Success && _failure is null)
        {
            result = device.Driver.GraphInstantiate(out _graph, graph, 0);
        }

        if (graph != 0)
        {
            device.Driver.GraphDestroy(graph);
        }

        if (result != CudaResult.Success)
        {
            _failure ??= device.Failure($"capturing {_what.Describe()}", result).Message;
            return false;
        }

        (_captured, _words) = (_words, _captured);
        return _failure is null;
    }

    private void ReplaceStaging()
    {
        if (_staging is not null)
        {
            context.Device.Synchronize("waiting before a step's inputs get more room");
            _staging.Dispose();
        }

        // Addresses in the commands change with the block.
        DestroyGraph();
        _staging = new StagingBlock(context.Device, _measured);
    }

    private void DestroyGraph()
    {
        if (_graph != 0)
        {
            // A launch of it may be under way.
            context.Device.Driver.StreamSynchronize(context.Device.ComputeStream);
            context.Device.Driver.GraphExecDestroy(_graph);
            _graph = 0;
        }
    }
}
