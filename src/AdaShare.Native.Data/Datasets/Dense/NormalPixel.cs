namespace AdaShare.Native.Data.Datasets.Dense;

/// <summary>Writes surface normals as <see cref="LabelKind.SurfaceNormals"/> wants them.</summary>
internal static class NormalPixel
{
    /// <summary>The value of all three channels of a pixel that is ignored.</summary>
    public const float Ignored = 255;

    /// <summary>The shortest stored vector that passes for a unit vector: interpolation shortens vectors, but one of half the length points nowhere.</summary>
    private const float Shortest = 0.5f;

    /// <summary>The largest raw value of a pixel that counts.</summary>
    private const float Largest = 254;

    /// <summary>A normal as z, y, x: in [-1, 1], or (n + 1) * 127.5 rounded and at most 254. Ignored where the vector is shorter than 0.5.</summary>
    public static void Put(Span<float> pixel, float x, float y, float z, bool decode)
    {
        if ((x * x) + (y * y) + (z * z) < Shortest * Shortest)
        {
            pixel[..3].Fill(Ignored);
            return;
        }

        (pixel[0], pixel[1], pixel[2]) = decode ? (z, y, x) : (Raw(z), Raw(y), Raw(x));
    }

    private static float Raw(float value) => Math.Clamp(MathF.Round((value + 1) * 127.5f), 0, Largest);
}
