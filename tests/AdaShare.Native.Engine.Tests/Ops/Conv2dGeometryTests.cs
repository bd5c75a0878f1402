using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Ops;

/// <summary>How much work a convolution is.</summary>
[TestFixture]
public sealed class Conv2dGeometryTests
{
    [Test]
    public void Without_padding_every_tap_is_useful()
    {
        var g = Conv2dGeometry.Of(new Shape(2, 7, 9, 3), new Shape(5, 3, 3, 2), new Conv2dOptions(2, 1, 0, 0, 1, 3));
        Assert.That(g.UsefulMultiplyAdds, Is.EqualTo(g.MultiplyAdds));
    }

    [Test]
    public void Taps_in_the_padding_are_not_useful()
    {
        // Along one axis of 3 pixels a 3-tap window with padding 1 has 2 + 3 + 2 of its 9 taps inside.
        var g = Conv2dGeometry.Of(new Shape(2, 3, 3, 4), new Shape(5, 4, 3, 3), new Conv2dOptions(1, 1));
        Assert.That(g.UsefulMultiplyAdds, Is.EqualTo(2L * 5 * 4 * 7 * 7));
    }

    [Test]
    public void A_dilation_beyond_the_image_leaves_one_tap_a_pixel()
    {
        var g = Conv2dGeometry.Of(new Shape(1, 9, 9, 8), new Shape(16, 8, 3, 3), new Conv2dOptions(1, 12, 12));
        Assert.That(g.UsefulMultiplyAdds, Is.EqualTo(81L * 8 * 16));
    }
}
