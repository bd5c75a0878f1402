using AdaShare.Native.Cuda.Kernels;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Tests;

/// <summary>How the output of a convolution is cut by the taps of its windows that lie in the input.</summary>
[TestFixture]
public sealed class ConvolutionRegionTests
{
    private static IEnumerable<Conv2dGeometry> Geometries =>
        from size in new[] { (7, 9), (8, 8), (11, 5), (3, 4) }
        from kernel in new[] { (3, 3), (2, 3), (1, 1), (5, 5) }
        from stride in new[] { 1, 2 }
        from pad in new[] { 0, 2, 4 }
        from dilation in new[] { 1, 3, 4, 6 }
        where Conv2dGeometry.Output(size.Item1, kernel.Item1, stride, pad, dilation) > 0 && Conv2dGeometry.Output(size.Item2, kernel.Item2, stride, pad, dilation) > 0
        select Conv2dGeometry.Of(new Shape(2, size.Item1, size.Item2, 3), new Shape(4, 3, kernel.Item1, kernel.Item2), new Conv2dOptions(stride, pad, dilation));

    [Test]
    public void Bands_hold_every_output_and_the_taps_of_its_window_that_lie_in_the_input()
    {
        foreach (Conv2dGeometry g in Geometries)
        {
            List<ConvolutionBand> bands = ConvolutionBand.Rows(g);
            int next = 0;
            foreach (ConvolutionBand band in bands)
            {
                Assert.That(band.First, Is.EqualTo(next), $"{g}");
                next += band.Count;
                for (int o = band.First; o < next; o++)
                {
                    int[] inside = [.. Enumerable.Range(0, g.KernelHeight).Where(k => (uint)((o * g.Options.StrideHeight) - g.Options.PadHeight + (k * g.Options.DilationHeight)) < (uint)g.InputHeight)];
                    Assert.That(Enumerable.Range(band.Tap, band.Taps), Is.EqualTo(inside), $"{g}, row {o}");
                }
            }

            Assert.That(next, Is.EqualTo(g.OutputHeight), $"{g}");
        }
    }

    [Test]
    public void Regions_leave_nothing_out_and_count_no_product_twice()
    {
        int cut = 0;
        foreach (Conv2dGeometry g in Geometries)
        {
            var regions = new ConvolutionRegions(g, DType.Float32);
            long outputs = regions.Groups.Sum(static group => (long)group.Count * group.Pixels), places = regions.Groups.Sum(static group => (long)group.Count * group.Pixels * group.Taps);
            Assert.That(outputs, Is.EqualTo((long)g.OutputHeight * g.OutputWidth), $"{g}");
            Assert.That(regions.Places, Is.EqualTo(places), $"{g}");
            Assert.That(regions.Taps, Is.EqualTo(regions.Groups.Sum(static group => group.Count * group.Taps)), $"{g}");
            Assert.That(places * g.Batch * g.InputChannels * g.OutputChannels, Is.EqualTo(regions.IsWhole ? g.MultiplyAdds : g.UsefulMultiplyAdds), $"{g}");
            cut += regions.IsWhole ? 0 : 1;
        }

        Assert.That(cut, Is.GreaterThan(10));
    }

    // The heads of the published network at a crop of 321 and a batch of 16: four corners, four edges, one middle.
    [TestCase(24, 17, 7, 4, 2, 1, true)]
    [TestCase(18, 18, 5, 4, 6, 9, true)]
    [TestCase(12, 12, 17, 4, 6, 9, true)]
    public void The_dilated_heads_are_cut_into_three_groups(int dilation, int edge, int middle, int cornerTaps, int edgeTaps, int middleTaps, bool pays)
    {
        var regions = new ConvolutionRegions(Head(dilation, 16), DType.BFloat16);
        Assert.That(regions.SkipsMuch, Is.EqualTo(pays));
        Assert.That(regions.Groups, Is.EqualTo(new[]
        {
            new RegionGroup(4, edge * edge, cornerTaps, 0, 0, 0),
            new RegionGroup(4, edge * middle, edgeTaps, 4 * edge * edge * cornerTaps, 4 * edge * edge, 4 * cornerTaps),
            new RegionGroup(1, middle * middle, middleTaps, 4 * edge * ((edge * cornerTaps) + (middle * edgeTaps)), 4 * edge * (edge + middle), 4 * (cornerTaps + edgeTaps)),
        }));
    }

    [Test]
    public void What_saves_little_stays_whole()
    {
        Assert.That(new ConvolutionRegions(Head(6, 16), DType.BFloat16).IsWhole, "81 % of the taps are inside");
        Assert.That(new ConvolutionRegions(Head(6, 16), DType.Float32).SkipsMuch, "where products cost more, less is worth leaving out");
        Assert.That(new ConvolutionRegions(Head(4, 16), DType.Float32).IsWhole, "87 % of the taps are inside");
        Assert.That(new ConvolutionRegions(Head(24, 16), DType.Float32).Tap, Is.Null);
        ConvolutionRegions small = new(Conv2dGeometry.Of(new Shape(1, 8, 8, 16), new Shape(16, 16, 3, 3), new Conv2dOptions(1, 6, 6)), DType.Float32);
        Assert.That((small.IsWhole, small.SkipsMuch), Is.EqualTo((false, false)), "cut where products are wanted anyway, but no reason to want them");
        Assert.That(new ConvolutionRegions(Conv2dGeometry.Of(new Shape(1, 8, 8, 16), new Shape(16, 16, 3, 3), new Conv2dOptions(1, 12, 12)), DType.Float32).Tap, Is.EqualTo(4));
    }

    private static Conv2dGeometry Head(int dilation, int images) => Conv2dGeometry.Of(new Shape(images, 41, 41, 512), new Shape(1024, 512, 3, 3), new Conv2dOptions(1, dilation, dilation));
}
