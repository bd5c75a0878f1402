using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Cpu.Tests;

/// <summary>The choice of the vector width, and how rows are cut into tiles of its kernels.</summary>
[TestFixture]
public sealed class VectorWidthTests
{
    [Test]
    public void Auto_is_one_that_the_processor_has()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        Assert.That(backend.Vectors, Is.Not.EqualTo(VectorWidth.Auto));
        Assert.That(VectorWidths.Supported, Does.Contain(backend.Vectors));
    }

    [Test]
    public void A_forced_width_is_used_and_described()
    {
        foreach (VectorWidth width in VectorWidths.Supported)
        {
            using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1, VectorWidth = width });
            Assert.That(backend.Vectors, Is.EqualTo(width));
            Assert.That(backend.Description, Does.Contain(VectorWidths.Describe(width)));
        }
    }

    [Test]
    public void Descriptions_tell_widths_apart() =>
        Assert.That(Enum.GetValues<VectorWidth>().Where(static w => w != VectorWidth.Auto).Select(VectorWidths.Describe), Is.Unique);

    [Test]
    public void A_width_that_the_processor_lacks_is_an_error() =>
        Assert.That(
            static () => VectorWidths.Resolve(VectorWidth.Bits512, [VectorWidth.Scalar, VectorWidth.Bits128]),
            Throws.TypeOf<ConfigurationException>().With.Message.Contains("Bits512").And.Message.Contains("Scalar, Bits128"));

    [Test]
    public void A_width_that_does_not_exist_is_an_error() =>
        Assert.That(static () => new CpuBackend(new CpuBackendOptions { VectorWidth = (VectorWidth)99 }), Throws.TypeOf<ConfigurationException>().With.Message.Contains("99"));

    [Test]
    public void Tiles_cover_all_rows_and_few_more([Values(6, 12)] int height, [Range(1, 60)] int rows)
    {
        var tiles = TileRows.Of(rows, height);
        int next = 0;
        for (int tile = 0; tile < tiles.Tiles; tile++)
        {
            Assert.That(tiles.FirstRow(tile), Is.EqualTo(next));
            Assert.That(tiles.RowsOf(tile), Is.AnyOf(4, 6, 8, 12));
            next += tiles.RowsOf(tile);
        }

        Assert.That(tiles.Padded, Is.EqualTo(next));
        Assert.That(next, Is.InRange(rows, rows + 3));
    }
}
