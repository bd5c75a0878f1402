using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Cudnn;

/// <summary>Times plans on the device: the best of three runs after one to warm up.</summary>
internal sealed class EngineTimer(CudaDevice device)
{
    private const int Runs = 3;

    /// <summary>The milliseconds of a run; infinite where it fails without costing the context.</summary>
    public double Milliseconds(ConvolutionPlan plan, ulong input, ulong filter, ulong output, ulong workspace)
    {
        ICudaDriver driver = device.Driver;
        device.Check("cuEventCreate", driver.EventCreate(out nint start, CudaEventFlags.Default));
        device.Check("cuEventCreate", driver.EventCreate(out nint end, CudaEventFlags.Default));
        double best = double.PositiveInfinity;
        for (int run = 0; run <= Runs; run++)
        {
            device.Check("cuEventRecord", driver.EventRecord(start, device.ComputeStream));
            if (plan.Execute(input, filter, output, workspace) != CudnnStatus.Success)
            {
                break;
            }

            device.Check("cuEventRecord", driver.EventRecord(end, device.ComputeStream));
            device.Check("timing a convolution", driver.EventSynchronize(end));
            device.Check("cuEventElapsedTime", driver.EventElapsedTime(out float milliseconds, start, end));
            best = run == 0 ? best : Math.Min(best, milliseconds);
        }

        driver.EventDestroy(start);
        driver.EventDestroy(end);
        return best;
    }
}
