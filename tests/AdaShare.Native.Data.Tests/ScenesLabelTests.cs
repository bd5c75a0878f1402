using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Scenes;

namespace AdaShare.Native.Data.Tests;

/// <summary>The labels of a scene agree with one another and with the geometry that they come from.</summary>
public sealed class ScenesLabelTests
{
    private const int Height = 48;
    private const int Width = 64;
    private const ulong Seed = 11;
    private const int Count = 24;

    private static readonly ProceduralScenes Scenes = new(new() { Seed = Seed, Height = Height, Width = Width });

    [Test]
    public void Normals_have_length_one_and_face_the_camera()
    {
        for (int i = 0; i < Count; i++)
        {
            Scene scene = Draw(i);
            Plane normals = PlaneOf(i, Label.SurfaceNormals);
            for (int y = 0; y < Height; y++)
            {
                for (int x = 0; x < Width; x++)
                {
                    Vector3D normal = Normal(normals, y, x);
                    Vector3D ray = CameraRay(scene, y, x);
                    if (Math.Abs(normal.Length - 1) > 0.01 || normal.Dot(ray) > 0.01 * ray.Length)
                    {
                        Assert.Fail($"scene {i}, row {y}, column {x}: normal {normal}, ray {ray}");
                    }
                }
            }
        }
    }

    [Test]
    public void Normals_are_those_of_the_surface_that_the_depth_describes()
    {
        int compared = 0;
        int wrong = 0;
        for (int i = 0; i < Count; i++)
        {
            Scene scene = Draw(i);
            Plane normals = PlaneOf(i, Label.SurfaceNormals);
            Plane depth = PlaneOf(i, Label.Depth);
            for (int y = 0; y + 1 < Height; y++)
            {
                for (int x = 0; x + 1 < Width; x++)
                {
                    Vector3D normal = Normal(normals, y, x);
                    if ((normal - Normal(normals, y, x + 1)).Length > 0 || (normal - Normal(normals, y + 1, x)).Length > 0)
                    {
                        continue;
                    }

                    Vector3D here = CameraRay(scene, y, x) * depth[y, x, 0];
                    Vector3D right = (CameraRay(scene, y, x + 1) * depth[y, x + 1, 0]) - here;
                    Vector3D down = (CameraRay(scene, y + 1, x) * depth[y + 1, x, 0]) - here;
                    compared++;
                    wrong += down.Cross(right).Normalized().Dot(normal.Normalized()) > 0.999 ? 0 : 1;
                }
            }
        }

        // Where two parallel surfaces meet, the difference of depths says nothing of either.
        Assert.That(compared, Is.GreaterThan(Count * Height * Width / 2));
        Assert.That(wrong, Is.LessThan(compared * 0.04));
    }

    [Test]
    public void Depth_is_positive_and_no_longer_than_the_room()
    {
        for (int i = 0; i < Count; i++)
        {
            Assert.That(PlaneOf(i, Label.Depth).Values, Has.All.InRange(0.02f, (float)Draw(i).Room.Size.Length));
        }
    }

    [Test]
    public void Floors_look_up_ceilings_look_down_and_both_keep_their_height()
    {
        for (int i = 0; i < Count; i++)
        {
            Scene scene = Draw(i);
            Plane classes = PlaneOf(i, Label.Segmentation);
            Plane depth = PlaneOf(i, Label.Depth);
            for (int y = 0; y < Height; y++)
            {
                for (int x = 0; x < Width; x++)
                {
                    double up = (scene.Camera.Position + (scene.Camera.Ray(x + 0.5, y + 0.5, Height, Width) * depth[y, x, 0])).Y;
                    double expected = (SceneClass)classes[y, x, 0] switch { SceneClass.Floor => 0, SceneClass.Ceiling => scene.Room.Size.Y, _ => up };
                    if (Math.Abs(up - expected) > 1e-5)
                    {
                        Assert.Fail($"scene {i}, row {y}, column {x}: {(SceneClass)classes[y, x, 0]} at height {up}");
                    }
                }
            }
        }
    }

    [Test]
    public void Edges_stand_at_every_change_of_class_and_at_every_leap_of_depth()
    {
        int flat = 0;
        for (int i = 0; i < Count; i++)
        {
            Plane classes = PlaneOf(i, Label.Segmentation);
            Plane depth = PlaneOf(i, Label.Depth);
            Plane edges = PlaneOf(i, Label.Edges);
            Assert.That(edges.Values, Has.All.InRange(-1f, 1f));
            flat += edges.Values.Count(value => value == -1);
            for (int y = 0; y < Height; y++)
            {
                for (int x = 0; x + 1 < Width; x++)
                {
                    bool changes = classes[y, x, 0] != classes[y, x + 1, 0];
                    bool leaps = Math.Max(depth[y, x, 0], depth[y, x + 1, 0]) > 1.5 * Math.Min(depth[y, x, 0], depth[y, x + 1, 0]);
                    if ((changes && edges[y, x, 0] < 0) || (changes && leaps && edges[y, x, 0] < 0.39f))
                    {
                        Assert.Fail($"scene {i}, row {y}, column {x}: edge strength {edges[y, x, 0]}");
                    }
                }
            }
        }

        Assert.That(flat, Is.GreaterThan(Count * Height * Width / 4), "most of a room is smooth");
    }

    [Test]
    public void Keypoints_stand_on_visible_corners_of_the_room_and_not_on_hidden_ones()
    {
        int visible = 0;
        int hidden = 0;
        for (int i = 0; i < Count; i++)
        {
            Scene scene = Draw(i);
            Plane keypoints = PlaneOf(i, Label.Keypoints);
            Plane depth = PlaneOf(i, Label.Depth);
            Assert.That(keypoints.Values, Has.All.InRange(-1f, 1f));
            foreach (Vector3D corner in RoomCorners(scene.Room.Size))
            {
                (double x, double y, double away) = scene.Camera.Project(corner, Height, Width);
                if (away <= 0 || x < 0 || x >= Width || y < 0 || y >= Height)
                {
                    continue;
                }

                // The depth label is the judge of what hides the corner; the pixel around it may see it a little nearer.
                if (depth[(int)y, (int)x, 0] > 0.95 * away)
                {
                    visible++;
                    Assert.That(keypoints[(int)y, (int)x, 0], Is.GreaterThan(0.5), $"scene {i}, corner {corner}");
                }
                else
                {
                    hidden += scene.IsVisible(corner) ? 0 : 1;
                }
            }
        }

        Assert.That(visible, Is.GreaterThan(10));
        Assert.That(hidden, Is.GreaterThan(0));
    }

    [Test]
    public void A_corner_behind_a_box_has_no_keypoint()
    {
        Scene empty = Draw(0) with { Solids = [], Objects = [] };
        Vector3D corner = RoomCorners(empty.Room.Size).First(point => empty.Camera.Project(point, Height, Width) is var (x, y, z)
            && z > 0 && x > 0 && x < Width && y > 0 && y < Height);
        (double column, double row, _) = empty.Camera.Project(corner, Height, Width);
        Vector3D half = new(0.3, 0.3, 0.3);
        Material paint = empty.Room.Materials[0];
        var box = new Solid(SolidShape.Cuboid, Vector3D.Lerp(empty.Camera.Position, corner, 0.5), Turn.None, half, 0, paint, paint, SceneClass.Box, 99, false);
        Scene blocked = empty with { Solids = [box], Objects = [new(0, 1, box.Center, half.Length)] };

        int index = ((int)row * Width) + (int)column;
        Assert.That(KeypointMap.Draw(empty, Height, Width)[index], Is.GreaterThan(0.5));
        Assert.That(KeypointMap.Draw(blocked, Height, Width)[index], Is.EqualTo(-1));
    }

    private static Scene Draw(int index) => new SceneGenerator(Seed).Draw(ProceduralScenes.PartName(Split.TrainWeights), index);

    private static Plane PlaneOf(int index, Label kind) => Scenes.Load(Split.TrainWeights, index, [kind]).Labels[kind];

    private static Vector3D Normal(Plane plane, int y, int x) => new(plane[y, x, 2], plane[y, x, 1], plane[y, x, 0]);

    /// <summary>Written out anew: x to the right, y up, z towards the viewer, one metre deep.</summary>
    private static Vector3D CameraRay(Scene scene, int y, int x)
    {
        double pitch = 2 * scene.Camera.Spread / Width;
        return new((x + 0.5 - (Width / 2.0)) * pitch, ((Height / 2.0) - y - 0.5) * pitch, -1);
    }

    private static IEnumerable<Vector3D> RoomCorners(Vector3D size) =>
        from x in (double[])[0, size.X] from y in (double[])[0, size.Y] from z in (double[])[0, size.Z] select new Vector3D(x, y, z);
}
