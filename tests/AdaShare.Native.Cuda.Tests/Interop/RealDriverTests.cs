using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Cuda.Search;

namespace AdaShare.Native.Cuda.Tests.Interop;

/// <summary>The bindings against a real driver library. What needs a GPU is elsewhere: here a machine without one gives its own, known answers.</summary>
[TestFixture]
internal sealed class RealDriverTests
{
    private static readonly SearchMachine Machine = new();

    private static IEnumerable<TestCaseData> Exports => EntryPoints.Of<ICudaDriver>().Select(entry => new TestCaseData(entry.Export.Name).SetArgDisplayNames(entry.Export.Name));

    [TestCaseSource(nameof(Exports))]
    public void Every_function_is_exported(string export) => Assert.That(RealDriver.Loader.Export(RealDriver.Load(), export), Is.Not.EqualTo((nint)0));

    [Test]
    public void The_version_is_that_of_the_installed_driver()
    {
        ICudaDriver driver = Bind();
        Assert.That(driver.DriverGetVersion(out int version), Is.EqualTo(CudaResult.Success));
        string file = RealDriver.Loader.LoadedPaths().First(path => Path.GetFileName(path).StartsWith(Path.GetFileNameWithoutExtension(Machine.Names.Driver), StringComparison.Ordinal));
        Assert.That(version, file.Contains(".535.", StringComparison.Ordinal) ? Is.EqualTo(12020) : Is.GreaterThanOrEqualTo(12000));
    }

    [Test]
    public void Without_a_GPU_the_driver_says_so()
    {
        ICudaDriver driver = Bind();
        CudaResult result = driver.Init(0);
        if (result == CudaResult.Success)
        {
            Assert.Ignore("this machine has a GPU");
        }

        Assert.That(result, Is.EqualTo(CudaResult.NoDevice));
        Assert.That(driver.DeviceGetCount(out _), Is.EqualTo(CudaResult.NotInitialized));
        Assert.That(driver.MemAlloc(out ulong pointer, 16), Is.EqualTo(CudaResult.NotInitialized));
        Assert.That(pointer, Is.Zero);
    }

    /// <summary>The driver knows the C name of every status, so each of our names and numbers can be held against it.</summary>
    [TestCaseSource(nameof(Statuses))]
    public void Statuses_have_the_numbers_of_their_names(CudaResult status)
    {
        ICudaDriver driver = Bind();
        Assert.That(driver.GetErrorName(status, out nint name), Is.EqualTo(CudaResult.Success));
        Assert.That(Marshal.PtrToStringUTF8(name), Is.EqualTo(CName(status)));
        Assert.That(driver.GetErrorString(status, out nint words), Is.EqualTo(CudaResult.Success));
        Assert.That(Marshal.PtrToStringUTF8(words), Is.Not.Empty);
    }

    [Test]
    public void A_number_that_is_no_status_has_no_name()
    {
        ICudaDriver driver = Bind();
        Assert.That(driver.GetErrorName((CudaResult)123456, out nint name), Is.EqualTo(CudaResult.InvalidValue));
        Assert.That(name, Is.EqualTo((nint)0));
    }

    [Test]
    public void The_search_of_a_machine_without_a_GPU_ends_in_a_sentence()
    {
        RealDriver.Load();
        CudaSearch search = new LibrarySearch(Machine, []).Run();
        if (search.Devices.Count > 0)
        {
            Assert.Ignore("this machine has a GPU");
        }

        Assert.That(search.Libraries, Is.Null);
        Assert.That(search.Obstacle, Does.Match(@"^the NVIDIA driver \(CUDA \d+\.\d+\) finds no GPU in this machine$"));
        Assert.That(search.Found[0].Name, Is.EqualTo("driver"));
        Assert.That(search.Found[0].Path, Does.Exist);
        Assert.That(search.Places.Select(place => place.Origin), Does.Contain("program").And.Contain("loader"));
    }

    private static NativeCudaDriver Bind() => new(EntryPoints.Resolve<ICudaDriver>(RealDriver.Loader, RealDriver.Load(), "the NVIDIA driver"));

    /// <summary>All but the one status that is younger than the oldest driver of this test, CUDA 12.2.</summary>
    private static IEnumerable<CudaResult> Statuses() => Enum.GetValues<CudaResult>().Where(status => status != CudaResult.CallRequiresNewerDriver);

    private static string CName(CudaResult status) => status switch
    {
        CudaResult.Success => "CUDA_SUCCESS",
        CudaResult.InvalidProgramCounter => "CUDA_ERROR_INVALID_PC",
        _ => "CUDA_ERROR_" + Regex.Replace(status.ToString(), "(?<!^)([A-Z])", "_$1").ToUpperInvariant(),
    };
}
