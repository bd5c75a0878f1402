using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Plain row-major numbers with a shape, in which expected results are written down.</summary>
/// <param name="shape">The sizes.</param>
/// <param name="values">One number an element, row-major.</param>
public sealed class HostArray(Shape shape, double[] values)
{
    /// <summary>The sizes.</summary>
    public Shape Shape { get; } = shape;

    /// <summary>The elements, row-major.</summary>
    public double[] Values { get; } = values;

    /// <summary>The element at an index in every dimension.</summary>
    public double this[params ReadOnlySpan<int> index] => Values[Position(index)];

    /// <summary>An array whose elements a formula gives from their index.</summary>
    public static HostArray From(Shape shape, Func<int[], double> formula)
    {
        var values = new double[shape.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = formula(IndexOf(shape, i));
        }

        return new HostArray(shape, values);
    }

    /// <summary>A single number.</summary>
    public static HostArray Scalar(double value) => new(Shape.Scalar, [value]);

    /// <summary>The same shape, each element mapped.</summary>
    public HostArray Map(Func<double, double> function) => new(Shape, Array.ConvertAll(Values, x => function(x)));

    /// <summary>The element that broadcasting puts at an index of a larger shape: sizes of 1 and missing leading dimensions repeat.</summary>
    public double Broadcast(int[] index)
    {
        var own = new int[Shape.Rank];
        for (int d = 0; d < own.Length; d++)
        {
            own[d] = Shape[d] == 1 ? 0 : index[index.Length - own.Length + d];
        }

        return this[own];
    }

    /// <summary>The element of [N, H, W, C] at a pixel, 0 outside the image.</summary>
    public double Padded(int n, int y, int x, int c) => y >= 0 && y < Shape[1] && x >= 0 && x < Shape[2] ? this[n, y, x, c] : 0;

    /// <summary>The row along the last dimension that starts at the given leading index.</summary>
    public double[] Row(int row)
    {
        int length = Shape[-1];
        return Values[(row * length)..((row + 1) * length)];
    }

    private static int[] IndexOf(Shape shape, int position)
    {
        var index = new int[shape.Rank];
        for (int d = shape.Rank - 1; d >= 0; d--)
        {
            index[d] = position % shape[d];
            position /= shape[d];
        }

        return index;
    }

    private int Position(ReadOnlySpan<int> index)
    {
        int position = 0;
        for (int d = 0; d < index.Length; d++)
        {
            position = (position * Shape[d]) + index[d];
        }

        return position;
    }
}
