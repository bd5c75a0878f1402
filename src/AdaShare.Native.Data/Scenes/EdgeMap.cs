namespace AdaShare.Native.Data.Scenes;

/// <summary>Edge strength from geometry, not from colour: where surfaces end, fold, or belong to different things.</summary>
/// <remarks>
/// Two neighbouring pixels p, q (side by side or one above the other) with points P, Q in the room, normals n and depths z have the strength
/// s = max(occlusion, 0.7 * fold, 0.5 * boundary), where
/// occlusion = clamp((max(|n_p . (Q - P)|, |n_q . (Q - P)|) / min(z_p, z_q) - 0.03) / 0.07),
/// fold = clamp((0.9 - n_p . n_q) / 0.5), boundary = 1 where p and q show different objects, and clamp cuts to [0, 1].
/// Each of the two pixels gets the largest s of its four pairs, and spreads it as a spot s * (1 - (d / r)²)² of radius
/// r = max(1.6, min(height, width) / 32) pixels; the map is twice the highest spot less one.
/// </remarks>
internal static class EdgeMap
{
    private const double FoldShare = 0.7;
    private const double BoundaryShare = 0.5;

    /// <summary>Draws the map.</summary>
    /// <param name="hits">What each pixel sees.</param>
    /// <param name="points">Where it sees it, in the room.</param>
    /// <param name="instances">The object that it sees.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <returns>Values in [-1, 1], row-major.</returns>
    public static float[] Draw(ReadOnlySpan<SurfaceHit> hits, ReadOnlySpan<Vector3D> points, ReadOnlySpan<int> instances, int height, int width)
    {
        var strengths = new double[hits.Length];
        for (int y = 0, i = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++, i++)
            {
                if (x + 1 < width)
                {
                    Meet(hits, points, instances, i, i + 1, strengths);
                }

                if (y + 1 < height)
                {
                    Meet(hits, points, instances, i, i + width, strengths);
                }
            }
        }

        var map = new float[hits.Length];
        double radius = Math.Max(1.6, Math.Min(height, width) / 32.0);
        for (int i = 0; i < strengths.Length; i++)
        {
            if (strengths[i] > 0)
            {
                Bump.Raise(map, height, width, (i % width) + 0.5, (i / width) + 0.5, radius, strengths[i]);
            }
        }

        Bump.ToSigned(map);
        return map;
    }

    private static void Meet(
        ReadOnlySpan<SurfaceHit> hits, ReadOnlySpan<Vector3D> points, ReadOnlySpan<int> instances, int p, int q, double[] strengths)
    {
        Vector3D step = points[q] - points[p];
        double apart = Math.Max(Math.Abs(hits[p].Normal.Dot(step)), Math.Abs(hits[q].Normal.Dot(step)));
        double occlusion = Clamp(((apart / Math.Min(hits[p].Depth, hits[q].Depth)) - 0.03) / 0.07);
        double fold = Clamp((0.9 - hits[p].Normal.Dot(hits[q].Normal)) / 0.5);
        double boundary = instances[p] == instances[q] ? 0 : 1;
        double strength = Math.Max(occlusion, Math.Max(FoldShare * fold, BoundaryShare * boundary));
        strengths[p] = Math.Max(strengths[p], strength);
        strengths[q] = Math.Max(strengths[q], strength);
    }

    private static double Clamp(double x) => Math.Min(Math.Max(x, 0), 1);
}
