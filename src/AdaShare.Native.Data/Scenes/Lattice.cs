using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Scenes;

/// <summary>A table of random numbers on a square grid that repeats, and smooth noise between its points.</summary>
internal sealed class Lattice
{
    private const int Side = 64;
    private readonly double[] _values = new double[Side * Side];

    /// <summary>Fills the table from a stream.</summary>
    public Lattice(RandomStream stream)
    {
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = stream.Uniform((ulong)i);
        }
    }

    /// <summary>The number of a grid point, in (0, 1).</summary>
    public double At(int x, int y) => _values[((y & (Side - 1)) * Side) + (x & (Side - 1))];

    /// <summary>Value noise in (0, 1): the grid's numbers, blended with the cubic 3f² - 2f³ between grid points.</summary>
    public double Noise(double x, double y)
    {
        double floorX = Math.Floor(x);
        double floorY = Math.Floor(y);
        int left = (int)floorX;
        int top = (int)floorY;
        double fx = Smooth(x - floorX);
        double fy = Smooth(y - floorY);
        double upper = At(left, top) + ((At(left + 1, top) - At(left, top)) * fx);
        double lower = At(left, top + 1) + ((At(left + 1, top + 1) - At(left, top + 1)) * fx);
        return upper + ((lower - upper) * fy);
    }

    private static double Smooth(double f) => f * f * (3 - (2 * f));
}
