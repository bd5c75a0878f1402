using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>What is summed down each column of a row-major matrix, in double precision: one or two terms an element.</summary>
internal interface IColumnTerms
{
    /// <summary>Whether there is a second term.</summary>
    static abstract bool HasSecond { get; }

    /// <summary>The terms of four neighbouring elements; columns of narrow matrices run on to four times the width, and tables must do so too.</summary>
    void Four(long element, long column, out Vector256<double> first, out Vector256<double> second);

    /// <summary>The terms of one element.</summary>
    void One(long element, long column, out double first, out double second);
}

/// <summary>Sums down the columns of a row-major matrix: four rows at a time, sums in memory that stays in the first-level cache.</summary>
internal static unsafe class ColumnSums
{
    /// <summary>Matrices narrower than this are summed four rows side by side, to fill the lanes.</summary>
    public const int Narrow = 16;

    /// <summary>The length that tables of a column's constants need.</summary>
    public static int TableLength(int columns) => columns < Narrow ? 4 * columns : columns;

    /// <summary>Adds the rows' terms to the sums of each column.</summary>
    /// <param name="terms">The terms.</param>
    /// <param name="element">The first row's first element.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="stride">Elements from row to row.</param>
    /// <param name="columns">The number of columns; equal to the stride where narrow.</param>
    /// <param name="first">[columns], the sums of the first terms.</param>
    /// <param name="second">[columns], the sums of the second terms; not touched where there are none.</param>
    public static void Add<TTerms>(in TTerms terms, long element, long rows, long stride, int columns, double* first, double* second)
        where TTerms : struct, IColumnTerms
    {
        if (columns >= Narrow || rows < 4 || stride != columns)
        {
            AddWide(terms, element, rows, stride, columns, first, second);
            return;
        }

        double* wide = stackalloc double[8 * Narrow];
        new Span<double>(wide, 8 * Narrow).Clear();
        double* wideSecond = wide + (4 * Narrow);
        AddWide(terms, element, rows / 4, 4 * stride, 4 * columns, wide, wideSecond);
        for (int c = 0; c < columns; c++)
        {
            first[c] += (wide[c] + wide[c + columns]) + (wide[c + (2 * columns)] + wide[c + (3 * columns)]);
            if (TTerms.HasSecond)
            {
                second[c] += (wideSecond[c] + wideSecond[c + columns]) + (wideSecond[c + (2 * columns)] + wideSecond[c + (3 * columns)]);
            }
        }

        long done = rows / 4 * 4;
        AddWide(terms, element + (done * stride), rows - done, stride, columns, first, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddWide<TTerms>(in TTerms given, long element, long rows, long stride, int columns, double* first, double* second)
        where TTerms : struct, IColumnTerms
    {
        TTerms terms = given;
        for (; rows >= 4; rows -= 4, element += 4 * stride)
        {
            long c = 0;
            for (; c <= columns - 4; c += 4)
            {
                terms.Four(element + c, c, out Vector256<double> f0, out Vector256<double> s0);
                terms.Four(element + stride + c, c, out Vector256<double> f1, out Vector256<double> s1);
                terms.Four(element + (2 * stride) + c, c, out Vector256<double> f2, out Vector256<double> s2);
                terms.Four(element + (3 * stride) + c, c, out Vector256<double> f3, out Vector256<double> s3);
                (Vector256.Load(first + c) + ((f0 + f1) + (f2 + f3))).Store(first + c);
                if (TTerms.HasSecond)
                {
                    (Vector256.Load(second + c) + ((s0 + s1) + (s2 + s3))).Store(second + c);
                }
            }

            for (; c < columns; c++)
            {
                for (int r = 0; r < 4; r++)
                {
                    AddOne(terms, element + (r * stride), c, first, second);
                }
            }
        }

        for (; rows > 0; rows--, element += stride)
        {
            long c = 0;
            for (; c <= columns - 4; c += 4)
            {
                terms.Four(element + c, c, out Vector256<double> f, out Vector256<double> s);
                (Vector256.Load(first + c) + f).Store(first + c);
                if (TTerms.HasSecond)
                {
                    (Vector256.Load(second + c) + s).Store(second + c);
                }
            }

            for (; c < columns; c++)
            {
                AddOne(terms, element, c, first, second);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddOne<TTerms>(in TTerms terms, long row, long column, double* first, double* second) where TTerms : struct, IColumnTerms
    {
        terms.One(row + column, column, out double f, out double s);
        first[column] += f;
        if (TTerms.HasSecond)
        {
            second[column] += s;
        }
    }
}
