using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Tests;

/// <summary>Rays meet solids where the solids' own equations say so.</summary>
public sealed class ScenesGeometryTests
{
    private const int Rays = 2000;
    private static readonly Vector3D Half = new(0.5, 0.7, 0.5);

    [TestCase("Cuboid", 0.0)]
    [TestCase("Wedge", 0.9)]
    [TestCase("Cylinder", 1.0)]
    [TestCase("Cylinder", 0.3)]
    [TestCase("Ellipsoid", 0.0)]
    public void A_ray_enters_at_the_surface_and_nowhere_before(string shape, double taper)
    {
        Solid solid = Make(Enum.Parse<SolidShape>(shape), taper);
        var random = new SceneRandom(RandomStream.For(3, shape));
        int hits = 0;
        for (int i = 0; i < Rays; i++)
        {
            Vector3D origin = new(random.Range(-3, 3), random.Range(-3, 3), 3 * random.Pick(-1, 1));
            Vector3D direction = new Vector3D(random.Range(-0.6, 0.6), random.Range(-0.8, 0.8), random.Range(-0.6, 0.6)) - origin;
            bool isHit = SolidIntersection.Find(solid, origin, direction, out double distance, out Vector3D normal);
            hits += isHit ? 1 : 0;
            double end = isHit ? distance : 2;
            for (int k = 0; k < 100; k++)
            {
                double outside = Outside(solid, origin + (direction * (end * (k / 100.0))));
                Assert.That(outside, Is.GreaterThan(isHit ? 0 : -1e-3), "the way to the entry lies outside");
            }

            if (isHit)
            {
                Vector3D point = origin + (direction * distance);
                Assert.That(Outside(solid, point), Is.EqualTo(0).Within(1e-9));
                Assert.That(normal.Length, Is.EqualTo(1).Within(1e-9));
                Assert.That(normal.Dot(direction), Is.Negative);
                Assert.That(Outside(solid, point + (normal * 1e-3)), Is.EqualTo(1e-3).Within(5e-4), "the normal leads straight out");
            }
        }

        Assert.That(hits, Is.InRange(Rays / 3, Rays - 10));
    }

    [Test]
    public void Turns_agree_with_the_sine_and_cosine_of_the_platform()
    {
        for (double angle = -Math.PI; angle <= Math.PI; angle += 0.01)
        {
            Turn turn = Turn.By(angle);
            Assert.That(turn.Cos, Is.EqualTo(Math.Cos(angle)).Within(1e-9));
            Assert.That(turn.Sin, Is.EqualTo(Math.Sin(angle)).Within(1e-9));
            Vector3D v = new(0.3, -2, 1.7);
            Assert.That((turn.ToObject(turn.ToRoom(v)) - v).Length, Is.LessThan(1e-8));
        }
    }

    [Test]
    public void A_point_projects_to_the_pixel_whose_ray_leads_to_it()
    {
        Camera camera = Camera.Looking(new(1, 1.5, 0.5), new(3, 0.4, 4), Turn.By(0.05), 0.7);
        for (double x = 0.5; x < 40; x += 3)
        {
            for (double y = 0.5; y < 30; y += 3)
            {
                Vector3D ray = camera.Ray(x, y, 30, 40);
                (double column, double row, double depth) = camera.Project(camera.Position + (ray * 2.5), 30, 40);
                Assert.That((column, row, depth), Is.EqualTo((x, y, 2.5)).Within(1e-9));
            }
        }

        Assert.That(camera.Right.Cross(camera.Up).Dot(camera.Forward), Is.EqualTo(-1).Within(1e-12), "right, up and backwards are right-handed");
    }

    [Test]
    public void Nothing_stands_outside_of_the_room_or_in_the_camera()
    {
        var generator = new SceneGenerator(1);
        for (int i = 0; i < 100; i++)
        {
            Scene scene = generator.Draw("test", i);
            foreach (Solid solid in scene.Solids)
            {
                for (int k = 0; k < 8; k++)
                {
                    Vector3D corner = solid.BoundingCorner(k);
                    Vector3D size = scene.Room.Size;
                    bool inside = corner.X > -0.3 && corner.Y > -1e-9 && corner.Z > -0.3
                        && corner.X < size.X + 0.3 && corner.Y < size.Y + 0.3 && corner.Z < size.Z + 0.3;
                    Assert.That(inside, Is.True, $"scene {i}: {solid.Class} reaches {corner} in a room of {size}");
                }

                Vector3D camera = solid.Turn.ToObject(scene.Camera.Position - solid.Center);
                bool holds = Math.Abs(camera.X) < solid.Half.X && Math.Abs(camera.Y) < solid.Half.Y && Math.Abs(camera.Z) < solid.Half.Z;
                Assert.That(holds, Is.False, $"scene {i}: the camera is in a {solid.Class}");
            }
        }
    }

    private static Solid Make(SolidShape shape, double taper)
    {
        var paint = new Material(Pattern.Plain, new(1, 1, 1), new(1, 1, 1), new(1, 1, 1), 1, 0);
        return new(shape, Vector3D.Zero, Turn.None, Half, taper, paint, paint, SceneClass.Box, 0, false);
    }

    /// <summary>How far a point lies outside of a solid at the origin, right near its surface; negative inside.</summary>
    private static double Outside(Solid solid, Vector3D p)
    {
        Vector3D h = solid.Half;
        double side = Math.Max(Math.Abs(p.X) - h.X, Math.Abs(p.Z) - h.Z);
        double top = Math.Abs(p.Y) - h.Y;
        double taper = solid.Taper;
        switch (solid.Shape)
        {
            case SolidShape.Cuboid:
                return Math.Max(side, top);
            case SolidShape.Wedge:
                return Math.Max(Math.Max(side, top), (p.Y - h.Y + (taper * (p.Z + h.Z))) / Math.Sqrt(1 + (taper * taper)));
            case SolidShape.Cylinder:
                double slope = h.X * (taper - 1) / (2 * h.Y);
                double radius = h.X + (slope * (p.Y + h.Y));
                return Math.Max(top, (Math.Sqrt((p.X * p.X) + (p.Z * p.Z)) - radius) / Math.Sqrt(1 + (slope * slope)));
            default:
                Vector3D scaled = new(p.X / h.X, p.Y / h.Y, p.Z / h.Z);
                Vector3D gradient = new(scaled.X / h.X, scaled.Y / h.Y, scaled.Z / h.Z);
                return (scaled.Length - 1) * scaled.Length / gradient.Length;
        }
    }
}
