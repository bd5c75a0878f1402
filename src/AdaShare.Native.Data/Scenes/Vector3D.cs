namespace AdaShare.Native.Data.Scenes;

/// <summary>A point, direction or linear RGB colour in double precision.</summary>
/// <remarks>
/// Only scalar +, -, *, / and square roots, which IEEE 754 fixes to the last bit, so a scene has the same bytes on every machine;
/// <see cref="System.Numerics.Vector3"/> leaves the order of its sums to the instruction set.
/// </remarks>
/// <param name="X">To the right, or red.</param>
/// <param name="Y">Up, or green.</param>
/// <param name="Z">The third axis, or blue.</param>
internal readonly record struct Vector3D(double X, double Y, double Z)
{
    /// <summary>The origin, or black.</summary>
    public static Vector3D Zero => default;

    /// <summary>The Euclidean length.</summary>
    public double Length => Math.Sqrt(Dot(this));

    /// <summary>The sum.</summary>
    public static Vector3D operator +(Vector3D a, Vector3D b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    /// <summary>The difference.</summary>
    public static Vector3D operator -(Vector3D a, Vector3D b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    /// <summary>The product with a number.</summary>
    public static Vector3D operator *(Vector3D a, double factor) => new(a.X * factor, a.Y * factor, a.Z * factor);

    /// <summary>The product of each pair of components: a surface colour under a coloured light.</summary>
    public static Vector3D operator *(Vector3D a, Vector3D b) => new(a.X * b.X, a.Y * b.Y, a.Z * b.Z);

    /// <summary>The scalar product.</summary>
    public double Dot(Vector3D other) => (X * other.X) + (Y * other.Y) + (Z * other.Z);

    /// <summary>The vector product.</summary>
    public Vector3D Cross(Vector3D other) =>
        new((Y * other.Z) - (Z * other.Y), (Z * other.X) - (X * other.Z), (X * other.Y) - (Y * other.X));

    /// <summary>The vector of length 1 in the same direction; this vector must not be zero.</summary>
    public Vector3D Normalized() => this * (1.0 / Length);

    /// <summary>The point a fraction of the way from one vector to another; fraction 0 … 1.</summary>
    public static Vector3D Lerp(Vector3D from, Vector3D to, double fraction) => from + ((to - from) * fraction);
}
