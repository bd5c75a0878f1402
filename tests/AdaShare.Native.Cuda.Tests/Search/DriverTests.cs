using AdaShare.Native.Cuda.Search;

namespace AdaShare.Native.Cuda.Tests.Search;

/// <summary>What is said of machines whose driver is absent, idle, too old or broken: nothing else is loaded on them.</summary>
[TestFixture]
internal sealed class DriverTests
{
    private FakeMachine _machine = null!;

    [SetUp]
    public void SetUp()
    {
        _machine = new FakeMachine();
        FakeMachine.Add(_machine.Folder("usr", "lib64"), _machine.CudnnNames().Concat(_machine.CublasNames(13)));
    }

    [TearDown]
    public void TearDown() => _machine.Dispose();

    [Test]
    public void No_driver()
    {
        CudaSearch search = _machine.Search();
        Assert.That(search.Obstacle, Is.EqualTo("there is no NVIDIA driver on this machine (libcuda.so.1: cannot open shared object file: No such file or directory); if it has an NVIDIA GPU, install its driver"));
        Assert.That(_machine.Loaded, Is.Empty);
        Assert.That(search.Found.Select(library => library.Name), Is.EqualTo(new[] { "cuDNN", "cuBLAS" }), "files are found without loading them");
    }

    [Test]
    public void No_device()
    {
        _machine.AddDriver();
        _machine.InitResult = 100;
        Assert.That(_machine.Search().Obstacle, Is.EqualTo("the NVIDIA driver (CUDA 13.0) finds no GPU in this machine"));
        (_machine.InitResult, _machine.DeviceCount) = (0, 0);
        Assert.That(_machine.Search().Obstacle, Is.EqualTo("the NVIDIA driver (CUDA 13.0) finds no GPU in this machine"));
        Assert.That(_machine.Loaded, Has.All.EndsWith("libcuda.so.1"));
    }

    [Test]
    public void A_driver_that_does_not_start()
    {
        _machine.AddDriver();
        _machine.InitResult = 803;
        Assert.That(_machine.Search().Obstacle, Is.EqualTo("the NVIDIA driver (CUDA 13.0) does not start: status (803); see what nvidia-smi says"));
        _machine.InitResult = 34;
        Assert.That(_machine.Search().Obstacle, Does.StartWith("the driver library is a toolkit's stub for building, not a driver"));
    }

    [Test]
    public void A_driver_that_is_too_old()
    {
        _machine.AddDriver();
        _machine.Absent.Add("cuGraphInstantiateWithFlags");
        Assert.That(_machine.Search().Obstacle, Is.EqualTo("the NVIDIA driver is too old: it has no cuGraphInstantiateWithFlags; install a driver for CUDA 12 or newer"));
    }

    [Test]
    public void A_GPU_that_is_too_old()
    {
        _machine.AddDriver();
        _machine.ComputeCapability = (7, 0);
        CudaSearch search = _machine.Search();
        Assert.That(search.Obstacle, Is.EqualTo("no GPU of this machine has compute capability 7.5 or more (NVIDIA Test 0: 7.0); a Turing GPU or a newer one is needed"));
        Assert.That(search.Devices.Single().IsSupported, Is.False);
    }

    [Test]
    public void A_driver_in_a_folder_that_the_user_says_goes_first()
    {
        _machine.AddDriver();
        string folder = _machine.Folder("mine");
        FakeMachine.Add(folder, "libcuda.so.1");
        _machine.Set(CudaSearch.OverrideVariable, folder);
        _machine.Search();
        Assert.That(_machine.Loaded[0], Is.EqualTo(Path.Combine(folder, "libcuda.so.1")));
    }

    [Test]
    public void The_driver_of_the_Windows_subsystem_for_Linux()
    {
        string folder = _machine.Folder("usr", "lib", "wsl", "lib");
        FakeMachine.Add(folder, "libcuda.so.1");
        Assert.That(_machine.Search().Obstacle, Is.Null);
    }

    [Test]
    public void The_system_loader_says_why_in_one_line()
    {
        string name = "/x/libcudnn_graph.so.9";
        string dotnet = $"Unable to load shared library '{name}' or one of its dependencies. In order to help diagnose loading problems, consider using a tool like strace. \n{name}: file too short\n";
        Assert.That(SystemLibraryLoader.Reason(dotnet, name), Is.EqualTo("file too short"));
        Assert.That(SystemLibraryLoader.Reason("Unable to load\nlibz.so.1: cannot open shared object file", name), Is.EqualTo("libz.so.1: cannot open shared object file"));
        string file = Path.Combine(_machine.Folder("usr", "lib64"), "libcudnn.so.9");
        Assert.That(new SystemLibraryLoader().Load(file, out string error), Is.EqualTo((nint)0));
        Assert.That(error, Is.Not.Empty.And.Not.Contains('\n'));
    }
}
