using AdaShare.Native.CudaSimulation.Findings;
using AdaShare.Native.CudaSimulation.Memory;

namespace AdaShare.Native.CudaSimulation.Tests;

/// <summary>Planted faults of kernels, each beside a twin without the fault that must not be reported.</summary>
[TestFixture]
public sealed class CheckerTests
{
    private const string Source = ".file 1 \"some/folder/planted.cu\"";

    /// <summary>Runs a body on one buffer of 64 written ints and one of 64 unwritten ones; the findings.</summary>
    private static IReadOnlyList<Finding> Run(string body, uint blocks = 1, uint threads = 32, int shared = 0, string declarations = "")
    {
        using var bench = new PtxBench();
        MemoryRegion written = bench.Upload<int>([.. Enumerable.Range(0, 64)]), unwritten = bench.Allocate(256);
        bench.Run(PtxBench.Kernel(".param .u64 written, .param .u64 unwritten", $"""
                ld.param.u64 %rd1, [written];
                ld.param.u64 %rd2, [unwritten];
                mov.u32 %r1, %tid.x;
                mov.u32 %r2, %ctaid.x;
                mul.wide.u32 %rd3, %r1, 4;
                add.s64 %rd4, %rd1, %rd3;
                add.s64 %rd5, %rd2, %rd3;
            """ + "\n" + body, declarations) + "\n" + Source, "test", (blocks, 1, 1), (threads, 1, 1), shared, written, unwritten);
        return bench.Log.Findings;
    }

    private static void AssertFound(FindingKind kind, string faulty, string clean, uint blocks = 1, uint threads = 32, int shared = 0, string declarations = "")
    {
        IReadOnlyList<Finding> found = Run(faulty, blocks, threads, shared, declarations), none = Run(clean, blocks, threads, shared, declarations);
        Assert.Multiple(() =>
        {
            Assert.That(found, Is.Not.Empty, "the planted fault is found");
            Assert.That(found.Select(static finding => finding.Kind), Is.All.EqualTo(kind), string.Join("\n", found));
            Assert.That(found[0].Kernel, Is.EqualTo("test"));
            Assert.That(found[0].PtxLine, Is.GreaterThan(0));
            Assert.That(none, Is.Empty, "the twin is clean");
        });
    }

    [TestCase("ld.global.u32 %r3, [%rd4+132];", "ld.global.u32 %r3, [%rd4+128];")]
    [TestCase("st.global.u32 [%rd5+252], %r1;", "st.global.u32 [%rd5+128], %r1;")]
    [TestCase("ld.global.u32 %r3, [%rd4+-4];", "ld.global.u32 %r3, [%rd4];")]
    [TestCase("mov.u64 %rd9, 64;\nld.global.u32 %r3, [%rd9];", "mov.u64 %rd9, %rd1;\nld.global.u32 %r3, [%rd9];")]
    [TestCase("ld.u32 %r3, [%rd1+256];", "ld.u32 %r3, [%rd1+252];")]
    [TestCase("atom.global.add.u32 %r3, [%rd1+256], 1;", "atom.global.add.u32 %r3, [%rd1+252], 1;")]
    public void Accesses_out_of_bounds(string faulty, string clean) => AssertFound(FindingKind.OutOfBounds, faulty, clean);

    [Test]
    public void Shared_accesses_beyond_a_variable()
    {
        const string Tiles = ".shared .align 4 .b8 first[128];\n.shared .align 4 .b8 second[128];";
        AssertFound(FindingKind.OutOfBounds,
            "mov.u32 %r3, first;\nshl.b32 %r4, %r1, 2;\nadd.s32 %r3, %r3, %r4;\nmov.u32 %r5, second;\nst.shared.u32 [%r3+4], %r1;",
            "mov.u32 %r3, first;\nshl.b32 %r4, %r1, 2;\nadd.s32 %r3, %r3, %r4;\nmov.u32 %r5, second;\nst.shared.u32 [%r3], %r1;", declarations: Tiles);
        Assert.That(Run("mov.u32 %r3, first;\nst.shared.u32 [%r3+128], %r1;", threads: 1, declarations: Tiles)[0].Problem, Does.Contain("byte 128 of first, which has 128"));
    }

    [Test]
    public void Dynamic_shared_accesses_beyond_what_was_asked_for() => AssertFound(FindingKind.OutOfBounds,
        "mov.u32 %r3, pool;\nshl.b32 %r4, %r1, 2;\nadd.s32 %r3, %r3, %r4;\nst.shared.u32 [%r3+4], %r1;",
        "mov.u32 %r3, pool;\nshl.b32 %r4, %r1, 2;\nadd.s32 %r3, %r3, %r4;\nst.shared.u32 [%r3], %r1;",
        shared: 128, declarations: ".extern .shared .align 16 .b8 pool[];");

    [Test]
    public void Local_accesses_beyond_the_thread() => AssertFound(FindingKind.OutOfBounds,
        ".local .align 4 .b8 depot[16];\nst.local.u32 [depot+16], %r1;", ".local .align 4 .b8 depot[16];\nst.local.u32 [depot+12], %r1;");

    [TestCase("ld.global.u32 %r3, [%rd1+2];", "ld.global.u32 %r3, [%rd1+4];")]
    [TestCase("ld.global.v4.u32 {%r3, %r4, %r5, %r6}, [%rd1+8];", "ld.global.v4.u32 {%r3, %r4, %r5, %r6}, [%rd1+16];")]
    [TestCase("ld.global.f64 %fd1, [%rd4];", "ld.global.f32 %f1, [%rd4];")]
    public void Misaligned_accesses(string faulty, string clean) => AssertFound(FindingKind.Misaligned, faulty, clean);

    [TestCase("ld.global.u32 %r3, [%rd5];", "st.global.u32 [%rd5], %r1;\nld.global.u32 %r3, [%rd5];")]
    [TestCase("st.global.u16 [%rd5], %rs1;\nld.global.u32 %r3, [%rd5];", "st.global.u16 [%rd5], %rs1;\nst.global.u16 [%rd5+2], %rs1;\nld.global.u32 %r3, [%rd5];")]
    [TestCase("atom.global.add.u32 %r3, [%rd2], 1;", "atom.global.add.u32 %r3, [%rd1], 1;")]
    [TestCase(".shared .align 4 .b8 tile[128];\nmov.u32 %r3, tile;\nld.shared.u32 %r4, [%r3];", "mov.u32 %r3, %r1;")]
    [TestCase(".local .align 4 .b8 depot[8];\nld.local.u32 %r4, [depot];", ".local .align 4 .b8 depot[8];\nst.local.u32 [depot], %r1;\nld.local.u32 %r4, [depot];")]
    public void Reads_of_memory_that_nobody_wrote(string faulty, string clean) => AssertFound(FindingKind.UninitializedRead, faulty, clean);

    private const string SharedExchange = "mov.u32 %r3, tile;\nshl.b32 %r4, %r1, 2;\nadd.s32 %r5, %r3, %r4;\nxor.b32 %r6, %r4, 128;\nadd.s32 %r6, %r6, %r3;\nst.shared.u32 [%r5], %r2;\nbar.sync 0;\nst.shared.u32 [%r5], %r1;\n";

    [TestCase("", "bar.sync 0;\n")]
    [TestCase("bar.warp.sync -1;\n", "bar.sync 0;\n")]
    public void Shared_races_of_writes_and_reads(string faulty, string clean) => AssertFound(FindingKind.SharedRace,
        SharedExchange + faulty + "ld.shared.u32 %r7, [%r6];", SharedExchange + clean + "ld.shared.u32 %r7, [%r6];", threads: 64, declarations: ".shared .align 4 .b8 tile[256];");

    [Test]
    public void Shared_races_of_reads_and_later_writes() => AssertFound(FindingKind.SharedRace,
        SharedExchange + "bar.sync 0;\nld.shared.u32 %r7, [%r6];\nst.shared.u32 [%r5], %r7;",
        SharedExchange + "bar.sync 0;\nld.shared.u32 %r7, [%r6];\nbar.sync 0;\nst.shared.u32 [%r5], %r7;", threads: 64, declarations: ".shared .align 4 .b8 tile[256];");

    [Test]
    public void Lanes_of_a_warp_need_a_warp_barrier()
    {
        const string Exchange = "mov.u32 %r3, tile;\nshl.b32 %r4, %r1, 2;\nadd.s32 %r5, %r3, %r4;\nxor.b32 %r6, %r4, 4;\nadd.s32 %r6, %r6, %r3;\nst.shared.u32 [%r5], %r1;\n";
        AssertFound(FindingKind.SharedRace, Exchange + "ld.shared.u32 %r7, [%r6];", Exchange + "bar.warp.sync -1;\nld.shared.u32 %r7, [%r6];", declarations: ".shared .align 4 .b8 tile[128];");
    }

    [Test]
    public void Bytes_of_one_word_do_not_race() => AssertFound(FindingKind.SharedRace,
        "mov.u32 %r3, tile;\nshr.u32 %r4, %r1, 1;\nadd.s32 %r3, %r3, %r4;\nst.shared.u8 [%r3], %r1;",
        "mov.u32 %r3, tile;\nadd.s32 %r3, %r3, %r1;\nst.shared.u8 [%r3], %r1;", declarations: ".shared .align 4 .b8 tile[32];");

    [TestCase("st.global.u32 [%rd5], %r2;", "mad.lo.s32 %r3, %r2, 32, %r1;\nmul.wide.u32 %rd6, %r3, 4;\nadd.s64 %rd6, %rd2, %rd6;\nst.global.u32 [%rd6], %r2;")]
    [TestCase("xor.b32 %r3, %r1, 1;\nmul.wide.u32 %rd6, %r3, 4;\nadd.s64 %rd6, %rd1, %rd6;\nld.global.u32 %r4, [%rd6];\nst.global.u32 [%rd4], %r4;", "ld.global.u32 %r4, [%rd4];")]
    [TestCase("ld.global.u32 %r3, [%rd1];\nadd.s32 %r3, %r3, 1;\nst.global.u32 [%rd1], %r3;", "atom.global.add.u32 %r3, [%rd1], 1;")]
    [TestCase("atom.global.add.u32 %r3, [%rd1], 1;\nld.global.u32 %r4, [%rd1];", "atom.global.add.u32 %r3, [%rd1], 1;\nld.global.u32 %r4, [%rd1+4];")]
    public void Global_races_within_a_launch(string faulty, string clean) => AssertFound(FindingKind.GlobalRace, faulty, clean, blocks: 2);

    [Test]
    public void A_missing_fence_between_blocks()
    {
        using var bench = new PtxBench();
        MemoryRegion parts = bench.Allocate(32), counter = bench.Upload<int>(0), output = bench.Upload<int>(0);
        bench.Run(ExecutionTests.LastBlock(""), "test", (8, 1, 1), (1, 1, 1), 0, parts, counter, output);
        Assert.That(bench.Log.Findings.Select(static finding => finding.Kind), Is.EqualTo(new[] { FindingKind.GlobalRace }), "what is not fenced may come late");
    }

    [TestCase("setp.lt.u32 %p1, %r1, 16;\n@%p1 bra SKIP;\nbar.sync 0;\nSKIP:", "setp.lt.u32 %p1, %r1, 16;\n@%p1 bra SKIP;\nSKIP:\nbar.sync 0;")]
    [TestCase("setp.lt.u32 %p1, %r1, 16;\n@%p1 bar.sync 0;", "setp.lt.u32 %p1, %r1, 64;\n@%p1 bar.sync 0;")]
    [TestCase("setp.lt.u32 %p1, %r1, 32;\n@%p1 ret;\nbar.sync 0;", "bar.sync 0;\nsetp.lt.u32 %p1, %r1, 32;\n@%p1 ret;")]
    [TestCase("setp.lt.u32 %p1, %r1, 32;\n@%p1 bra OTHER;\nbar.sync 0;\nbra.uni END;\nOTHER:\nbar.sync 0;\nEND:", "setp.lt.u32 %p1, %r1, 32;\n@%p1 bra OTHER;\nOTHER:\nbar.sync 0;")]
    [TestCase("setp.lt.u32 %p1, %r1, 5;\n@%p1 ret;\nbar.sync 0;", "setp.lt.u32 %p1, %r1, 5;\nbar.sync 0;\n@%p1 ret;")]
    public void Barriers_that_not_all_threads_reach(string faulty, string clean) => AssertFound(FindingKind.Divergence, faulty, clean, threads: 64);

    [TestCase("setp.lt.u32 %p1, %r1, 16;\n@%p1 shfl.sync.bfly.b32 %r3, %r1, 1, 31, -1;", "setp.lt.u32 %p1, %r1, 16;\n@%p1 shfl.sync.bfly.b32 %r3, %r1, 1, 31, 65535;")]
    [TestCase("shfl.sync.bfly.b32 %r3, %r1, 1, 31, 65535;", "shfl.sync.bfly.b32 %r3, %r1, 1, 31, -1;")]
    [TestCase("setp.ge.u32 %p1, %r1, 16;\n@%p1 ret;\nshfl.sync.bfly.b32 %r3, %r1, 16, 31, -1;", "setp.ge.u32 %p1, %r1, 16;\n@%p1 ret;\nshfl.sync.bfly.b32 %r3, %r1, 8, 31, -1;")]
    public void Shuffles_with_lanes_that_are_not_there(string faulty, string clean) => AssertFound(FindingKind.Divergence, faulty, clean);

    [TestCase("trap;", "mov.u32 %r3, 0;")]
    [TestCase("div.u32 %r3, %r1, %r2;", "add.s32 %r2, %r2, 1;\ndiv.u32 %r3, %r1, %r2;")]
    [TestCase("LOOP:\nbra.uni LOOP;", "bra.uni END;\nEND:")]
    public void Traps_divisions_by_zero_and_endless_loops(string faulty, string clean) => AssertFound(FindingKind.Fault, faulty, clean);

    [Test]
    public void Accesses_to_freed_memory()
    {
        using var bench = new PtxBench();
        MemoryRegion buffer = bench.Upload<int>(1, 2, 3);
        string kernel = PtxBench.Kernel(".param .u64 p", "ld.param.u64 %rd1, [p];\nld.global.u32 %r1, [%rd1];");
        bench.Run(kernel, "test", (1, 1, 1), (1, 1, 1), 0, buffer);
        Assert.That(bench.Log.Findings, Is.Empty);
        ulong address = buffer.Start;
        bench.Free(buffer);
        bench.Run(kernel, "test", (1, 1, 1), (1, 1, 1), 0, address);
        Assert.That(bench.Log.Findings[0].Kind, Is.EqualTo(FindingKind.UseAfterFree));
    }

    [Test]
    public void A_finding_names_kernel_block_thread_line_and_source()
    {
        string kernel = PtxBench.Kernel(".param .u64 p", """
                ld.param.u64 %rd1, [p];
                mov.u32 %r1, %tid.y;
                setp.ne.u32 %p1, %r1, 2;
                .loc 1 17 9, function_name $L__info, inlined_at 1 40 3
                @!%p1 ld.global.u32 %r2, [%rd1+12];
            """) + "\n" + Source;
        using var bench = new PtxBench();
        bench.Run(kernel, "test", (2, 1, 3), (1, 4, 1), 0, bench.Upload<int>(1, 2, 3));
        Finding finding = bench.Log.Findings.Single();
        Assert.Multiple(() =>
        {
            Assert.That(finding.Kind, Is.EqualTo(FindingKind.OutOfBounds));
            Assert.That(finding.Kernel, Is.EqualTo("test"));
            Assert.That(finding.Block, Is.EqualTo((0, 0, 0)));
            Assert.That(finding.Thread, Is.EqualTo((0, 2, 0)));
            Assert.That(kernel.Split('\n')[finding.PtxLine - 1], Does.Contain("[%rd1+12]"));
            Assert.That(finding.Source, Is.EqualTo("planted.cu:17"));
            Assert.That(finding.ToString(), Does.Contain("OutOfBounds in test, PTX line").And.Contain("(planted.cu:17), block (0, 0, 0), thread (0, 2, 0): reads 4 bytes at offset 12 of buffer 1 of 12 bytes"));
        });
    }

    [Test]
    public void A_fault_that_repeats_is_one_finding()
    {
        IReadOnlyList<Finding> findings = Run("ld.global.u32 %r3, [%rd5];\nld.global.u32 %r4, [%rd5+128];", blocks: 2);
        Assert.That(findings.Select(static finding => finding.Count), Is.EqualTo(new long[] { 64, 64 }));
    }
}
