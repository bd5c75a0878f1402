using AdaShare.Native.Cuda.Search;

namespace AdaShare.Native.Cuda.Tests.RealDevice;

/// <summary>The GPU of the machine that runs the tests, if it has one.</summary>
internal static class Gpu
{
    /// <summary>The tests that need it; <c>--filter TestCategory=RealDevice</c> runs them alone.</summary>
    public const string Category = "RealDevice";

    /// <summary>The cases of a test; without a GPU a single one, which is skipped and says why, so that what was not run is seen but not counted by the hundred.</summary>
    public static IEnumerable<TestCaseData> Cases(IEnumerable<TestCaseData> cases) =>
        CudaSearch.Find().Obstacle is string obstacle ? [new TestCaseData([null]).SetArgDisplayNames("no GPU").Ignore(obstacle)] : cases;

    /// <summary>A backend on the first GPU that kernels run on; null where there is none.</summary>
    public static CudaBackend? Open(CudaBackendOptions options)
    {
        CudaSearch search = CudaSearch.Find();
        return search.Libraries is null ? null : new CudaBackend(search.Libraries, options with { Device = search.Devices.First(device => device.IsSupported).Ordinal });
    }

    /// <summary>The libraries; where they can't be used, the test that asks is skipped.</summary>
    public static CudaSearch Require()
    {
        CudaSearch search = CudaSearch.Find();
        if (search.Obstacle is string obstacle)
        {
            Assert.Ignore(obstacle);
        }

        return search;
    }
}
