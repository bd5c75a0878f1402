// dotnet run --project samples/custom-op                 the gradients of the op on the CPU, in double and in single precision
// dotnet run --project samples/custom-op -- --cuda       and on the first GPU
using AdaShare.Native.Cpu;
using AdaShare.Native.Cuda;
using AdaShare.Native.Cuda.Search;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Checks;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Samples;

if (args is not ([] or ["--cuda"]))
{
    Console.Error.WriteLine($"custom-op: found {string.Join(' ', args)}, expected nothing or --cuda");
    return 2;
}

using var cpu = new CpuBackend();
bool isRight = Check(cpu, DType.Float64) & Check(cpu, DType.Float32);
if (args is ["--cuda"])
{
    CudaSearch search = CudaSearch.Find();
    if (search.Obstacle is { } obstacle || search.Libraries is null)
    {
        Console.Error.WriteLine($"custom-op: {search.Obstacle}");
        return 3;
    }

    using var cuda = new CudaBackend(search.Libraries, new CudaBackendOptions { Device = search.Devices.First(static device => device.IsSupported).Ordinal });
    isRight &= Check(cuda, DType.Float32);
}

return isRight ? 0 : 1;

static bool Check(Backend backend, DType type)
{
    var shape = new Shape(3, 5, 7);
    GradientCheckReport report = GradientCheck.Of(
        backend, static (step, x) => step.SwiGlu(x[0], x[1]), [Normal("gate", shape), Normal("up", shape)], new GradientCheckOptions { Type = type });
    Console.WriteLine($"{backend.Name}, {type}: {report}");
    return report.IsCorrect;
}

static GradientCheckInput Normal(string name, Shape shape)
{
    RandomStream stream = RandomStream.For(1, name, 0);
    return new GradientCheckInput(name, shape, [.. Enumerable.Range(0, (int)shape.Count).Select(i => stream.Normal((ulong)i))]);
}
