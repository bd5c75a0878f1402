using System.Reflection;
using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Cuda.Search;

namespace AdaShare.Native.Cuda.Tests.Interop;

/// <summary>Each member of a binding calls the export that its attribute names, and no other: exports are stubs that answer with their own number.</summary>
[TestFixture]
internal sealed class WiringTests
{
    [Test]
    public void Members_of_the_driver_call_their_exports() => Check<ICudaDriver>(entries => new NativeCudaDriver(entries));

    [Test]
    public void Members_of_cuDNN_call_their_exports() => Check<ICudnn>(entries => new NativeCudnn(entries));

    [Test]
    public void Members_of_cuBLAS_call_their_exports() => Check<ICublas>(entries => new NativeCublas(entries));

    [Test]
    public unsafe void Functions_that_are_optional_may_be_absent()
    {
        var loader = new StubLoader(absent: ["cudnnGetLastErrorString", "cublasGetStatusName"]);
        var cudnn = new NativeCudnn(EntryPoints.Resolve<ICudnn>(loader, 1, "cuDNN"));
        byte message = 7;
        cudnn.GetLastErrorString(&message, 1);
        Assert.That(message, Is.EqualTo(7));
        Assert.That(new NativeCublas(EntryPoints.Resolve<ICublas>(loader, 1, "cuBLAS")).GetStatusName(CublasStatus.InvalidValue), Is.EqualTo((nint)0));
    }

    [Test]
    public void A_library_without_a_required_function_is_refused()
    {
        EntryPoints entries = EntryPoints.Resolve<ICudaDriver>(new StubLoader(absent: ["cuMemAlloc_v2", "cuGraphLaunch"]), 1, "the driver");
        Assert.That(() => new NativeCudaDriver(entries), Throws.TypeOf<Engine.Errors.DeviceException>().With.Message.EqualTo("the driver has no cuMemAlloc_v2, cuGraphLaunch; install a newer version"));
    }

    private static void Check<TSeam>(Func<EntryPoints, TSeam> bind) where TSeam : class
    {
        var loader = new StubLoader(absent: []);
        TSeam binding = bind(EntryPoints.Resolve<TSeam>(loader, 1, "the library"));
        foreach (MethodInfo method in typeof(TSeam).GetMethods())
        {
            loader.Called = 0;
            method.Invoke(binding, [.. method.GetParameters().Select(Argument)]);
            Assert.That(loader.NameOf(loader.Called), Is.EqualTo(method.GetCustomAttribute<EntryPointAttribute>()!.Name), method.Name);
        }
    }

    private static object? Argument(ParameterInfo parameter) => parameter.ParameterType switch
    {
        { IsByRef: true } type => Activator.CreateInstance(type.GetElementType()!),
        { IsPointer: true } => null,
        Type type => Activator.CreateInstance(type),
    };

    /// <summary>Gives every export a stub of its own. A stub takes no arguments: on the 64-bit platforms the caller cleans up, so it may be called with any.</summary>
    private sealed class StubLoader(string[] absent) : ILibraryLoader
    {
        private readonly List<(string Name, Stub Stub)> _stubs = [];

        private delegate nint Stub();

        public int Called { get; set; }

        public string NameOf(int number) => number == 0 ? "none" : _stubs[number - 1].Name;

        public nint Load(string name, out string error)
        {
            error = string.Empty;
            return 1;
        }

        public void Free(nint library) => throw new NotSupportedException();

        public nint Export(nint library, string name)
        {
            if (absent.Contains(name))
            {
                return 0;
            }

            int number = _stubs.Count + 1;
            Stub stub = () =>
            {
                Assert.That(Called, Is.Zero, "one call must reach one export once");
                return Called = number;
            };
            _stubs.Add((name, stub));
            return Marshal.GetFunctionPointerForDelegate(stub);
        }

        public IReadOnlyList<string> LoadedPaths() => [];
    }
}
