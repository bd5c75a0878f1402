using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Tensors;

/// <summary>The number type bfloat16, and what ops say of tensors of it.</summary>
[TestFixture]
public sealed class BFloat16Tests
{
    [TestCase(0f, (ushort)0x0000)]
    [TestCase(-0f, (ushort)0x8000)]
    [TestCase(1f, (ushort)0x3F80)]
    [TestCase(-2.5f, (ushort)0xC020)]
    [TestCase(float.PositiveInfinity, (ushort)0x7F80)]
    [TestCase(float.MaxValue, (ushort)0x7F80)]
    [TestCase(1.00390625f, (ushort)0x3F80)]
    [TestCase(1.01171875f, (ushort)0x3F82)]
    [TestCase(1.0039064f, (ushort)0x3F81)]
    [TestCase(1e-45f, (ushort)0x0000)]
    public void Rounding_goes_to_the_nearest_and_of_two_to_the_even_one(float value, ushort bits) => Assert.That(((BFloat16)value).Bits, Is.EqualTo(bits));

    [Test]
    public void NaN_stays_NaN_even_where_its_bits_would_be_cut_off()
    {
        Assert.That(float.IsNaN((BFloat16)float.NaN), Is.True);
        Assert.That(float.IsNaN((BFloat16)BitConverter.UInt32BitsToSingle(0x7F80_0001)), Is.True);
    }

    [Test]
    public void Every_number_survives_widening_and_rounding()
    {
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var number = new BFloat16((ushort)bits);
            if (!float.IsNaN(number))
            {
                Assert.That((BFloat16)(float)number, Is.EqualTo(number));
            }
        }
    }

    [Test]
    public void Tensors_carry_it_to_the_host_and_back()
    {
        using var backend = new ReferenceBackend();
        using var step = new Step(backend);
        Tensor tensor = step.FromDoubles(new Shape(3), DType.BFloat16, [1, 1.01, -3e38]);
        Assert.That(tensor.ToDoubles(), Is.EqualTo(new[] { 1, 1.0078125, (double)(float)(BFloat16)(-3e38f) }));
        Assert.That(tensor.ToArray<BFloat16>()[1].Bits, Is.EqualTo(0x3F81));
        Assert.That(() => tensor.ToArray<float>(), Throws.TypeOf<ShapeException>());
    }

    [Test]
    public void Ops_that_do_not_take_it_say_what_to_do()
    {
        using var backend = new ReferenceBackend();
        using var step = new Step(backend);
        Tensor activations = step.New(new Shape(2, 3), DType.BFloat16);
        Assert.That(() => step.Softmax(activations), Throws.TypeOf<ShapeException>().With.Message.Contains("must be Float32 or Float64, so cast it first"));
        Assert.That(() => step.MatMul(activations, activations), Throws.TypeOf<ShapeException>().With.Message.Contains("cast it first"));
    }

    [Test]
    public void Parameters_beside_it_are_in_single_precision()
    {
        using var backend = new ReferenceBackend();
        using var step = new Step(backend);
        Tensor activations = step.New(new Shape(2, 3), DType.BFloat16), halves = step.New(new Shape(3), DType.BFloat16);
        Assert.That(() => step.BiasReluDropout(activations, halves), Throws.TypeOf<ShapeException>().With.Message
            .EqualTo("bias_relu_dropout: BFloat16 [3] goes with BFloat16 [2, 3], so it must be Float32; cast it"));
        Assert.That(() => step.Add(activations, step.New(new Shape(2, 3), DType.Float32)), Throws.TypeOf<ShapeException>().With.Message.Contains("differ in element type"));
        Assert.That(step.Sum(activations).DType, Is.EqualTo(DType.Float32));
    }
}
