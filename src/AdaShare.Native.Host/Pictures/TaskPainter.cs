using AdaShare.Native.Data.Datasets;
using AdaShare.Native.MultiTask.Tasks;

namespace AdaShare.Native.Host.Pictures;

/// <summary>Paints what a task predicts.</summary>
public static class TaskPainter
{
    private const double Ignored = 255;

    /// <summary>Paints an image.</summary>
    public static Picture Image(BgrImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Paint(image.Height, image.Width, (y, x) => Colour.Of(image[y, x, 2] / 255f, image[y, x, 1] / 255f, image[y, x, 0] / 255f));
    }

    /// <summary>Paints a prediction.</summary>
    /// <param name="task">The task.</param>
    /// <param name="prediction">
    /// For seg one channel of class indices, for sn normals in z, y, x order, for depth metres, for the others strengths in [-1, 1].
    /// </param>
    public static TaskPicture Prediction(TaskSpec task, Plane prediction)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(prediction);
        return task.Label switch
        {
            LabelKind.Segmentation => new TaskPicture(task.Name, Paint(prediction, (y, x) => ClassPalette.Of((int)prediction[y, x, 0]))),
            LabelKind.SurfaceNormals => new TaskPicture(task.Name, Paint(prediction, (y, x) => Normal(prediction, y, x))),
            LabelKind.Depth => Depth(task.Name, prediction),
            _ => new TaskPicture(task.Name, Paint(prediction, (y, x) => Colour.Grey((prediction[y, x, 0] + 1) / 2))),
        };
    }

    /// <summary>Near is warm, far is cool; the range is that of the picture.</summary>
    private static TaskPicture Depth(string name, Plane depth)
    {
        float[] known = [.. depth.Values.Where(float.IsFinite)];
        (double near, double far) = known.Length == 0 ? (0, 0) : (known.Min(), known.Max());
        double scale = far > near ? 1 / (far - near) : 0;
        Picture picture = Paint(depth, (y, x) => float.IsFinite(depth[y, x, 0]) ? Turbo.Of(1 - ((depth[y, x, 0] - near) * scale)) : Colour.Black);
        return new TaskPicture(name, picture, (near, far));
    }

    /// <summary>(n + 1) / 2 of the unit normal, x in red, y in green, z in blue; black where there is no direction, or an ignored label.</summary>
    private static Colour Normal(Plane plane, int y, int x)
    {
        (double r, double g, double b) = (plane[y, x, 2], plane[y, x, 1], plane[y, x, 0]);
        double length = Math.Sqrt((r * r) + (g * g) + (b * b));
        bool known = length > 0 && double.IsFinite(length) && Math.Max(r, Math.Max(g, b)) < Ignored;
        return known ? Colour.Of(((r / length) + 1) / 2, ((g / length) + 1) / 2, ((b / length) + 1) / 2) : Colour.Black;
    }

    private static Picture Paint(Plane plane, Func<int, int, Colour> colour) => Paint(plane.Height, plane.Width, colour);

    private static Picture Paint(int height, int width, Func<int, int, Colour> colour)
    {
        var picture = new Picture(height, width);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                picture[y, x] = colour(y, x);
            }
        }

        return picture;
    }
}
