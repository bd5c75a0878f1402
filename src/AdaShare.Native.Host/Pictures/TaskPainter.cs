using AdaShare.Native.Data.Datasets;
using AdaShare.Native.MultiTask.Tasks;

namespace AdaShare.Native.Host.Pictures;

/// <summary>Paints what a task predicts.</summary>
public static class TaskPainter
{
    private const double RawCentre = 127.5;

    /// <summary>Paints an image.</summary>
    /// <param name="image">Three channels in B, G, R order, 0 … 255.</param>
    public static Picture Image(Plane image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Paint(image, (y, x) => Colour.Of(image[y, x, 2] / 255, image[y, x, 1] / 255, image[y, x, 0] / 255));
    }

    /// <summary>Paints a prediction.</summary>
    /// <param name="task">The task.</param>
    /// <param name="prediction">The network's output [h, w, channels].</param>
    /// <param name="decodedNormals">Whether normals are in [-1, 1], or as stored, 0 … 255.</param>
    public static TaskPicture Prediction(TaskSpec task, Plane prediction, bool decodedNormals)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(prediction);
        return task.Label switch
        {
            LabelKind.Segmentation => new TaskPicture(task.Name, Paint(prediction, (y, x) => ClassPalette.Of(ArgMax(prediction, y, x)))),
            LabelKind.SurfaceNormals => new TaskPicture(task.Name, Paint(prediction, (y, x) => Normal(prediction, y, x, decodedNormals))),
            LabelKind.Depth => Depth(task.Name, prediction),
            _ => new TaskPicture(task.Name, Paint(prediction, (y, x) => Colour.Grey((prediction[y, x, 0] + 1) / 2))),
        };
    }

    /// <summary>The class with the largest logit, the first among equals.</summary>
    public static int ArgMax(Plane logits, int y, int x)
    {
        ArgumentNullException.ThrowIfNull(logits);
        int best = 0;
        for (int c = 1; c < logits.Channels; c++)
        {
            if (logits[y, x, c] > logits[y, x, best])
            {
                best = c;
            }
        }

        return best;
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

    /// <summary>(n + 1) / 2 of the unit normal, x in red. Stored normals are (n + 1) 127.5 up to a factor; both forms lie in z, y, x order.</summary>
    private static Colour Normal(Plane plane, int y, int x, bool decoded)
    {
        (double r, double g, double b) = (plane[y, x, 2], plane[y, x, 1], plane[y, x, 0]);
        if (!decoded)
        {
            (r, g, b) = Decode(r, g, b);
        }

        double length = Math.Sqrt((r * r) + (g * g) + (b * b));
        return length > 0 && double.IsFinite(length) ? Colour.Of(((r / length) + 1) / 2, ((g / length) + 1) / 2, ((b / length) + 1) / 2) : Colour.Black;
    }

    /// <summary>
    /// Only the direction of a raw prediction counts in the loss. The unit normal n whose stored form (n + 1) 127.5 has that direction q solves t^2 - 2 t sum(q) + 2 = 0,
    /// n = t q - 1; the larger root is the normal that faces the camera.
    /// </summary>
    private static (double X, double Y, double Z) Decode(double x, double y, double z)
    {
        double length = Math.Sqrt((x * x) + (y * y) + (z * z));
        if (length < 1 / RawCentre)
        {
            return (0, 0, 0);
        }

        (x, y, z) = (x / length, y / length, z / length);
        double sum = x + y + z;
        double t = sum + Math.Sqrt(Math.Max(0, (sum * sum) - 2));
        return ((t * x) - 1, (t * y) - 1, (t * z) - 1);
    }

    private static Picture Paint(Plane plane, Func<int, int, Colour> colour)
    {
        var picture = new Picture(plane.Height, plane.Width);
        for (int y = 0; y < plane.Height; y++)
        {
            for (int x = 0; x < plane.Width; x++)
            {
                picture[y, x] = colour(y, x);
            }
        }

        return picture;
    }
}
