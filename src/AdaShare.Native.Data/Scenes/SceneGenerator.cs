using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Scenes;

/// <summary>Draws furnished rooms, each a pure function of the seed, the name of a part and an index.</summary>
/// <param name="seed">The seed of the data set.</param>
internal sealed class SceneGenerator(ulong seed)
{
    private const int MaxLights = 3;

    private readonly Lattice _lattice = new(RandomStream.For(seed, "scenes/lattice"));

    /// <summary>Draws one scene.</summary>
    /// <param name="part">The name of the part of the data set; different parts share no scene.</param>
    /// <param name="index">The number of the scene in its part.</param>
    public Scene Draw(string part, int index)
    {
        var random = new SceneRandom(RandomStream.For(seed, $"scenes/{part}", index));
        var palette = new Palette(random);
        Room room = new RoomLayout(palette, random).Draw();
        Camera camera = DrawCamera(room, random);
        var plan = new FloorPlan(room, camera, random);
        var store = new SolidStore(Room.Sides + room.Panels.Count);
        new FurnitureLayout(room, plan, new Furniture(store, palette, random), random).Draw();
        Solid[] solids = store.Solids;
        double warmth = random.Range(-0.12, 0.16);
        Vector3D white = new(1 + warmth, 1, 1 - warmth);
        return new(
            room,
            solids,
            store.Objects,
            DrawLights(room, solids, white, random),
            white * random.Range(0.25, 0.5),
            random.Range(0.13, 0.33),
            camera,
            _lattice);
    }

    /// <summary>The stream of the camera's noise for a scene.</summary>
    public RandomStream Noise(string part, int index) => RandomStream.For(seed, $"scenes/{part}/noise", index);

    /// <summary>The camera stands near a wall or a corner, at a sitting to standing height, and looks across the room.</summary>
    private static Camera DrawCamera(Room room, SceneRandom random)
    {
        const double WallClearance = 0.35;
        double Near(double size) => WallClearance + ((0.4 * size) - WallClearance) * random.Range(0, 1);
        double Far(double size) => size * random.Range(0.55, 1.0);
        double x = Near(room.Size.X);
        double z = Near(room.Size.Z);
        double targetX = Far(room.Size.X);
        double targetZ = Far(room.Size.Z);

        // One axis at least looks all the way across; the other is free in a third of the rooms.
        if (random.Chance(0.33))
        {
            targetX = random.Range(0.1, 0.9) * room.Size.X;
        }

        if (random.Chance(0.5))
        {
            (x, targetX) = (room.Size.X - x, room.Size.X - targetX);
        }

        if (random.Chance(0.5))
        {
            (z, targetZ) = (room.Size.Z - z, room.Size.Z - targetZ);
        }

        Vector3D position = new(x, random.Range(1.0, 1.95), z);
        Vector3D target = new(targetX, random.Range(0.2, 1.3), targetZ);
        return Camera.Looking(position, target, Turn.By(random.Range(-0.07, 0.07)), random.Range(0.5, 0.85));
    }

    private static Light[] DrawLights(Room room, Solid[] solids, Vector3D white, SceneRandom random)
    {
        const double Below = 0.2;
        var lights = new List<Light>(MaxLights)
        {
            new(
                new(room.Size.X * random.Range(0.2, 0.8), room.Size.Y - Below, room.Size.Z * random.Range(0.2, 0.8)),
                white * random.Range(0.6, 1.2),
                random.Range(2.5, 5)),
        };
        Panel? window = room.Panels.FirstOrDefault(panel => panel.Class == SceneClass.Window);
        if (window is not null && random.Chance(0.7))
        {
            Vector3D middle = room.FromSide(window.Side, window.Left + (window.Width * 0.5), window.Bottom + (window.Height * 0.5));
            Vector3D daylight = new(0.9, 1, 1.15);
            lights.Add(new(middle + (Room.Normal(window.Side) * Below), daylight * random.Range(0.5, 1.3), random.Range(2, 4)));
        }

        Solid? shade = Array.Find(solids, solid => solid.Class == SceneClass.Lamp && solid.Material.Glow > 0);
        if (shade is not null)
        {
            lights.Add(new(shade.Center, new Vector3D(1.2, 1, 0.75) * random.Range(0.4, 1.1), random.Range(0.8, 2)));
        }

        return [.. lights];
    }
}
