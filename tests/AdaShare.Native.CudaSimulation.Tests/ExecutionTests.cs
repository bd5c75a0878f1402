using AdaShare.Native.CudaSimulation.Memory;
using AdaShare.Native.CudaSimulation.Ptx;

namespace AdaShare.Native.CudaSimulation.Tests;

/// <summary>Control flow, the memories, and what threads do together.</summary>
[TestFixture]
public sealed class ExecutionTests
{
    private const string OutParameter = ".param .u64 out";

    /// <summary>What follows a thread's result in %r1: it is stored at the thread's number in its block, blocks one after the other.</summary>
    private const string StoreResult = """
            mov.u32 %r20, %tid.x;
            mov.u32 %r21, %ctaid.x;
            mov.u32 %r22, %ntid.x;
            mad.lo.s32 %r20, %r21, %r22, %r20;
            ld.param.u64 %rd20, [out];
            cvta.to.global.u64 %rd20, %rd20;
            mul.wide.u32 %rd21, %r20, 4;
            add.s64 %rd20, %rd20, %rd21;
            st.global.u32 [%rd20], %r1;
        """;

    private static int[] Results(string body, uint blocks, uint threads, string declarations = "", int shared = 0)
    {
        using var bench = new PtxBench();
        MemoryRegion output = bench.Allocate(4 * blocks * threads);
        bench.Run(PtxBench.Kernel(OutParameter, body + "\n" + StoreResult, declarations), "test", (blocks, 1, 1), (threads, 1, 1), shared, output);
        Assert.That(bench.Log.Findings, Is.Empty);
        return PtxBench.Download<int>(output);
    }

    private static IEnumerable<int> Threads(int count) => Enumerable.Range(0, count);

    [Test]
    public void Lanes_that_part_meet_again()
    {
        int[] results = Results("""
                mov.u32 %r2, %tid.x;
                and.b32 %r3, %r2, 3;
                setp.eq.s32 %p1, %r3, 0;
                @%p1 bra ZERO;
                setp.eq.s32 %p2, %r3, 1;
                @%p2 bra ONE;
                mov.u32 %r1, 200;
                bra.uni MEET;
            ONE:
                mov.u32 %r1, 100;
                bra.uni MEET;
            ZERO:
                mov.u32 %r1, 0;
            MEET:
                activemask.b32 %r4;
                popc.b32 %r4, %r4;
                add.s32 %r1, %r1, %r4;
            """, 1, 40);
        Assert.That(results, Is.EqualTo(Threads(40).Select(static t => Math.Min(2, t & 3) * 100 + (t < 32 ? 32 : 8))), "all lanes of a warp run what follows the branches together");
    }

    [Test]
    public void Loops_run_as_often_as_each_lane_wants()
    {
        int[] results = Results("""
                mov.u32 %r2, %tid.x;
                mov.u32 %r1, 0;
                mov.u32 %r3, 0;
            LOOP:
                setp.ge.s32 %p1, %r3, %r2;
                @%p1 bra END;
                add.s32 %r1, %r1, %r3;
                add.s32 %r3, %r3, 1;
                bra.uni LOOP;
            END:
            """, 2, 64);
        Assert.That(results, Is.EqualTo(Threads(128).Select(static i => i % 64 * (i % 64 - 1) / 2)));
    }

    [Test]
    public void Lanes_may_end_early()
    {
        using var bench = new PtxBench();
        MemoryRegion output = bench.Upload<int>(new int[32]);
        bench.Run(PtxBench.Kernel(OutParameter, "mov.u32 %r1, %tid.x;\nsetp.lt.u32 %p1, %r1, 7;\n@%p1 ret;\n" + StoreResult), "test", (1, 1, 1), (32, 1, 1), 0, output);
        Assert.That(PtxBench.Download<int>(output), Is.EqualTo(Threads(32).Select(static t => t < 7 ? 0 : t)));
    }

    [Test]
    public void Functions_are_called_with_values_and_bring_some_back()
    {
        const string Function = """
            .func (.param .b32 result) weigh(.param .b32 x, .param .b32 y)
            {
                .reg .b32 %r<4>;
                .reg .pred %p<2>;
                ld.param.u32 %r0, [x+0];
                ld.param.u32 %r1, [y+0];
                setp.lt.u32 %p1, %r0, 4;
                @%p1 bra SMALL;
                mad.lo.s32 %r2, %r0, 10, %r1;
                st.param.b32 [result+0], %r2;
                ret;
            SMALL:
                st.param.b32 [result+0], %r1;
                ret;
            }
            """;
        string call = string.Concat(Threads(2).Select(static k => $$"""
                {
                .reg .b32 temp;
                .param .b32 param0;
                st.param.b32 [param0+0], %r2;
                .param .b32 param1;
                st.param.b32 [param1+0], %r1;
                .param .b32 retval0;
                call.uni (retval0), weigh, (param0, param1);
                ld.param.b32 %r1, [retval0+0];
                }
            """));
        int[] results = Results("mov.u32 %r2, %tid.x;\nmov.u32 %r1, 1;\n" + call, 1, 8, Function);
        Assert.That(results, Is.EqualTo(Threads(8).Select(static t => t < 4 ? 1 : t * 10 + (t * 10 + 1))));
    }

    [Test]
    public void Blocks_share_memory_between_barriers()
    {
        int[] results = Results("""
                mov.u32 %r2, %tid.x;
                shl.b32 %r3, %r2, 2;
                mov.u32 %r4, tile;
                add.s32 %r4, %r4, %r3;
                mul.lo.s32 %r5, %r2, 3;
                st.shared.u32 [%r4], %r5;
                bar.sync 0;
                xor.b32 %r6, %r2, 63;
                shl.b32 %r6, %r6, 2;
                mov.u32 %r7, tile;
                add.s32 %r7, %r7, %r6;
                ld.shared.u32 %r1, [%r7];
            """, 2, 64, ".shared .align 4 .b8 tile[256];");
        Assert.That(results, Is.EqualTo(Threads(128).Select(static i => (63 - i % 64) * 3)));
    }

    [Test]
    public void Dynamic_shared_memory_has_the_size_of_the_launch_and_generic_addresses_find_it()
    {
        int[] results = Results("""
                mov.u32 %r2, %tid.x;
                mov.u64 %rd1, dynamic;
                cvta.shared.u64 %rd1, %rd1;
                mul.wide.u32 %rd2, %r2, 4;
                add.s64 %rd1, %rd1, %rd2;
                st.u32 [%rd1], %r2;
                bar.sync 0;
                ld.u32 %r1, [%rd1];
            """, 1, 32, ".extern .shared .align 16 .b8 dynamic[];", 128);
        Assert.That(results, Is.EqualTo(Threads(32)));
    }

    [Test]
    public void Threads_have_local_memory_of_their_own()
    {
        int[] results = Results("""
                .local .align 4 .b8 depot[32];
                mov.u64 %rd1, depot;
                cvta.local.u64 %rd2, %rd1;
                mov.u32 %r2, %tid.x;
                and.b32 %r3, %r2, 7;
                mul.wide.u32 %rd3, %r3, 4;
                add.s64 %rd4, %rd1, %rd3;
                st.local.u32 [%rd4], %r2;
                add.s64 %rd5, %rd2, %rd3;
                ld.u32 %r1, [%rd5];
            """, 1, 64);
        Assert.That(results, Is.EqualTo(Threads(64)));
    }

    [Test]
    public void Vectors_bytes_and_constants_move()
    {
        using var bench = new PtxBench();
        MemoryRegion input = bench.Upload<uint>(1, 2, 3, 4, 0x80FF, 0, 0, 0), output = bench.Allocate(32);
        bench.Run(PtxBench.Kernel(".param .u64 in, .param .u64 out", """
                ld.param.u64 %rd1, [in];
                ld.param.u64 %rd2, [out];
                ld.global.nc.v4.u32 {%r1, %r2, %r3, %r4}, [%rd1];
                st.global.v4.u32 [%rd2], {%r4, %r3, %r2, %r1};
                ld.global.s8 %r5, [%rd1+16];
                ld.global.u8 %rs1, [%rd1+17];
                ld.global.s16 %r6, [%rd1+16];
                cvt.u32.u16 %r7, %rs1;
                st.global.v2.u32 [%rd2+16], {%r5, %r7};
                ld.const.u32 %r8, [table+4];
                st.global.v2.b32 [%rd2+24], {%r6, %r8};
            """, ".const .align 4 .u32 table[2] = {7, 0x2A};"), "test", (1, 1, 1), (1, 1, 1), 0, input, output);
        Assert.Multiple(() =>
        {
            Assert.That(bench.Log.Findings, Is.Empty);
            Assert.That(PtxBench.Download<uint>(output), Is.EqualTo(new uint[] { 4, 3, 2, 1, uint.MaxValue, 0x80, 0xFFFF80FF, 42 }));
        });
    }

    [Test]
    public void Parameters_of_all_kinds_arrive()
    {
        using var bench = new PtxBench();
        MemoryRegion output = bench.Allocate(24);
        var structure = new byte[20];
        BitConverter.GetBytes(77).CopyTo(structure, 16);
        bench.Run(PtxBench.Kernel(".param .u64 out, .param .f32 x, .param .align 4 .b8 s[20], .param .f64 y", """
                ld.param.u64 %rd1, [out];
                ld.param.f32 %f1, [x];
                st.global.f32 [%rd1], %f1;
                mov.b64 %rd2, s;
                ld.param.u32 %r1, [%rd2+16];
                st.global.u32 [%rd1+4], %r1;
                ld.param.f64 %fd1, [y];
                st.global.f64 [%rd1+8], %fd1;
                mov.u32 %r2, %nctaid.y;
                mov.u32 %r3, %ntid.z;
                st.global.v2.u32 [%rd1+16], {%r2, %r3};
            """), "test", (1, 1, 1), (1, 1, 1), 0, output, 1.5f, structure, -0.25);
        Assert.Multiple(() =>
        {
            Assert.That(PtxBench.Download<float>(output)[0], Is.EqualTo(1.5f));
            Assert.That(PtxBench.Download<int>(output)[1], Is.EqualTo(77));
            Assert.That(PtxBench.Download<double>(output)[1], Is.EqualTo(-0.25));
            Assert.That(PtxBench.Download<int>(output)[4..], Is.EqualTo(new[] { 1, 1 }));
        });
    }

    [TestCase("shfl.sync.bfly.b32 %r1|%p1, %r2, 5, 31, -1;", 0)]
    [TestCase("shfl.sync.down.b32 %r1|%p1, %r2, 3, 31, -1;", 1)]
    [TestCase("shfl.sync.up.b32 %r1|%p1, %r2, 2, 0, -1;", 2)]
    [TestCase("shfl.sync.idx.b32 %r1|%p1, %r2, 9, 31, -1;", 3)]
    [TestCase("shfl.sync.down.b32 %r1|%p1, %r2, 3, 6175, -1;", 4)]
    public void Shuffles_move_values_between_lanes(string instruction, int kind)
    {
        int[] results = Results($"mov.u32 %r2, %laneid;\nmul.lo.s32 %r2, %r2, 10;\n{instruction}\n@%p1 add.s32 %r1, %r1, 1000;", 1, 32);
        Assert.That(results, Is.EqualTo(Threads(32).Select(lane =>
        {
            // The last one has segments of 8 lanes: mask 0x18, clamp 31.
            int source = kind switch { 0 => lane ^ 5, 1 => lane + 3, 2 => lane - 2, 3 => 9, _ => lane + 3 };
            bool inside = kind switch { 1 => source < 32, 2 => source >= 0, 4 => source / 8 == lane / 8, _ => true };
            return ((inside ? source : lane) * 10) + (inside ? 1000 : 0);
        })));
    }

    [Test]
    public void Votes_count_lanes()
    {
        int[] results = Results("""
                mov.u32 %r2, %laneid;
                setp.lt.u32 %p1, %r2, 5;
                vote.sync.ballot.b32 %r1, %p1, -1;
                vote.sync.any.pred %p2, %p1, -1;
                @%p2 add.s32 %r1, %r1, 100;
                vote.sync.all.pred %p3, %p1, -1;
                @%p3 add.s32 %r1, %r1, 1000;
                vote.sync.uni.pred %p4, !%p3, -1;
                @%p4 add.s32 %r1, %r1, 10000;
            """, 1, 32);
        Assert.That(results, Is.All.EqualTo(31 + 100 + 10000));
    }

    [Test]
    public void Barriers_reduce_predicates()
    {
        int[] results = Results("""
                mov.u32 %r2, %tid.x;
                setp.eq.u32 %p1, %r2, 40;
                bar.red.or.pred %p2, 0, %p1;
                selp.u32 %r1, 1, 0, %p2;
                bar.red.and.pred %p3, 0, %p1;
                @%p3 add.s32 %r1, %r1, 10;
                bar.red.popc.u32 %r3, 0, !%p1;
                mad.lo.s32 %r1, %r3, 100, %r1;
            """, 1, 64);
        Assert.That(results, Is.All.EqualTo(1 + 6300));
    }

    [TestCase("atom.global.add.u32", "5, 32 * 5")]
    [TestCase("atom.global.max.s32", "%r2, 31")]
    [TestCase("atom.global.min.u32", "%r2, 0")]
    [TestCase("atom.global.or.b32", "%r2, 31")]
    [TestCase("atom.global.xor.b32", "1, 0")]
    [TestCase("atom.global.exch.b32", "%r2, 31")]
    [TestCase("atom.global.inc.u32", "9, 2")]
    public void Atomics_take_turns(string opcode, string operands)
    {
        string[] parts = operands.Split(", ");
        using var bench = new PtxBench();
        MemoryRegion place = bench.Upload<int>(0), output = bench.Allocate(128);
        bench.Run(PtxBench.Kernel(".param .u64 place, .param .u64 out", $"""
                mov.u32 %r2, %tid.x;
                ld.param.u64 %rd1, [place];
                {opcode} %r1, [%rd1], {parts[0]};
            """ + "\n" + StoreResult), "test", (1, 1, 1), (32, 1, 1), 0, place, output);
        int expected = parts[1].Contains('*') ? 160 : int.Parse(parts[1]);
        Assert.Multiple(() =>
        {
            Assert.That(bench.Log.Findings, Is.Empty);
            Assert.That(PtxBench.Download<int>(place)[0], Is.EqualTo(expected));
            Assert.That(PtxBench.Download<int>(output)[0], Is.Zero, "the first lane sees the value before");
        });
    }

    [Test]
    public void Atomics_on_floats_and_comparisons()
    {
        using var bench = new PtxBench();
        MemoryRegion place = bench.Upload<double>(0.5, 0, 0);
        bench.Run(PtxBench.Kernel(".param .u64 place", """
                ld.param.u64 %rd1, [place];
                atom.global.add.f64 %fd1, [%rd1], 0d3FE0000000000000;
                mov.f32 %f1, 0f3E800000;
                atom.global.add.f32 %f2, [%rd1+8], %f1;
                mov.u32 %r1, %tid.x;
                atom.global.cas.b32 %r2, [%rd1+16], 0, 7;
                red.global.add.u32 [%rd1+20], 1;
            """), "test", (1, 1, 1), (4, 1, 1), 0, place);
        Assert.Multiple(() =>
        {
            Assert.That(bench.Log.Findings, Is.Empty);
            Assert.That(PtxBench.Download<double>(place)[0], Is.EqualTo(2.5));
            Assert.That(PtxBench.Download<float>(place)[2], Is.EqualTo(1f));
            Assert.That(PtxBench.Download<int>(place)[4..], Is.EqualTo(new[] { 7, 4 }));
        });
    }

    [Test]
    public void The_last_block_sees_what_all_others_fenced()
    {
        // The pattern of a reduction in one launch: partial results, a fence, a counter; whoever counts last adds up.
        using var bench = new PtxBench();
        MemoryRegion parts = bench.Allocate(4 * 8), counter = bench.Upload<int>(0), output = bench.Upload<int>(0);
        bench.Run(LastBlock("membar.gl;"), "test", (8, 1, 1), (1, 1, 1), 0, parts, counter, output);
        Assert.Multiple(() =>
        {
            Assert.That(bench.Log.Findings, Is.Empty);
            Assert.That(PtxBench.Download<int>(output)[0], Is.EqualTo(28));
        });
    }

    /// <summary>A kernel whose last block adds up what the others wrote, with something between writing and counting.</summary>
    internal static string LastBlock(string fence) => PtxBench.Kernel(".param .u64 parts, .param .u64 counter, .param .u64 out", $"""
            ld.param.u64 %rd1, [parts];
            ld.param.u64 %rd2, [counter];
            ld.param.u64 %rd3, [out];
            mov.u32 %r1, %ctaid.x;
            mul.wide.u32 %rd4, %r1, 4;
            add.s64 %rd4, %rd1, %rd4;
            st.global.u32 [%rd4], %r1;
            {fence}
            atom.global.inc.u32 %r2, [%rd2], 7;
            setp.ne.u32 %p1, %r2, 7;
            @%p1 ret;
            mov.u32 %r3, 0;
            mov.u32 %r4, 0;
        LOOP:
            mul.wide.u32 %rd5, %r4, 4;
            add.s64 %rd5, %rd1, %rd5;
            ld.volatile.global.u32 %r5, [%rd5];
            add.s32 %r3, %r3, %r5;
            add.s32 %r4, %r4, 1;
            setp.lt.u32 %p2, %r4, 8;
            @%p2 bra LOOP;
            st.global.u32 [%rd3], %r3;
        """);

    [TestCase("dp4a.u32.u32 %r1, %r1, %r1, %r1;", "dp4a")]
    [TestCase("mov.u32 %r1, %smid;", "%smid")]
    [TestCase("add.u32.crazy %r1, %r1, %r1;", "crazy")]
    [TestCase("bar.sync 1, 64;", "barrier 0")]
    [TestCase("add.u32 %r1, %x9, 1;", "%x9")]
    [TestCase("bra NOWHERE;", "NOWHERE")]
    public void What_is_not_simulated_is_refused_with_its_line(string instruction, string word)
    {
        using var bench = new PtxBench();
        PtxException? error = Assert.Throws<PtxException>(() => bench.Run(PtxBench.Kernel("", "\n" + instruction), "test", (1, 1, 1), (1, 1, 1), 0));
        Assert.That(error!.Message, Does.Contain(word).And.Contain($"line {error.Line}"));
    }

    [TestCase("")]
    [TestCase(".version 7.8\n.target sm_80\n.entry broken( {")]
    [TestCase(".version 7.8\n.target sm_80\n.visible .entry k()\n{\n.reg .b32 %r<2>;\nmov.u32 %r1, 0q12;\nret;\n}")]
    [TestCase("\u007fELF")]
    public void What_is_no_PTX_is_refused(string text) => Assert.Throws<PtxException>(() => PtxParser.Parse("module", text));
}
