using System.Buffers;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Scenes;

/// <summary>Colours what the rays hit: textures under Lambert light with shadows, exposure, a display curve and sensor noise.</summary>
internal static class Painter
{
    /// <summary>The distance in metres from a surface at which its shadow rays start.</summary>
    private const double ShadowStart = 1e-4;

    /// <summary>Half the width of the sensor noise in grey levels.</summary>
    private const double Noise = 2.5;

    private static readonly Vector3D Luminance = new(0.30, 0.59, 0.11);

    /// <summary>Paints a picture.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="hits">What each sample sees: height * samples rows of width * samples.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="samples">Samples along each side of a pixel; their mean is the pixel's colour.</param>
    /// <param name="noise">The stream of the sensor noise; pixel <c>i</c> uses block <c>i</c>.</param>
    /// <returns>8-bit values in B, G, R order, row-major.</returns>
    public static byte[] Paint(Scene scene, ReadOnlySpan<SurfaceHit> hits, int height, int width, int samples, RandomStream noise)
    {
        int pixels = height * width;
        Vector3D[] pooled = ArrayPool<Vector3D>.Shared.Rent(pixels);
        try
        {
            Span<Vector3D> colors = pooled.AsSpan(0, pixels);
            colors.Clear();
            double share = 1.0 / (samples * samples);
            double mean = 0;
            for (int y = 0, i = 0; y < height * samples; y++)
            {
                for (int x = 0; x < width * samples; x++, i++)
                {
                    Vector3D ray = scene.Camera.Ray(x + 0.5, y + 0.5, height * samples, width * samples);
                    Vector3D color = Shade(scene, hits[i], scene.Camera.Position + (ray * hits[i].Depth)) * share;
                    colors[((y / samples) * width) + (x / samples)] += color;
                    mean += color.Dot(Luminance);
                }
            }

            return Develop(colors, scene.Brightness * pixels / Math.Max(mean, 1e-6), noise);
        }
        finally
        {
            ArrayPool<Vector3D>.Shared.Return(pooled);
        }
    }

    /// <summary>
    /// The light that leaves a point: albedo * (ambient + sum of light * max(0, n . l) / (1 + (d / reach)²) over the lights that
    /// it sees) + albedo * glow.
    /// </summary>
    private static Vector3D Shade(Scene scene, in SurfaceHit hit, Vector3D point)
    {
        Vector3D albedo;
        double glow;
        if (hit.IsRoom)
        {
            (double u, double v) = Room.OnSide(hit.Side, point);
            Panel? panel = scene.Room.PanelAt(hit.Side, u, v);
            albedo = panel is null
                ? Texture.Sample(scene.Room.Materials[(int)hit.Side], scene.Lattice, u, v)
                : Texture.Sample(panel.Material, scene.Lattice, u - panel.Left, v - panel.Bottom);
            glow = panel?.Material.Glow ?? 0;
        }
        else
        {
            albedo = scene.Solids[hit.Surface].Color(scene.Lattice, point, hit.Normal, out glow);
        }

        // Light from everywhere comes a little more from above than from below.
        Vector3D light = scene.Ambient * (0.85 + (0.15 * hit.Normal.Y));
        Vector3D start = point + (hit.Normal * ShadowStart);
        foreach (Light lamp in scene.Lights)
        {
            Vector3D path = lamp.Position - point;
            double distance2 = path.Dot(path);
            double facing = hit.Normal.Dot(path);
            if (facing > 0 && !scene.IsShadowed(start, lamp.Position))
            {
                light += lamp.Color * (facing / (Math.Sqrt(distance2) * (1 + (distance2 / (lamp.Reach * lamp.Reach)))));
            }
        }

        return albedo * (light + new Vector3D(glow, glow, glow));
    }

    private static byte[] Develop(ReadOnlySpan<Vector3D> colors, double exposure, RandomStream noise)
    {
        var bytes = new byte[colors.Length * 3];
        for (int i = 0; i < colors.Length; i++)
        {
            (uint b, uint g, uint r, _) = noise.Block((ulong)i);
            Vector3D color = colors[i] * exposure;
            bytes[(i * 3) + 0] = Level(color.Z, b);
            bytes[(i * 3) + 1] = Level(color.Y, g);
            bytes[(i * 3) + 2] = Level(color.X, r);
        }

        return bytes;
    }

    /// <summary>The display curve is the square root; above 0.75 it bends so that bright lights keep their colour.</summary>
    private static byte Level(double linear, uint noise)
    {
        const double Knee = 0.75;
        double display = Math.Sqrt(linear);
        if (display > Knee)
        {
            double over = (display - Knee) / (1 - Knee);
            display = Knee + ((1 - Knee) * over / (1 + over));
        }

        double level = (display * 265) + (((RandomStream.ToUniform(noise) * 2) - 1) * Noise);
        return (byte)Math.Min(Math.Max(level + 0.5, 0), 255);
    }
}
