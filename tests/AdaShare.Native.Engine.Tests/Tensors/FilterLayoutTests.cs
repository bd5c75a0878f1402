using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Tensors;

[TestFixture]
public sealed class FilterLayoutTests
{
    private static readonly Shape Filter = new(2, 3, 2, 2);

    // np.arange(24).reshape(2, 3, 2, 2).transpose(2, 3, 1, 0).ravel()
    private static readonly int[] Hwio = [0, 12, 4, 16, 8, 20, 1, 13, 5, 17, 9, 21, 2, 14, 6, 18, 10, 22, 3, 15, 7, 19, 11, 23];

    // np.arange(24).reshape(2, 3, 2, 2).transpose(0, 2, 3, 1).ravel()
    private static readonly int[] Ohwi = [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, 12, 16, 20, 13, 17, 21, 14, 18, 22, 15, 19, 23];

    private static readonly int[] Ordered = [.. Enumerable.Range(0, 24)];

    private static IEnumerable<TestCaseData> Layouts =>
    [
        new(FilterLayout.Oihw, Ordered),
        new(FilterLayout.Hwio, Hwio),
        new(FilterLayout.Ohwi, Ohwi),
    ];

    [TestCaseSource(nameof(Layouts))]
    public void Store_permutes(FilterLayout layout, int[] expected)
    {
        var stored = new int[24];
        layout.Store(Filter, Ordered, stored.AsSpan());
        Assert.That(stored, Is.EqualTo(expected));
    }

    [TestCaseSource(nameof(Layouts))]
    public void Load_is_the_inverse_of_store(FilterLayout layout, int[] stored)
    {
        var ordered = new int[24];
        layout.Load(Filter, stored, ordered.AsSpan());
        Assert.That(ordered, Is.EqualTo(Ordered));
    }

    [TestCaseSource(nameof(Layouts))]
    public void Locate_finds_every_stored_element(FilterLayout layout, int[] stored)
    {
        for (int i = 0; i < 24; i++)
        {
            (long position, long stride, long run) = layout.Locate(Filter, i);
            Assert.That(run, Is.GreaterThan(0).And.LessThanOrEqualTo(24 - i));
            Assert.That(Enumerable.Range(0, (int)run).Select(k => position + (k * stride)), Is.EqualTo(stored.Skip(i).Take((int)run).Select(static v => (long)v)), $"from {i}");
        }
    }

    [TestCaseSource(nameof(Layouts))]
    public void Strides_address_the_stored_order(FilterLayout layout, int[] stored)
    {
        (long so, long si, long sh, long sw) = layout.Strides(Filter);
        for (int i = 0; i < 24; i++)
        {
            long position = (i / 12 * so) + (i / 4 % 3 * si) + (i / 2 % 2 * sh) + (i % 2 * sw);
            Assert.That(stored[position], Is.EqualTo(i));
        }
    }
}
