using AdaShare.Native.Cpu;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Graphs;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Tests.Simulated;

/// <summary>Kernels that a program brings along: loading, launching, and what is said where either can't be done.</summary>
[TestFixture]
public sealed class CustomKernelTests
{
    // One thread of a block of any size for each element: y[thread] = x[thread] * factor[0] + shift.
    private const string Scale = """
        .version 6.4
        .target sm_75
        .address_size 64
        .visible .entry scale(
            .param .u64 scale_param_0, // x
            .param .u64 .ptr .global .align 4 scale_param_1, /* factor */
            .param .f32 scale_param_2,
            .param .u64 scale_param_3,
            .param .u32 scale_param_4
        )
        .maxntid 64, 1, 1
        {
            .reg .pred %p<2>;
            .reg .f32 %f<5>;
            .reg .b32 %r<8>;
            .reg .b64 %rd<9>;
            ld.param.u64 %rd1, [scale_param_0];
            ld.param.u64 %rd2, [scale_param_1];
            ld.param.f32 %f1, [scale_param_2];
            ld.param.u64 %rd3, [scale_param_3];
            ld.param.u32 %r1, [scale_param_4];
            mov.u32 %r2, %tid.x;
            mov.u32 %r3, %tid.z;
            mov.u32 %r4, %ntid.x;
            mad.lo.s32 %r5, %r3, %r4, %r2;
            setp.ge.u32 %p1, %r5, %r1;
            @%p1 bra DONE;
            cvta.to.global.u64 %rd4, %rd1;
            cvta.to.global.u64 %rd5, %rd3;
            mul.wide.u32 %rd6, %r5, 4;
            add.s64 %rd7, %rd4, %rd6;
            add.s64 %rd8, %rd5, %rd6;
            ld.global.f32 %f2, [%rd7];
            ld.global.f32 %f3, [%rd2];
            fma.rn.f32 %f4, %f2, %f3, %f1;
            st.global.f32 [%rd8], %f4;
        DONE:
            ret;
        }
        """;

    private const string Odd = """
        .version 6.4
        .target sm_75
        .address_size 64
        .visible .entry nothing()
        {
            ret;
        }
        .visible .entry structure(
            .param .align 8 .b8 structure_param_0[24],
            .param .u32 structure_param_1
        )
        {
            ret;
        }
        .visible .entry numbers(
            .param .f64 numbers_param_0,
            .param .u8 numbers_param_1,
            .param .s64 numbers_param_2
        )
        {
            ret;
        }
        """;

    private SimulatedBackend _device = null!;

    private CudaBackend Backend => _device.Backend;

    private static IEnumerable<TestCaseData> Mistakes
    {
        get
        {
            const string Signature = "; its parameters are (pointer, pointer, f32, pointer, u32)";
            return
            [
                Mistake([], "the kernel scale takes 5 arguments and was given 0" + Signature),
                Mistake([1, default, 1f, default, 1], "argument 0 of the kernel scale is the integer 1, and the parameter is a pointer; give a tensor, or numbers by CudaArgument.Varying" + Signature),
                Mistake([default, default, 1, default, 1], "argument 2 of the kernel scale is the integer 1, and the parameter is f32; give a float" + Signature),
                Mistake([default, default, 0.5, default, 1], "argument 2 of the kernel scale is the double 0.5, and the parameter is f32; give a float" + Signature),
                Mistake([default, default, default, default, 1], "argument 2 of the kernel scale is a null pointer, and the parameter is f32, which is no pointer" + Signature),
                Mistake([default, default, 1f, 2f, 1], "argument 3 of the kernel scale is the float 2, and the parameter is u64; give a tensor, or numbers by CudaArgument.Varying" + Signature),
                Mistake([default, default, 1f, default, CudaArgument.Varying(1)], "argument 4 of the kernel scale is a pointer to numbers, and the parameter is u32, which is no pointer" + Signature),
                Mistake([default, default, 1f, default, 1L << 32], "argument 4 of the kernel scale is the integer 4294967296, which does not fit into u32" + Signature),
            ];
        }
    }

    [SetUp]
    public void SetUp() => _device = new SimulatedBackend();

    [TearDown]
    public void TearDown() => _device.Dispose();

    [Test]
    public void A_kernel_gets_tensors_and_numbers_and_blocks_of_any_form()
    {
        CudaKernel kernel = Backend.LoadModule("scale", Scale).Kernel("scale");
        using (var step = new Step(Backend))
        {
            Tensor x = step.FromHost<float>(new Shape(6), [1, 2, 3, 4, 5, 6]), y = step.FromHost<float>(new Shape(6), new float[6]);
            kernel.Launch(new CudaLaunchShape(1, 2) { BlockZ = 3 }, x, CudaArgument.Varying(10f), 0.5f, y, 5L);
            Assert.That(y.ToArray<float>(), Is.EqualTo(new[] { 10.5f, 20.5f, 30.5f, 40.5f, 50.5f, 0 }));
            kernel.Launch(CudaLaunchShape.Linear(0) with { BlockX = 64 }, x.Part(2, new Shape(2)), step.FromHost<float>(new Shape(1), [-1]), 0f, y, 2);
            Assert.That(y.ToArray<float>(), Is.EqualTo(new[] { -3f, -4, 30.5f, 40.5f, 50.5f, 0 }));
        }

        _device.AssertClean();
    }

    [Test]
    public void Modules_and_kernels_are_loaded_once_and_unloaded_with_the_backend()
    {
        CudaModule module = Backend.LoadModule("odd", Odd);
        Assert.That(Backend.LoadModule("odd", new string(Odd.AsSpan())), Is.SameAs(module));
        CudaKernel nothing = module.Kernel("nothing");
        Assert.That(module.Kernel("nothing"), Is.SameAs(nothing));
        Assert.That((module.Name, module.Kernels), Is.EqualTo(("odd", new[] { "nothing", "numbers", "structure" })));
        nothing.Launch(new CudaLaunchShape(1, 1));
        module.Kernel("numbers").Launch(new CudaLaunchShape(1, 1), 0.5, true, 7L);
        _device.AssertClean();
        Assert.That(() => module.Kernel("numbers"), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Numbers_that_vary_leave_a_captured_step_as_it_is_and_those_by_value_do_not([Values] bool varying)
    {
        CudaKernel kernel = Backend.LoadModule("scale", Scale).Kernel("scale");
        using (var outside = new Step(Backend))
        {
            Tensor one = outside.FromHost<float>(new Shape(1), [1]);
            for (int i = 0; i < 6; i++)
            {
                float number = i;
                using var step = new Step(Backend);
                Tensor y = null!;
                Backend.RunStep("scale", () =>
                {
                    y = step.New(new Shape(3), DType.Float32);
                    Tensor x = step.FromHost<float>(new Shape(3), [1, 2, number]);
                    kernel.Launch(new CudaLaunchShape(1, 64), x, varying ? CudaArgument.Varying(number) : one, varying ? 0 : number, y, 3);
                });
                Assert.That(y.ToArray<float>(), Is.EqualTo(varying ? new[] { number, 2 * number, number * number } : [1 + number, 2 + number, 2 * number]));
            }
        }

        Assert.That(Backend.Steps.Replayed, Is.EqualTo(varying ? 4 : 0));
        _device.AssertClean();
    }

    [Test]
    public void A_random_stream_is_two_numbers()
    {
        CudaKernel kernel = Backend.LoadModule("scale", Scale).Kernel("scale");
        RandomStream stream = RandomStream.For(3, "x", 0);
        using (var step = new Step(Backend))
        {
            Tensor x = step.FromHost<float>(new Shape(1), [1]), y = step.New(new Shape(1), DType.Float32);
            kernel.Launch(new CudaLaunchShape(1, 1), x, CudaArgument.Varying(stream), 0f, y, 1);
            Assert.That(y.ToArray<float>()[0], Is.EqualTo(BitConverter.UInt32BitsToSingle((uint)stream.Seed)), "the lower half of the seed");
        }

        Assert.That(static () => CudaArgument.Varying<float>(), Throws.ArgumentException);
        _device.AssertClean();
    }

    [TestCaseSource(nameof(Mistakes))]
    public void Arguments_that_do_not_fit_the_declaration_are_refused(object arguments, string sentence)
    {
        CudaKernel kernel = Backend.LoadModule("scale", Scale).Kernel("scale");
        Assert.That(() => kernel.Launch(new CudaLaunchShape(1, 1), (CudaArgument[])arguments), Throws.TypeOf<ShapeException>().With.Message.EqualTo("cuda:0: " + sentence));
        _device.AssertClean();
    }

    [Test]
    public void Integers_must_fit_their_parameters()
    {
        CudaKernel kernel = Backend.LoadModule("odd", Odd).Kernel("numbers");
        Assert.That(() => kernel.Launch(new CudaLaunchShape(1, 1), 0.5, 256, 7L), Throws.TypeOf<ShapeException>().With.Message.Contains("argument 1 of the kernel numbers is the integer 256, which does not fit into u8"));
        Assert.That(
            () => kernel.Launch(new CudaLaunchShape(1, 1), 0.5, 1, 7), Throws.TypeOf<ShapeException>().With.Message
                .Contains("argument 2 of the kernel numbers is the integer 7 of 32 bits, and the parameter is s64; give a long, or a tensor where the parameter is a pointer"));
        Assert.That(() => kernel.Launch(new CudaLaunchShape(1, 1), 0.5f, 1, 7L), Throws.TypeOf<ShapeException>().With.Message.Contains("is the float 0.5, and the parameter is f64; give a double"));
        _device.AssertClean();
    }

    [Test]
    public void A_tensor_as_a_number_is_refused_by_name()
    {
        CudaKernel kernel = Backend.LoadModule("scale", Scale).Kernel("scale");
        using (var step = new Step(Backend))
        {
            Tensor x = step.New(new Shape(2, 3), DType.Float32);
            Assert.That(() => kernel.Launch(new CudaLaunchShape(1, 1), x, x, 1f, x, x), Throws.TypeOf<ShapeException>().With.Message.Contains("argument 4 of the kernel scale is the tensor Float32 [2, 3], and the parameter is u32"));
        }

        _device.AssertClean();
    }

    [Test]
    public void Tensors_that_are_freed_or_elsewhere_are_refused()
    {
        CudaKernel kernel = Backend.LoadModule("scale", Scale).Kernel("scale");
        using (var cpu = new CpuBackend(new CpuBackendOptions { Threads = 1 }))
        using (var step = new Step(Backend))
        using (var there = new Step(cpu))
        {
            Tensor x = step.New(new Shape(2), DType.Float32), gone = step.New(new Shape(2), DType.Float32), elsewhere = there.New(new Shape(2), DType.Float32);
            step.Release(gone);
            Assert.That(() => kernel.Launch(new CudaLaunchShape(1, 1), x, x, 1f, gone, 2), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => kernel.Launch(new CudaLaunchShape(1, 1), x, x, 1f, elsewhere, 2), Throws.TypeOf<DeviceException>().With.Message.Contains("is on cpu"));
        }

        _device.AssertClean();
    }

    [Test]
    public void Launches_that_no_device_or_kernel_can_have_are_refused()
    {
        CudaKernel kernel = Backend.LoadModule("scale", Scale).Kernel("scale");
        Refused(default, "the launch grid (0, 0, 0) of blocks (0, 0, 0); every size is 1 or more");
        Refused(new CudaLaunchShape(1, 1) { GridY = 70000 }, "the launch grid (1, 70000, 1) of blocks (1, 1, 1)");
        Refused(new CudaLaunchShape(1, 1) { BlockZ = 65 }, "a block at most 64 along z");
        Refused(new CudaLaunchShape(1, 65), "the kernel scale was given blocks of 65 threads; it runs with 64 at most");
        Refused(new CudaLaunchShape(1, 1) { SharedBytes = 50_000 }, "50000 bytes of dynamic shared memory; it may have 0 to 49152");
        Assert.That(() => CudaLaunchShape.Linear(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(CudaLaunchShape.Linear(1 << 30).GridX, Is.EqualTo(8192));
        _device.AssertClean();

        void Refused(CudaLaunchShape shape, string sentence) =>
            Assert.That(() => kernel.Launch(shape, default, default, 1f, default, 0), Throws.TypeOf<ShapeException>().With.Message.Contains(sentence));
    }

    [Test]
    public void Modules_that_cannot_be_loaded_are_refused_in_a_sentence()
    {
        Backend.LoadModule("odd", Odd);
        Assert.That(() => Backend.LoadModule("odd", Scale), Throws.InvalidOperationException.With.Message.EqualTo("cuda:0: a module odd with another text is loaded already; give this one another name"));
        Assert.That(() => Backend.LoadModule("cubin", "\u007fELF"), Throws.TypeOf<DeviceException>().With.Message.Contains("the module cubin is no PTX, for it has no .target"));
        Assert.That(
            () => Backend.LoadModule("new", Scale.Replace("sm_75", "sm_120", StringComparison.Ordinal)), Throws.TypeOf<DeviceException>().With.Message
                .Match("the module new is compiled for compute capability 12.0, .* has .*; compile it for compute_.* or older"));
        Assert.That(() => Backend.LoadModule("later", Scale.Replace(".version 6.4", ".version 99.9", StringComparison.Ordinal)), Throws.TypeOf<DeviceException>().With.Message.Contains("loading the kernels of later"));
        Assert.That(
            () => Backend.LoadModule("odd", Odd).Kernel("noting"), Throws.TypeOf<DeviceException>().With.Message
                .EqualTo("cuda:0: the module odd has no kernel noting, but nothing, numbers, structure; a kernel keeps its name where it is declared extern \"C\""));
        Assert.That(() => Backend.LoadModule("odd", Odd).Kernel("structure"), Throws.TypeOf<DeviceException>().With.Message.Contains("the kernel structure of odd takes a struct of 24 bytes by value"));
        _device.AssertClean();
    }

    [Test]
    public void Every_kernel_of_the_backend_is_declared_as_it_is_read()
    {
        foreach (string module in KernelModules.Embedded("compute_80"))
        {
            using var reader = new StreamReader(typeof(CudaBackend).Assembly.GetManifestResourceStream($"{module}.compute_80.ptx")!);
            string ptx = reader.ReadToEnd();
            IReadOnlyDictionary<string, PtxKernel> kernels = PtxKernel.Read(ptx);
            Assert.That(PtxKernel.TargetOf(ptx), Is.EqualTo(new Version(8, 0)));
            Assert.That(kernels, Has.Count.EqualTo(ptx.Split(".entry ").Length - 1).And.Count.GreaterThan(0), module);
            Assert.That(kernels.Values.Sum(static kernel => kernel.Parameters.Count), Is.EqualTo(ptx.Split('\n').Count(static line => line.TrimStart().StartsWith(".param ", StringComparison.Ordinal))), module);
            Assert.That(kernels.Values.SelectMany(static kernel => kernel.Parameters).Where(static parameter => parameter.IsPointer).Select(static parameter => parameter.Type), Is.All.EqualTo("u64").And.Not.Empty, module);
        }
    }

    private static TestCaseData Mistake(CudaArgument[] arguments, string sentence) => new TestCaseData(arguments, sentence).SetArgDisplayNames(sentence);
}
