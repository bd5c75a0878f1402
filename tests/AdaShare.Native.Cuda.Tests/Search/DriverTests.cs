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

    [TestCase(100, "the NVIDIA driver (CUDA 13.0) finds no GPU in this machine")]
    [TestCase(34, "the driver library is a toolkit's stub for building, not a driver; install the GPU's driver, or take the stub's folder out of the library path")]
    [TestCase(803, "the NVIDIA driver (CUDA 13.0) does not start: status (803); see what nvidia-smi says")]
    public void A_driver_without_a_device_does_not_hide_the_one_that_has_it(int result, string reason)
    {
        _machine.AddDriver();
        string idle = _machine.LibraryPath["libcuda.so.1"], folder = _machine.Folder("usr", "lib", "wsl", "lib"), working = Path.Combine(folder, "libcuda.so.1");
        FakeMachine.Add(folder, "libcuda.so.1");
        _machine.InitResults[idle] = result;
        CudaSearch search = _machine.Search();
        Assert.That(search.Obstacle, Is.Null);
        Assert.That(search.Found.Single(library => library.Name == "driver").Path, Is.EqualTo(working));
        Assert.That(search.Notes, Is.EqualTo(new[] { $"the driver libcuda.so.1 was passed over: {reason}" }));
        Assert.That(_machine.Freed, Is.EqualTo(new[] { idle }), "libraries that ask for the driver by name must get the other one");
        Assert.That(_machine.Loaded.Take(2), Is.EqualTo(new[] { idle, working }));
    }

    [Test]
    public void A_stub_in_the_library_path_does_not_hide_the_systems_driver()
    {
        _machine.LibraryPath["libcuda.so.1"] = Path.Combine(_machine.Root, "usr", "local", "cuda", "lib64", "stubs", "libcuda.so.1");
        _machine.InitResults[_machine.LibraryPath["libcuda.so.1"]] = 34;
        FakeMachine.Add(_machine.Folder("usr", "lib", "x86_64-linux-gnu"), "libcuda.so.1");
        CudaSearch search = _machine.Search();
        Assert.That(search.Obstacle, Is.Null);
        Assert.That(search.Found.Single(library => library.Name == "driver").Path, Is.EqualTo(Path.Combine(_machine.Root, "usr", "lib", "x86_64-linux-gnu", "libcuda.so.1")));
    }

    [Test]
    public void Where_every_driver_fails_the_first_reason_counts_and_each_is_listed()
    {
        _machine.AddDriver();
        string mine = Path.Combine(_machine.Folder("mine"), "libcuda.so.1"), subsystem = Path.Combine(_machine.Folder("usr", "lib", "wsl", "lib"), "libcuda.so.1");
        FakeMachine.Add(Path.GetDirectoryName(mine)!, "libcuda.so.1");
        FakeMachine.Add(Path.GetDirectoryName(subsystem)!, "libcuda.so.1");
        _machine.InitResults[mine] = 34;
        _machine.InitResults[_machine.LibraryPath["libcuda.so.1"]] = 100;
        _machine.InitResults[subsystem] = 803;
        CudaSearch search = _machine.Search(Path.GetDirectoryName(mine)!);
        Assert.That(search.Obstacle, Does.StartWith("the driver library is a toolkit's stub for building, not a driver"));
        Assert.That(search.Found[0], Is.EqualTo(new FoundLibrary("driver", "CUDA 13.0", mine)));
        Assert.That(search.Notes, Is.EqualTo(new[]
        {
            $"the driver {mine} can't be used: {search.Obstacle}",
            "the driver libcuda.so.1 can't be used: the NVIDIA driver (CUDA 13.0) finds no GPU in this machine",
            $"the driver {subsystem} can't be used: the NVIDIA driver (CUDA 13.0) does not start: status (803); see what nvidia-smi says",
        }));
    }

    [Test]
    public void One_driver_is_tried_once_whatever_its_names()
    {
        string folder = _machine.Folder("usr", "lib", "x86_64-linux-gnu");
        FakeMachine.Add(folder, "libcuda.so.580.1");
        File.CreateSymbolicLink(Path.Combine(folder, "libcuda.so.1"), "libcuda.so.580.1");
        Directory.Delete(_machine.Folder("usr", "lib64"), recursive: true);
        Directory.CreateSymbolicLink(Path.Combine(_machine.Root, "usr", "lib64"), folder);
        _machine.LibraryPath["libcuda.so.1"] = Path.Combine(folder, "libcuda.so.580.1");
        _machine.InitResult = 100;
        CudaSearch search = _machine.Search();
        Assert.That(_machine.Loaded, Has.Count.EqualTo(1));
        Assert.That(search.Notes, Is.Empty);
        Assert.That(_machine.Freed, Is.Empty, "there is no other library to make room for");
    }

    [Test]
    public void A_driver_that_has_started_is_never_given_back()
    {
        _machine.AddDriver();
        FakeMachine.Add(_machine.Folder("usr", "lib", "wsl", "lib"), "libcuda.so.1");
        _machine.DeviceCount = 0;
        CudaSearch search = _machine.Search();
        Assert.That(search.Obstacle, Is.EqualTo("the NVIDIA driver (CUDA 13.0) finds no GPU in this machine"));
        Assert.That(_machine.Loaded, Has.Count.EqualTo(2));
        Assert.That(_machine.Freed, Is.Empty);
    }

    [TestCase("", ": CUDA_VISIBLE_DEVICES is set to nothing, which hides every GPU; unset it, or name devices that nvidia-smi -L lists, for example 0")]
    [TestCase("-1", ": CUDA_VISIBLE_DEVICES=-1 hides every GPU; unset it, or name devices that nvidia-smi -L lists, for example 0")]
    [TestCase("none,0", ": CUDA_VISIBLE_DEVICES=none,0 hides every GPU; unset it, or name devices that nvidia-smi -L lists, for example 0")]
    [TestCase("7", " among those that CUDA_VISIBLE_DEVICES=7 lets be seen; unset it, or name devices that nvidia-smi -L lists, for example 0")]
    [TestCase("GPU-1234", " among those that CUDA_VISIBLE_DEVICES=GPU-1234 lets be seen; unset it, or name devices that nvidia-smi -L lists, for example 0")]
    public void Devices_that_the_environment_hides_are_said_to_be_hidden(string value, string expected)
    {
        _machine.AddDriver();
        _machine.Set("CUDA_VISIBLE_DEVICES", value);
        _machine.InitResult = 100;
        Assert.That(_machine.Search().Obstacle, Is.EqualTo($"the NVIDIA driver (CUDA 13.0) finds no GPU{expected}"));
        (_machine.InitResult, _machine.DeviceCount) = (0, 0);
        Assert.That(_machine.Search().Obstacle, Is.EqualTo($"the NVIDIA driver (CUDA 13.0) finds no GPU{expected}"));
    }

    [Test]
    public void An_old_GPU_may_be_the_only_one_that_the_environment_shows()
    {
        _machine.AddDriver();
        _machine.Set("CUDA_VISIBLE_DEVICES", "1");
        Assert.That(_machine.Search().Obstacle, Is.Null);
        _machine.ComputeCapability = (7, 0);
        Assert.That(_machine.Search().Obstacle, Does.StartWith("no GPU that CUDA_VISIBLE_DEVICES=1 lets be seen has compute capability 7.5 or more (NVIDIA Test 0: 7.0)"));
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
