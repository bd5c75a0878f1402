using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Tensors;

[TestFixture]
public sealed class ShapeTests
{
    [Test]
    public void A_shape_knows_its_sizes()
    {
        var shape = new Shape(2, 13, 11, 40);
        Assert.Multiple(() =>
        {
            Assert.That(shape.Rank, Is.EqualTo(4));
            Assert.That(shape.Count, Is.EqualTo(2 * 13 * 11 * 40));
            Assert.That(shape[1], Is.EqualTo(13));
            Assert.That(shape[-1], Is.EqualTo(40));
            Assert.That(shape[-4], Is.EqualTo(2));
            Assert.That(shape.ToArray(), Is.EqualTo(new[] { 2, 13, 11, 40 }));
            Assert.That(shape.ToString(), Is.EqualTo("[2, 13, 11, 40]"));
        });
    }

    [Test]
    public void A_scalar_has_rank_0_and_one_element()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Shape.Scalar.Rank, Is.Zero);
            Assert.That(Shape.Scalar.Count, Is.EqualTo(1));
            Assert.That(new Shape(), Is.EqualTo(Shape.Scalar));
            Assert.That(new Shape(1), Is.Not.EqualTo(Shape.Scalar));
        });
    }

    [Test]
    public void The_count_does_not_overflow() => Assert.That(new Shape(70_000, 70_000).Count, Is.EqualTo(4_900_000_000L));

    [Test]
    public void An_empty_dimension_means_no_elements() => Assert.That(new Shape(3, 0, 5).Count, Is.Zero);

    [Test]
    public void Equality_is_by_rank_and_sizes()
    {
        var shape = new Shape(2, 3);
        Assert.Multiple(() =>
        {
            Assert.That(shape == new Shape(2, 3), Is.True);
            Assert.That(shape != new Shape(3, 2), Is.True);
            Assert.That(shape != new Shape(2, 3, 1), Is.True);
            Assert.That(shape.GetHashCode(), Is.EqualTo(new Shape(2, 3).GetHashCode()));
            Assert.That(shape.With(1, 3), Is.EqualTo(shape));
        });
    }

    [TestCase(0, 7, "[7, 3]")]
    [TestCase(-1, 7, "[2, 7]")]
    public void With_replaces_one_size(int index, int size, string expected) => Assert.That(new Shape(2, 3).With(index, size).ToString(), Is.EqualTo(expected));

    [Test]
    public void Six_dimensions_are_too_many() =>
        Assert.That(() => new Shape(1, 2, 3, 4, 5, 6), Throws.TypeOf<ShapeException>().With.Message.Contains("at most 5").And.Message.Contains("got 6"));

    [Test]
    public void Negative_sizes_are_refused() =>
        Assert.That(() => new Shape(1, -2), Throws.TypeOf<ShapeException>().With.Message.Contains("dimension 1 is -2"));

    [TestCase(2)]
    [TestCase(-3)]
    public void Indices_beyond_the_rank_are_refused(int index) =>
        Assert.That(() => new Shape(2, 3)[index], Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("[2, 3] has rank 2"));
}
