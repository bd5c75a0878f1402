using System.Numerics;
using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Cudnn;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Cuda.Memory;

namespace AdaShare.Native.Cuda.Commands;

/// <summary>
/// Everything that the compute stream is told to do, as commands of a few words each: done at once, or kept by a <see cref="Recorder"/> that has them done together.
/// </summary>
/// <remarks>Two commands are the same if their words are, which is how a captured step is compared with the one that is to be replayed.</remarks>
internal sealed unsafe class CommandStream(CudaDevice device, StreamClock clock, bool synchronize)
{
    /// <summary>The words of a kernel launch before its parameters.</summary>
    public const int KernelHeader = 7;

    private readonly List<ConvolutionPlan> _plans = [];

    /// <summary>Who keeps commands instead of having them done, or null.</summary>
    public Action<ReadOnlySpan<ulong>>? Recorder { get; set; }

    /// <summary>The cuBLAS handle, once one is needed.</summary>
    public nint BlasHandle { get; set; }

    /// <summary>Makes a plan known, so that commands can name it.</summary>
    public int Register(ConvolutionPlan plan)
    {
        _plans.Add(plan);
        return _plans.Count - 1;
    }

    /// <summary>Does a command, or lets the recorder keep it.</summary>
    /// <param name="words">The command.</param>
    /// <param name="what">The op and its tensors, for an error.</param>
    public void Issue(ReadOnlySpan<ulong> words, IDescribable what)
    {
        if (Recorder is { } recorder)
        {
            recorder(words);
            return;
        }

        device.Activate();
        Execute(words, what);
        clock.Advance();
        if (synchronize)
        {
            CudaResult result = device.Driver.StreamSynchronize(device.ComputeStream);
            if (result != CudaResult.Success)
            {
                throw device.Failure(what.Describe(), result);
            }

            clock.Synchronized();
        }
    }

    /// <summary>Does a command now.</summary>
    public void Execute(ReadOnlySpan<ulong> words, IDescribable what)
    {
        ICudaDriver driver = device.Driver;
        nint stream = device.ComputeStream;
        CudaResult result = CudaResult.Success;
        switch ((CommandKind)words[0])
        {
            case CommandKind.Kernel:
                result = Launch(words);
                break;
            case CommandKind.SetBytes:
                result = driver.MemsetD8Async(words[1], (byte)words[2], (nuint)words[3], stream);
                break;
            case CommandKind.SetHalves:
                result = driver.MemsetD16Async(words[1], (ushort)words[2], (nuint)words[3], stream);
                break;
            case CommandKind.SetWords:
                result = driver.MemsetD32Async(words[1], (uint)words[2], (nuint)words[3], stream);
                break;
            case CommandKind.Copy:
                result = driver.MemcpyDtoDAsync(words[1], words[2], (nuint)words[3], stream);
                break;
            case CommandKind.Convolution:
                CudnnStatus status = _plans[(int)words[1]].Execute(words[2], words[3], words[4], words[5]);
                if (status != CudnnStatus.Success)
                {
                    device.Check(what.Describe(), status);
                }

                break;
            case CommandKind.Product:
                CublasStatus product = Multiply(MemoryMarshal.Cast<ulong, ProductCommand>(words[1..])[0]);
                if (product != CublasStatus.Success)
                {
                    device.Check(what.Describe(), product);
                }

                break;
            case CommandKind.MemoryRented:
                ((IMemoryObserver)driver).MemoryRented(words[1], (nuint)words[2], stream);
                break;
            case CommandKind.MemoryReturned:
                ((IMemoryObserver)driver).MemoryReturned(words[1], (nuint)words[2], stream);
                break;
            default:
                throw new InvalidOperationException($"{device.Label}: no command has the kind {words[0]}");
        }

        if (result != CudaResult.Success)
        {
            throw device.Failure(what.Describe(), result);
        }
    }

    /// <summary>Writes the words of a kernel launch before its parameters.</summary>
    /// <param name="words">The command.</param>
    /// <param name="function">The kernel.</param>
    /// <param name="shape">Blocks and threads.</param>
    /// <param name="starts">Bit i is set where parameter word i is the first of a parameter.</param>
    public static void WriteKernel(Span<ulong> words, nint function, LaunchShape shape, ulong starts)
    {
        words[0] = (ulong)CommandKind.Kernel;
        words[1] = (ulong)function;
        words[2] = shape.GridX | ((ulong)shape.GridY << 32);
        words[3] = shape.GridZ | ((ulong)shape.BlockX << 32);
        words[4] = shape.BlockY | ((ulong)shape.BlockZ << 32);
        words[5] = shape.SharedBytes;
        words[6] = starts;
    }

    private CudaResult Launch(ReadOnlySpan<ulong> words)
    {
        ulong starts = words[6];
        void** parameters = stackalloc void*[BitOperations.PopCount(starts)];
        fixed (ulong* values = words[KernelHeader..])
        {
            for (int i = 0; starts != 0; starts &= starts - 1)
            {
                parameters[i++] = values + BitOperations.TrailingZeroCount(starts);
            }

            return device.Driver.LaunchKernel(
                (nint)words[1], (uint)words[2], (uint)(words[2] >> 32), (uint)words[3], (uint)(words[3] >> 32), (uint)words[4], (uint)(words[4] >> 32),
                (uint)words[5], device.ComputeStream, parameters, null);
        }
    }

    private CublasStatus Multiply(in ProductCommand p)
    {
        float one = 1, beta = p.Beta;
        ICublas cublas = device.Libraries.Cublas;
        return p.Count == 1
            ? cublas.GemmEx(
                BlasHandle, p.OperationA, p.OperationB, p.M, p.N, p.K, &one, p.A, p.Operands, p.LeadingA, p.B, p.Operands, p.LeadingB,
                &beta, p.C, p.Result, p.LeadingC, p.Compute, CublasAlgorithm.Default)
            : cublas.GemmStridedBatchedEx(
                BlasHandle, p.OperationA, p.OperationB, p.M, p.N, p.K, &one, p.A, p.Operands, p.LeadingA, p.DistanceA, p.B, p.Operands, p.LeadingB, p.DistanceB,
                &beta, p.C, p.Result, p.LeadingC, p.DistanceC, p.Count, p.Compute, CublasAlgorithm.Default);
    }
}
