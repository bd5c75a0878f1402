using AdaShare.Native.Cuda.Search;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Cuda.Tests.Search;

/// <summary>Which libraries are chosen on machines of made-up folders, and in which order they are loaded.</summary>
[TestFixture]
internal sealed class LibrarySearchTests
{
    private FakeMachine _machine = null!;

    [SetUp]
    public void SetUp()
    {
        _machine = new FakeMachine();
        _machine.AddDriver();
    }

    [TearDown]
    public void TearDown() => _machine.Dispose();

    [Test]
    public void Pythons_packages_are_found_and_loaded_in_the_order_that_keeps_them_together()
    {
        _machine.Set("VIRTUAL_ENV", _machine.Folder("venv"));
        string nvidia = Packages("venv", 13);
        CudaSearch search = _machine.Search();
        Assert.That(search.Obstacle, Is.Null);
        string cudnn = Path.Combine(nvidia, "cudnn", "lib"), cuda = Path.Combine(nvidia, "cu13", "lib");
        string[] expected =
        [
            Path.Combine(cuda, "libcublasLt.so.13"), Path.Combine(cuda, "libcublas.so.13"), Path.Combine(cuda, "libnvrtc.so.13"),
            .. "graph engines_precompiled engines_runtime_compiled heuristic ops cnn adv".Split(' ').Select(part => Path.Combine(cudnn, $"libcudnn_{part}.so.9")),
            Path.Combine(cudnn, "libcudnn.so.9"),
        ];
        Assert.That(_machine.Loaded.Skip(1), Is.EqualTo(expected));
        Assert.That(search.Found.Select(library => $"{library.Name} {library.Version}"), Is.EquivalentTo(new[] { "driver CUDA 13.0", "cuBLAS 13.1.2", "NVRTC 13", "cuDNN 9.19.0 for CUDA 13" }));
        Assert.That(search.Devices.Single(), Is.EqualTo(new CudaDeviceFacts(0, "NVIDIA Test 0", new Version(9, 0), 132, 139L << 30)));
        Assert.That(search.Places.Single(place => place.Origin == "VIRTUAL_ENV").Outcome, Is.EqualTo("cuDNN 9, cuBLAS 13, NVRTC 13"));
        Assert.That(search.Require().Origin, Does.Contain("cuDNN 9.19.0"));
        Assert.That(search.Notes, Is.Empty);
    }

    [Test]
    public void What_the_user_says_beats_the_program_then_python_then_toolkits_then_bare_names()
    {
        string setting = _machine.Folder("setting"), variable = _machine.Folder("variable"), program = _machine.Folder("program"), toolkit = _machine.Folder("usr", "local", "cuda", "lib64");
        _machine.Set(CudaSearch.OverrideVariable, variable);
        _machine.Set("VIRTUAL_ENV", _machine.Folder("venv"));
        string python = Path.Combine(Packages("venv", 13), "cudnn", "lib");
        foreach (string folder in new[] { setting, variable, program, toolkit })
        {
            FakeMachine.Add(folder, _machine.CudnnNames().Concat(_machine.CublasNames(13)));
        }

        foreach (string folder in new[] { setting, variable, program, python, toolkit })
        {
            CudaSearch search = _machine.Search(setting);
            Assert.That(Path.GetDirectoryName(PathOf(search, "cuDNN")), Is.EqualTo(folder));
            File.Delete(Path.Combine(folder, "libcudnn.so.9"));
            _machine.Loaded.Clear();
        }

        foreach (string name in _machine.CudnnNames())
        {
            _machine.LibraryPath[name] = Path.Combine(_machine.Root, "ld", name);
        }

        Assert.That(PathOf(_machine.Search(setting), "cuDNN"), Is.EqualTo("libcudnn.so.9"));
    }

    [Test]
    public void Environments_are_found_by_variables_by_path_and_under_opt()
    {
        Packages("conda", 12);
        _machine.CudnnCudart = 12090;
        foreach ((string variable, string folder) in new[] { ("CONDA_PREFIX", "conda"), ("PYTHONPATH", "conda/lib/python3.12/site-packages"), ("PATH", "conda/bin") })
        {
            FakeMachine.Add(_machine.Folder("conda", "bin"), "python3");
            _machine.Set(variable, Path.Combine(_machine.Root, folder));
            _machine.Loaded.Clear();
            CudaSearch search = _machine.Search();
            Assert.That(search.Obstacle, Is.Null, variable);
            Assert.That(PathOf(search, "cuBLAS"), Does.EndWith("nvidia/cublas/lib/libcublas.so.12"), variable);
            _machine.Set(variable, string.Empty);
        }

        Assert.That(_machine.Search().Obstacle, Is.EqualTo("neither cuDNN 9 (libcudnn.so.9) nor cuBLAS (libcublas.so.13) was found; install them, for example the Python package nvidia-cudnn-cu13, which brings both, or name their folder in ADASHARE_CUDA_PATH"));
        Directory.Move(Path.Combine(_machine.Root, "conda"), Path.Combine(_machine.Folder("opt"), "env"));
        _machine.Loaded.Clear();
        Assert.That(_machine.Search().Obstacle, Is.Null);
    }

    [Test]
    public void Strange_variables_do_no_harm()
    {
        FakeMachine.Add(_machine.Root, "python3");
        _machine.Set("PATH", $"::/:.:relative/bin:{_machine.Root}/:/no/such/folder");
        _machine.Set("PYTHONPATH", "relative:");
        _machine.Set("VIRTUAL_ENV", "../elsewhere");
        _machine.Set("CUDA_HOME", "relative");
        _machine.Set(CudaSearch.OverrideVariable, "./mine");
        Complete();
        CudaSearch search = _machine.Search("setting");
        Assert.That(search.Obstacle, Is.Null);
        Assert.That(search.Places.Where(place => place.Path.Length > 0), Has.All.Matches<SearchedPlace>(place => Path.IsPathFullyQualified(place!.Path)));
    }

    [Test]
    public void An_incomplete_cuDNN_is_never_touched()
    {
        string folder = _machine.Folder("usr", "local", "cuda", "lib64");
        FakeMachine.Add(folder, _machine.CudnnNames().Where(name => !name.Contains("heuristic")).Concat(_machine.CublasNames(13)));
        CudaSearch search = _machine.Search();
        Assert.That(search.Obstacle, Is.EqualTo($"the cuDNN in {folder} is incomplete: libcudnn_heuristic.so.9 is missing; install cuDNN anew"));
        Assert.That(_machine.Loaded, Has.None.Contains("cudnn"));
        Assert.That(() => search.Require(), Throws.TypeOf<DeviceException>().With.Message.EqualTo($"CUDA: {search.Obstacle}"));
    }

    [Test]
    public void A_cuDNN_with_parts_of_two_versions_is_refused_before_it_is_loaded()
    {
        string folder = _machine.Folder("usr", "lib", "x86_64-linux-gnu");
        foreach (string name in _machine.CudnnNames())
        {
            string target = $"{name}.{(name.Contains("ops") ? "6.0" : "19.0")}";
            FakeMachine.Add(folder, target);
            File.CreateSymbolicLink(Path.Combine(folder, name), target);
        }

        FakeMachine.Add(folder, _machine.CublasNames(13));
        Assert.That(_machine.Search().Obstacle, Is.EqualTo($"the cuDNN in {folder} mixes versions 9.19.0 and 9.6.0; install one version"));
        Assert.That(_machine.Loaded, Has.None.Contains("cudnn"));
    }

    [Test]
    public void A_part_that_came_from_another_folder_is_found_out()
    {
        string folder = Complete();
        _machine.Loaded.Add("/elsewhere/libcudnn_ops.so.9");
        Assert.That(_machine.Search().Obstacle, Is.EqualTo($"cuDNN's parts were loaded from /elsewhere and from {folder}; keep one cuDNN in the library path and start again"));
    }

    [Test]
    public void Parts_that_call_themselves_of_different_versions_are_refused()
    {
        string folder = Complete();
        _machine.VersionCheck = 1002;
        Assert.That(_machine.Search().Obstacle, Is.EqualTo($"the parts of the cuDNN {folder}/libcudnn.so.9 are of different versions (cudnnCnnVersionCheck: 1002); install cuDNN anew"));
    }

    [Test]
    public void CuBLAS_is_taken_for_the_CUDA_that_cuDNN_is_built_for()
    {
        string folder = Complete();
        FakeMachine.Add(folder, _machine.CublasNames(12));
        _machine.CudnnCudart = 12090;
        CudaSearch search = _machine.Search();
        Assert.That(search.Obstacle, Is.Null);
        Assert.That(PathOf(search, "cuBLAS"), Is.EqualTo(Path.Combine(folder, "libcublas.so.12")));
        File.Delete(Path.Combine(folder, "libcublas.so.12"));
        Assert.That(_machine.Search().Obstacle, Is.EqualTo($"the cuDNN {folder}/libcudnn.so.9 is built for CUDA 12, the cuBLAS {folder}/libcublas.so.13 for CUDA 13; install both for the same CUDA"));
    }

    [Test]
    public void A_driver_of_CUDA_12_gets_libraries_of_CUDA_12()
    {
        string folder = Complete();
        _machine.DriverVersion = 12020;
        Assert.That(_machine.Search().Obstacle, Is.EqualTo($"the cuBLAS in {folder} is of CUDA 13, the driver runs CUDA 12; update the driver, or install cuBLAS and cuDNN for CUDA 12"));
        _machine.CudnnCudart = 12090;
        FakeMachine.Add(folder, _machine.CublasNames(12));
        Assert.That(_machine.Search().Obstacle, Is.Null);
    }

    [Test]
    public void A_file_that_does_not_load_is_named_with_the_reason()
    {
        string folder = Complete();
        _machine.Broken.Add("libcudnn_graph.so.9");
        Assert.That(_machine.Search().Obstacle, Is.EqualTo($"{folder}/libcudnn_graph.so.9 could not be loaded: file too short"));
        _machine.Broken.Add("libcublasLt.so.13");
        CudaSearch search = _machine.Search();
        Assert.That(search.Obstacle, Does.StartWith("cuBLAS (libcublas.so.13 or libcublas.so.12) was not found"));
        Assert.That(search.Notes, Has.Some.EqualTo($"{folder}/libcublasLt.so.13 could not be loaded: file too short"));
    }

    [Test]
    public void Without_NVRTC_the_search_succeeds_with_a_note()
    {
        File.Delete(Path.Combine(Complete(), "libnvrtc.so.13"));
        CudaSearch search = _machine.Search();
        Assert.That(search.Obstacle, Is.Null);
        Assert.That(search.Notes, Is.EqualTo(new[] { "NVRTC (libnvrtc.so.13) was not found: cuDNN's engines that compile at run time are not available" }));
    }

    [Test]
    public void CuBLAS_alone_is_not_enough()
    {
        FakeMachine.Add(_machine.Folder("usr", "lib64"), _machine.CublasNames(13));
        Assert.That(_machine.Search().Obstacle, Is.EqualTo("cuDNN 9 (libcudnn.so.9) was not found; install it, for example the Python package nvidia-cudnn-cu13, or name its folder in ADASHARE_CUDA_PATH"));
    }

    [Test]
    public void CuDNN_8_is_named_as_too_old()
    {
        string folder = _machine.Folder("usr", "lib64");
        FakeMachine.Add(folder, _machine.CublasNames(13).Append("libcudnn.so.8"));
        Assert.That(_machine.Search().Obstacle, Is.EqualTo($"the cuDNN in {folder} is version 8; install version 9"));
    }

    [Test]
    public void Windows_names_and_folders_are_searched()
    {
        using var windows = new FakeMachine(windows: true);
        windows.AddDriver();
        windows.Set("ProgramFiles", windows.Folder("Programs"));
        FakeMachine.Add(windows.Folder("Programs", "NVIDIA GPU Computing Toolkit", "CUDA", "v12.8", "bin"), windows.CublasNames(12));
        FakeMachine.Add(windows.Folder("Programs", "NVIDIA GPU Computing Toolkit", "CUDA", "v13.0", "bin", "x64"), windows.CublasNames(13));
        FakeMachine.Add(windows.Folder("Programs", "NVIDIA", "CUDNN", "v9.12", "bin", "13.0"), windows.CudnnNames());
        CudaSearch search = windows.Search();
        Assert.That(search.Obstacle, Is.Null);
        string[] loaded = [.. windows.Loaded.Select(path => Path.GetFileName(path)!)];
        Assert.That(loaded, Does.Contain("cublasLt64_13.dll").And.Contain("nvrtc64_130_0.dll").And.Contain("cudnn_engines_precompiled64_9.dll"));
        Assert.That(loaded[0], Is.EqualTo("nvcuda.dll"));
        Assert.That(loaded[^1], Is.EqualTo("cudnn64_9.dll"));
    }

    /// <summary>A folder of the system with everything for CUDA 13.</summary>
    private string Complete()
    {
        string folder = _machine.Folder("usr", "lib64");
        FakeMachine.Add(folder, _machine.CudnnNames().Concat(_machine.CublasNames(13)));
        return folder;
    }

    /// <summary>An environment with PyTorch's packages, laid out as the wheels of a CUDA major are.</summary>
    private string Packages(string environment, int major)
    {
        string nvidia = _machine.Folder(environment, "lib", "python3.12", "site-packages", "nvidia");
        FakeMachine.Add(Path.Combine(nvidia, "cudnn", "lib"), _machine.CudnnNames());
        FakeMachine.Add(major == 13 ? Path.Combine(nvidia, "cu13", "lib") : Path.Combine(nvidia, "cublas", "lib"), _machine.CublasNames(major));
        return nvidia;
    }

    private static string PathOf(CudaSearch search, string name) => search.Found.Single(library => library.Name == name).Path;
}
