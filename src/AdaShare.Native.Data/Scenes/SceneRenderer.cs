using System.Buffers;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Scenes;

/// <summary>Turns a scene into a picture and its labels.</summary>
internal static class SceneRenderer
{
    /// <summary>Renders a scene.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="samples">Samples of colour along each side of a pixel; labels are taken at pixel centres alone.</param>
    /// <param name="noise">The stream of the sensor noise.</param>
    public static RenderedScene Render(Scene scene, int height, int width, int samples, RandomStream noise)
    {
        SurfaceHit[] pooled = ArrayPool<SurfaceHit>.Shared.Rent(height * width * samples * samples);
        try
        {
            Span<SurfaceHit> fine = pooled.AsSpan(0, height * width * samples * samples);
            RayCaster.Cast(scene, height * samples, width * samples, fine);
            byte[] image = Painter.Paint(scene, fine, height, width, samples, noise);

            Span<SurfaceHit> hits = fine[..(height * width)];
            if (samples > 1)
            {
                RayCaster.Cast(scene, height, width, hits);
            }

            return Label(scene, hits, height, width, image);
        }
        finally
        {
            ArrayPool<SurfaceHit>.Shared.Return(pooled);
        }
    }

    private static RenderedScene Label(Scene scene, ReadOnlySpan<SurfaceHit> hits, int height, int width, byte[] image)
    {
        var classes = new byte[hits.Length];
        var normals = new byte[hits.Length * 3];
        var depth = new float[hits.Length];
        var instances = new int[hits.Length];
        var points = new Vector3D[hits.Length];
        for (int i = 0; i < hits.Length; i++)
        {
            SurfaceHit hit = hits[i];
            points[i] = scene.Camera.Position + (scene.Camera.Ray((i % width) + 0.5, (i / width) + 0.5, height, width) * hit.Depth);
            (SceneClass sceneClass, instances[i]) = Identify(scene, hit, points[i]);
            classes[i] = (byte)sceneClass;
            depth[i] = (float)hit.Depth;
            Vector3D normal = scene.Camera.ToCamera(hit.Normal);
            normals[(i * 3) + 0] = Encode(normal.Z);
            normals[(i * 3) + 1] = Encode(normal.Y);
            normals[(i * 3) + 2] = Encode(normal.X);
        }

        float[] edges = EdgeMap.Draw(hits, points, instances, height, width);
        return new(height, width, image, classes, normals, depth, edges, KeypointMap.Draw(scene, height, width));
    }

    private static (SceneClass Class, int Instance) Identify(Scene scene, in SurfaceHit hit, Vector3D point)
    {
        if (!hit.IsRoom)
        {
            Solid solid = scene.Solids[hit.Surface];
            return (solid.Class, solid.Instance);
        }

        (double u, double v) = Room.OnSide(hit.Side, point);
        Panel? panel = scene.Room.PanelAt(hit.Side, u, v);
        return panel is null ? (Room.Class(hit.Side), (int)hit.Side) : (panel.Class, panel.Instance);
    }

    /// <summary>255 stays free: there it says that the pixel has no normal.</summary>
    private static byte Encode(double component) => (byte)Math.Min(Math.Floor(((component + 1) * 127.5) + 0.5), 254);
}
