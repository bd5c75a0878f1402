namespace AdaShare.Native.Engine.Tensors;

/// <summary>How a backend keeps the filters of convolutions in memory.</summary>
public enum FilterLayout
{
    /// <summary>[out, in, kh, kw]: PyTorch's order, and that of checkpoints.</summary>
    Oihw,

    /// <summary>[kh, kw, in, out]: the CPU backend's order.</summary>
    Hwio,

    /// <summary>[out, kh, kw, in]: cuDNN's channels-last order (KRSC).</summary>
    Ohwi,
}

/// <summary>The one place where filter layouts are converted.</summary>
public static class FilterLayouts
{
    /// <summary>The strides, in elements, of (out, in, kh, kw) for a filter of the given PyTorch-order shape.</summary>
    public static (long Out, long In, long Height, long Width) Strides(this FilterLayout layout, Shape shape)
    {
        long inputs = shape[1], height = shape[2], width = shape[3], outputs = shape[0];
        return layout switch
        {
            FilterLayout.Oihw => (inputs * height * width, height * width, width, 1),
            FilterLayout.Hwio => (1, outputs, width * inputs * outputs, inputs * outputs),
            FilterLayout.Ohwi => (height * width * inputs, 1, width * inputs, inputs),
            _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "unknown filter layout"),
        };
    }

    /// <summary>Where stored elements belong in PyTorch's order.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="shape">[out, in, kh, kw].</param>
    /// <param name="stored">The index of a stored element.</param>
    /// <returns>Its position in PyTorch's order; how far the positions of the stored elements after it lie from one another; and for how many elements, it included, that holds.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The filter has no such element.</exception>
    public static (long Position, long Stride, long Run) Locate(this FilterLayout layout, Shape shape, long stored)
    {
        if (stored < 0 || stored >= shape.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(stored), stored, $"a filter of shape {shape} has {shape.Count} elements");
        }

        long outputs = shape[0], inputs = shape[1], window = (long)shape[2] * shape[3];
        switch (layout)
        {
            case FilterLayout.Hwio:
                (long row, long o) = Math.DivRem(stored, outputs);
                (long tap, long i) = Math.DivRem(row, inputs);
                return ((((o * inputs) + i) * window) + tap, inputs * window, outputs - o);
            case FilterLayout.Ohwi:
                (row, i) = Math.DivRem(stored, inputs);
                (o, tap) = Math.DivRem(row, window);
                return ((((o * inputs) + i) * window) + tap, window, inputs - i);
            default:
                return (stored, 1, shape.Count - stored);
        }
    }

    /// <summary>Copies a filter from PyTorch's order into the layout.</summary>
    /// <param name="layout">The layout of <paramref name="stored"/>.</param>
    /// <param name="shape">[out, in, kh, kw].</param>
    /// <param name="ordered">The elements in PyTorch's order.</param>
    /// <param name="stored">Receives the elements in the layout.</param>
    /// <exception cref="ArgumentException">A span does not have the shape's count of elements.</exception>
    public static void Store<T>(this FilterLayout layout, Shape shape, ReadOnlySpan<T> ordered, Span<T> stored)
    {
        CheckLengths(shape, ordered.Length, stored.Length);
        (long so, long si, long sh, long sw) = layout.Strides(shape);
        int source = 0, outputs = Outputs(shape);
        for (int o = 0; o < outputs; o++)
        {
            for (int i = 0; i < shape[1]; i++)
            {
                for (int h = 0; h < shape[2]; h++)
                {
                    for (int w = 0; w < shape[3]; w++)
                    {
                        stored[(int)((o * so) + (i * si) + (h * sh) + (w * sw))] = ordered[source++];
                    }
                }
            }
        }
    }

    /// <summary>Copies a filter from the layout into PyTorch's order; the inverse of <see cref="Store"/>.</summary>
    /// <exception cref="ArgumentException">A span does not have the shape's count of elements.</exception>
    public static void Load<T>(this FilterLayout layout, Shape shape, ReadOnlySpan<T> stored, Span<T> ordered)
    {
        CheckLengths(shape, ordered.Length, stored.Length);
        (long so, long si, long sh, long sw) = layout.Strides(shape);
        int target = 0, outputs = Outputs(shape);
        for (int o = 0; o < outputs; o++)
        {
            for (int i = 0; i < shape[1]; i++)
            {
                for (int h = 0; h < shape[2]; h++)
                {
                    for (int w = 0; w < shape[3]; w++)
                    {
                        ordered[target++] = stored[(int)((o * so) + (i * si) + (h * sh) + (w * sw))];
                    }
                }
            }
        }
    }

    // A filter without elements may have sizes that take long to count through.
    private static int Outputs(Shape shape) => shape.Count == 0 ? 0 : shape[0];

    private static void CheckLengths(Shape shape, int ordered, int stored)
    {
        if (shape.Rank != 4 || ordered != shape.Count || stored != shape.Count)
        {
            throw new ArgumentException($"filter layout: {ordered} elements in PyTorch's order and {stored} stored ones for a filter of shape {shape}; both must have the count of a shape [out, in, kh, kw]");
        }
    }
}
