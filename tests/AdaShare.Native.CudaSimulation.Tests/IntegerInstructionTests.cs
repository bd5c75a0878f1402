using System.Numerics;

namespace AdaShare.Native.CudaSimulation.Tests;

/// <summary>Integer and bit instructions against C#'s own arithmetic, over numbers at the edges of their types.</summary>
[TestFixture]
public sealed class IntegerInstructionTests
{
    private static readonly int[] Edges32 = [0, 1, -1, 2, 7, -7, 31, 32, 33, 255, 65535, 65536, -65536, 0x12345678, unchecked((int)0x9ABCDEF0), int.MaxValue, int.MinValue];
    private static readonly long[] Edges64 = [0, 1, -1, 3, -3, 63, 64, 65, uint.MaxValue, 1L << 32, -(1L << 32), 0x123456789ABCDEF0, unchecked((long)0xFEDCBA9876543210), long.MaxValue, long.MinValue];
    private static readonly short[] Edges16 = [0, 1, -1, 2, -7, 255, 256, short.MaxValue, short.MinValue, 12345, -12345];

    private static (T[] A, T[] B) Pairs<T>(T[] edges) =>
        ([.. edges.SelectMany(a => edges.Select(_ => a))], [.. edges.SelectMany(_ => edges)]);

    private static void Check32(string instruction, string type, Func<int, int, int> expected, bool withoutZero = false)
    {
        (int[] a, int[] b) = Pairs(withoutZero ? [.. Edges32.Where(static v => v != 0)] : Edges32);
        Assert.That(Instruction.Run<int>(instruction, type, (type, a), (type, b)), Is.EqualTo(a.Zip(b, expected)), instruction);
    }

    private static void Check64(string instruction, string type, Func<long, long, long> expected, bool withoutZero = false)
    {
        (long[] a, long[] b) = Pairs(withoutZero ? [.. Edges64.Where(static v => v != 0)] : Edges64);
        Assert.That(Instruction.Run<long>(instruction, type, (type, a), (type, b)), Is.EqualTo(a.Zip(b, expected)), instruction);
    }

    private static void Check16(string instruction, string type, Func<short, short, short> expected)
    {
        (short[] a, short[] b) = Pairs([.. Edges16.Where(static v => v != 0)]);
        Assert.That(Instruction.Run<short>(instruction, type, (type, a), (type, b)), Is.EqualTo(a.Zip(b, expected)), instruction);
    }

    [Test]
    public void Arithmetic_of_32_bits_wraps() => Assert.Multiple(() =>
    {
        Check32("add.s32 %d, %a, %b;", "s32", static (a, b) => unchecked(a + b));
        Check32("sub.u32 %d, %a, %b;", "u32", static (a, b) => unchecked(a - b));
        Check32("mul.lo.s32 %d, %a, %b;", "s32", static (a, b) => unchecked(a * b));
        Check32("mul.hi.s32 %d, %a, %b;", "s32", static (a, b) => (int)(((long)a * b) >> 32));
        Check32("mul.hi.u32 %d, %a, %b;", "u32", static (a, b) => (int)(((ulong)(uint)a * (uint)b) >> 32));
        Check32("mad.lo.s32 %d, %a, %b, 17;", "s32", static (a, b) => unchecked((a * b) + 17));
        Check32("mad.hi.u32 %d, %a, %b, 5;", "u32", static (a, b) => unchecked((int)(((ulong)(uint)a * (uint)b) >> 32) + 5));
        Check32("div.s32 %d, %a, %b;", "s32", static (a, b) => b == -1 ? unchecked(-a) : a / b, withoutZero: true);
        Check32("div.u32 %d, %a, %b;", "u32", static (a, b) => (int)((uint)a / (uint)b), withoutZero: true);
        Check32("rem.s32 %d, %a, %b;", "s32", static (a, b) => b == -1 ? 0 : a % b, withoutZero: true);
        Check32("rem.u32 %d, %a, %b;", "u32", static (a, b) => (int)((uint)a % (uint)b), withoutZero: true);
        Check32("min.s32 %d, %a, %b;", "s32", Math.Min);
        Check32("min.u32 %d, %a, %b;", "u32", static (a, b) => (int)Math.Min((uint)a, (uint)b));
        Check32("max.s32 %d, %a, %b;", "s32", Math.Max);
        Check32("max.u32 %d, %a, %b;", "u32", static (a, b) => (int)Math.Max((uint)a, (uint)b));
        Check32("neg.s32 %d, %a;", "s32", static (a, _) => unchecked(-a));
        Check32("abs.s32 %d, %a;", "s32", static (a, _) => a < 0 ? unchecked(-a) : a);
    });

    [Test]
    public void Arithmetic_of_64_bits_wraps() => Assert.Multiple(() =>
    {
        Check64("add.s64 %d, %a, %b;", "s64", static (a, b) => unchecked(a + b));
        Check64("sub.s64 %d, %a, %b;", "s64", static (a, b) => unchecked(a - b));
        Check64("mul.lo.s64 %d, %a, %b;", "s64", static (a, b) => unchecked(a * b));
        Check64("mul.hi.u64 %d, %a, %b;", "u64", static (a, b) => (long)(ulong)(((UInt128)(ulong)a * (ulong)b) >> 64));
        Check64("mul.hi.s64 %d, %a, %b;", "s64", static (a, b) => (long)(((Int128)a * b) >> 64));
        Check64("mad.lo.s64 %d, %a, %b, -9;", "s64", static (a, b) => unchecked((a * b) - 9));
        Check64("div.u64 %d, %a, %b;", "u64", static (a, b) => (long)((ulong)a / (ulong)b), withoutZero: true);
        Check64("div.s64 %d, %a, %b;", "s64", static (a, b) => b == -1 ? unchecked(-a) : a / b, withoutZero: true);
        Check64("rem.u64 %d, %a, %b;", "u64", static (a, b) => (long)((ulong)a % (ulong)b), withoutZero: true);
        Check64("min.s64 %d, %a, %b;", "s64", Math.Min);
        Check64("max.u64 %d, %a, %b;", "u64", static (a, b) => (long)Math.Max((ulong)a, (ulong)b));
    });

    [Test]
    public void Arithmetic_of_16_bits_wraps() => Assert.Multiple(() =>
    {
        Check16("add.s16 %d, %a, %b;", "s16", static (a, b) => unchecked((short)(a + b)));
        Check16("sub.s16 %d, %a, %b;", "s16", static (a, b) => unchecked((short)(a - b)));
        Check16("mul.lo.s16 %d, %a, %b;", "s16", static (a, b) => unchecked((short)(a * b)));
        Check16("mad.lo.s16 %d, %a, %b, 3;", "s16", static (a, b) => unchecked((short)((a * b) + 3)));
        Check16("min.s16 %d, %a, %b;", "s16", Math.Min);
        Check16("max.u16 %d, %a, %b;", "u16", static (a, b) => (short)Math.Max((ushort)a, (ushort)b));
        Check16("div.s16 %d, %a, %b;", "s16", static (a, b) => unchecked((short)(a / b)));
        Check16("rem.u16 %d, %a, %b;", "u16", static (a, b) => (short)((ushort)a % (ushort)b));
        Check16("shl.b16 %d, %a, 3;", "u16", static (a, _) => unchecked((short)(a << 3)));
        Check16("shr.s16 %d, %a, 3;", "s16", static (a, _) => (short)(a >> 3));
        Check16("shr.u16 %d, %a, 3;", "u16", static (a, _) => (short)((ushort)a >> 3));
        Check16("not.b16 %d, %a;", "u16", static (a, _) => (short)~a);
    });

    [Test]
    public void Wide_products_keep_all_bits()
    {
        (int[] a, int[] b) = Pairs(Edges32);
        Assert.Multiple(() =>
        {
            Assert.That(Instruction.Run<long>("mul.wide.s32 %d, %a, %b;", "s64", ("s32", a), ("s32", b)), Is.EqualTo(a.Zip(b, static (x, y) => (long)x * y)));
            Assert.That(Instruction.Run<ulong>("mul.wide.u32 %d, %a, %b;", "u64", ("u32", a), ("u32", b)), Is.EqualTo(a.Zip(b, static (x, y) => (ulong)(uint)x * (uint)y)));
            Assert.That(Instruction.Run<ulong>("mad.wide.u32 %d, %a, %b, 4294967296;", "u64", ("u32", a), ("u32", b)),
                Is.EqualTo(a.Zip(b, static (x, y) => unchecked(((ulong)(uint)x * (uint)y) + (1ul << 32)))));
        });
        (short[] c, short[] d) = Pairs(Edges16);
        Assert.That(Instruction.Run<int>("mul.wide.s16 %d, %a, %b;", "s32", ("s16", c), ("s16", d)), Is.EqualTo(c.Zip(d, static (x, y) => x * y)));
    }

    [Test]
    public void Logic_and_shifts() => Assert.Multiple(() =>
    {
        Check32("and.b32 %d, %a, %b;", "b32", static (a, b) => a & b);
        Check32("or.b32 %d, %a, %b;", "b32", static (a, b) => a | b);
        Check32("xor.b32 %d, %a, %b;", "b32", static (a, b) => a ^ b);
        Check32("not.b32 %d, %a;", "b32", static (a, _) => ~a);
        Check64("and.b64 %d, %a, %b;", "b64", static (a, b) => a & b);
        Check64("or.b64 %d, %a, %b;", "b64", static (a, b) => a | b);
        Check64("xor.b64 %d, %a, %b;", "b64", static (a, b) => a ^ b);
        Check64("not.b64 %d, %a;", "b64", static (a, _) => ~a);
        Check32("shl.b32 %d, %a, %b;", "b32", static (a, b) => (uint)b > 31 ? 0 : a << b);
        Check32("shr.u32 %d, %a, %b;", "u32", static (a, b) => (uint)b > 31 ? 0 : (int)((uint)a >> b));
        Check32("shr.s32 %d, %a, %b;", "s32", static (a, b) => a >> (int)Math.Min((uint)b, 31));
        Check64("{ .reg .b32 %n; cvt.u32.u64 %n, %b; shl.b64 %d, %a, %n; }", "b64", static (a, b) => (uint)b > 63 ? 0 : a << (int)b);
        Check64("shr.u64 %d, %a, 7;", "u64", static (a, _) => (long)((ulong)a >> 7));
        Check64("shr.s64 %d, %a, 70;", "s64", static (a, _) => a >> 63);
        Check32("shf.l.wrap.b32 %d, %a, %b, 5;", "b32", static (a, b) => (b << 5) | (int)((uint)a >> 27));
        Check32("shf.r.wrap.b32 %d, %a, %b, 37;", "b32", static (a, b) => (int)((uint)a >> 5) | (b << 27));
        Check32("shf.r.clamp.b32 %d, %a, %b, 40;", "b32", static (_, b) => b);
        Check32("shf.l.clamp.b32 %d, %a, %b, 40;", "b32", static (a, _) => a);
        Check32("lop3.b32 %d, %a, %b, 1431655765, 0x96;", "b32", static (a, b) => a ^ b ^ 0x55555555);
    });

    [Test]
    public void Bits_are_counted_and_moved() => Assert.Multiple(() =>
    {
        Check32("popc.b32 %d, %a;", "b32", static (a, _) => BitOperations.PopCount((uint)a));
        Check32("clz.b32 %d, %a;", "b32", static (a, _) => BitOperations.LeadingZeroCount((uint)a));
        Check32("bfind.u32 %d, %a;", "u32", static (a, _) => a == 0 ? -1 : 31 - BitOperations.LeadingZeroCount((uint)a));
        Check32("bfind.shiftamt.s32 %d, %a;", "s32", static (a, _) => a is 0 or -1 ? -1 : BitOperations.LeadingZeroCount((uint)(a < 0 ? ~a : a)));
        Check32("brev.b32 %d, %a;", "b32", static (a, _) => Convert.ToInt32(new string([.. Convert.ToString(a, 2).PadLeft(32, '0').Reverse()]), 2));
        Check32("bfe.u32 %d, %a, 4, 9;", "u32", static (a, _) => (int)((uint)a >> 4 & 511));
        Check32("bfe.s32 %d, %a, 4, 9;", "s32", static (a, _) => a << 19 >> 23);
        Check32("bfi.b32 %d, %a, %b, 8, 12;", "b32", static (a, b) => (b & ~0xFFF00) | ((a & 0xFFF) << 8));
        Check64("bfi.b64 %d, %a, %b, 32, 32;", "b64", static (a, b) => (uint)b | (a << 32));
        Check32("prmt.b32 %d, %a, %b, 0x7204;", "b32", static (a, b) => (int)(((uint)b >> 24 << 24) | ((uint)a >> 16 & 255) << 16 | ((uint)a & 255) << 8 | ((uint)b & 255)));
        Check32("prmt.b32 %d, %a, %b, 0x321b;", "b32", static (a, _) => (int)(((uint)a & 0xFFFFFF00) | (a < 0 ? 0xFFu : 0)));
    });

    [TestCase("eq", "s32")]
    [TestCase("ne", "s32")]
    [TestCase("lt", "s32")]
    [TestCase("le", "s32")]
    [TestCase("gt", "s32")]
    [TestCase("ge", "s32")]
    [TestCase("lt", "u32")]
    [TestCase("ls", "u32")]
    [TestCase("hi", "u32")]
    [TestCase("ge", "u32")]
    public void Comparisons_and_selection(string relation, string type) =>
        Check32($"setp.{relation}.{type} %p1, %a, %b;\nselp.b32 %d, %a, %b, %p1;", type, (a, b) =>
        {
            long x = type == "s32" ? a : (uint)a, y = type == "s32" ? b : (uint)b;
            bool holds = relation switch { "eq" => x == y, "ne" => x != y, "lt" => x < y, "le" or "ls" => x <= y, "gt" or "hi" => x > y, _ => x >= y };
            return holds ? a : b;
        });

    [Test]
    public void Predicates_combine() => Assert.Multiple(() =>
    {
        Check32("setp.lt.s32 %p1, %a, 5;\nsetp.gt.and.s32 %p2|%p3, %b, 1, %p1;\nselp.u32 %d, 1, 0, %p2;\n@%p3 or.b32 %d, %d, 2;", "s32",
            static (a, b) => (a < 5 && b > 1 ? 1 : 0) | (a < 5 && b <= 1 ? 2 : 0));
        Check32("setp.lt.s32 %p1, %a, 5;\nsetp.gt.or.s32 %p2, %b, 1, !%p1;\nselp.u32 %d, 1, 0, %p2;", "s32", static (a, b) => b > 1 || a >= 5 ? 1 : 0);
        Check32("setp.lt.s32 %p1, %a, 5;\nsetp.gt.s32 %p2, %b, 1;\nxor.pred %p3, %p1, %p2;\nnot.pred %p4, %p3;\nand.pred %p5, %p4, %p2;\nor.pred %p6, %p5, %p3;\nmov.pred %p7, %p6;\nselp.u32 %d, 1, 0, %p7;", "s32",
            static (a, b) => ((a < 5) ^ (b > 1)) || b > 1 ? 1 : 0);
        Check32("set.lt.u32.s32 %d, %a, %b;", "s32", static (a, b) => a < b ? -1 : 0);
    });

    [Test]
    public void Halves_are_packed_and_unpacked()
    {
        (int[] a, int[] b) = Pairs(Edges32);
        Assert.That(Instruction.Run<long>("mov.b64 %d, {%a, %b};", "b64", ("b32", a), ("b32", b)), Is.EqualTo(a.Zip(b, static (x, y) => ((long)y << 32) | (uint)x)));
        Check64("{ .reg .b32 %lo, %hi; mov.b64 {%lo, %hi}, %a; mov.b64 %d, {%hi, %lo}; }", "b64", static (a, _) => (long)BitOperations.RotateLeft((ulong)a, 32));
        Check32("{ .reg .b16 %lo, %hi; mov.b32 {%lo, %hi}, %a; mov.b32 %d, {%hi, %lo}; }", "b32", static (a, _) => (int)BitOperations.RotateLeft((uint)a, 16));
    }

    [Test]
    public void Integers_convert_by_truncation_and_extension()
    {
        int[] a = Edges32;
        Assert.Multiple(() =>
        {
            Assert.That(Instruction.Run<long>("cvt.s64.s32 %d, %a;", "s64", ("s32", a)), Is.EqualTo(a.Select(static v => (long)v)));
            Assert.That(Instruction.Run<ulong>("cvt.u64.u32 %d, %a;", "u64", ("u32", a)), Is.EqualTo(a.Select(static v => (ulong)(uint)v)));
            Assert.That(Instruction.Run<int>("cvt.s32.s8 %d, %a;", "s32", ("s32", a)), Is.EqualTo(a.Select(static v => (int)(sbyte)v)));
            Assert.That(Instruction.Run<uint>("cvt.u32.u8 %d, %a;", "u32", ("u32", a)), Is.EqualTo(a.Select(static v => (uint)(byte)v)));
            Assert.That(Instruction.Run<int>("cvt.s32.s16 %d, %a;", "s32", ("s32", a)), Is.EqualTo(a.Select(static v => (int)(short)v)));
            Assert.That(Instruction.Run<uint>("cvt.u32.u64 %d, %a;", "u32", ("u64", Edges64)), Is.EqualTo(Edges64.Select(static v => (uint)v)));
            Assert.That(Instruction.Run<short>("cvt.u16.u32 %d, %a;", "u16", ("u32", a)), Is.EqualTo(a.Select(static v => (short)v)));
            Assert.That(Instruction.Run<uint>("cvt.u32.u16 %d, %a;", "u32", ("u16", Edges16)), Is.EqualTo(Edges16.Select(static v => (uint)(ushort)v)));
            Assert.That(Instruction.Run<byte>("cvt.sat.u8.s32 %d, %a;", "u8", ("s32", a)), Is.EqualTo(a.Select(static v => (byte)Math.Clamp(v, 0, 255))));
        });
    }
}
