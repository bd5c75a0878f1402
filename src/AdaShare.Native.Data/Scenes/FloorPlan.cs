namespace AdaShare.Native.Data.Scenes;

/// <summary>Where an object stands: the middle of its foot, and where its front looks.</summary>
/// <param name="Foot">The middle of its foot, in metres in the room.</param>
/// <param name="Turn">The rotation of its axes; its front is its own +z side.</param>
internal readonly record struct Placement(Vector3D Foot, Turn Turn);

/// <summary>Finds free places on the floor, before all in what the camera sees.</summary>
/// <param name="room">The room.</param>
/// <param name="camera">The camera, which needs room of its own.</param>
/// <param name="random">The scene's random numbers.</param>
internal sealed class FloorPlan(Room room, Camera camera, SceneRandom random)
{
    private const int Tries = 24;
    private const double CameraClearance = 0.75;
    private const double DoorClearance = 0.35;

    private readonly List<(double Left, double Top, double Right, double Bottom)> _taken =
    [
        (camera.Position.X - CameraClearance, camera.Position.Z - CameraClearance, camera.Position.X + CameraClearance, camera.Position.Z + CameraClearance),
        .. room.Panels.Where(panel => panel.Class == SceneClass.Door).Select(door => InFront(room, door)),
    ];

    /// <summary>A place with the back to a wall, and its back <paramref name="gap"/> metres from it.</summary>
    /// <param name="width">The size along the wall in metres.</param>
    /// <param name="depth">The size away from the wall.</param>
    /// <param name="gap">The distance from the wall.</param>
    /// <returns>Null where none was found.</returns>
    public Placement? AgainstWall(double width, double depth, double gap)
    {
        for (int i = 0; i < Tries; i++)
        {
            RoomSide side = random.Pick(RoomSide.West, RoomSide.East, RoomSide.North, RoomSide.South);
            double extent = room.Extent(side).U;
            double along = random.Range(width * 0.5, extent - (width * 0.5));
            Vector3D inward = Room.Normal(side);
            Vector3D foot = room.FromSide(side, along, 0) + (inward * (gap + (depth * 0.5)));
            if (extent > width && IsWelcome(foot, i) && Take(foot, Facing(inward), width, depth))
            {
                return new(foot, Facing(inward));
            }
        }

        return null;
    }

    /// <summary>A place anywhere on the floor.</summary>
    /// <param name="width">The size along the object's own x axis in metres.</param>
    /// <param name="depth">The size along its own z axis.</param>
    /// <param name="turn">Its rotation.</param>
    /// <returns>Null where none was found.</returns>
    public Placement? Anywhere(double width, double depth, Turn turn)
    {
        for (int i = 0; i < Tries; i++)
        {
            Vector3D foot = new(random.Range(0.1, room.Size.X - 0.1), 0, random.Range(0.1, room.Size.Z - 0.1));
            if (IsWelcome(foot, i) && Take(foot, turn, width, depth))
            {
                return new(foot, turn);
            }
        }

        return null;
    }

    /// <summary>Takes a place if it is in the room and free.</summary>
    public bool Take(Vector3D foot, Turn turn, double width, double depth)
    {
        double halfX = ((Math.Abs(turn.Cos) * width) + (Math.Abs(turn.Sin) * depth)) * 0.5;
        double halfZ = ((Math.Abs(turn.Sin) * width) + (Math.Abs(turn.Cos) * depth)) * 0.5;
        (double Left, double Top, double Right, double Bottom) place = (foot.X - halfX, foot.Z - halfZ, foot.X + halfX, foot.Z + halfZ);
        const double Slack = 1e-9;
        if (place.Left < -Slack || place.Top < -Slack || place.Right > room.Size.X + Slack || place.Bottom > room.Size.Z + Slack)
        {
            return false;
        }

        foreach ((double left, double top, double right, double bottom) in _taken)
        {
            if (place.Left < right && left < place.Right && place.Top < bottom && top < place.Bottom)
            {
                return false;
            }
        }

        _taken.Add(place);
        return true;
    }

    /// <summary>The rotation by which an object's front looks along a horizontal direction of length 1.</summary>
    public static Turn Facing(Vector3D direction) => new(direction.Z, direction.X);

    /// <summary>The first tries ask for a place in view, the later ones take any.</summary>
    private bool IsWelcome(Vector3D foot, int attempt)
    {
        Vector3D way = foot - camera.Position;
        double depth = way.Dot(camera.Forward);
        return attempt > Tries * 3 / 4 || (depth > 1 && Math.Abs(way.Dot(camera.Right)) < depth * camera.Spread);
    }

    private static (double Left, double Top, double Right, double Bottom) InFront(Room room, Panel door)
    {
        Vector3D first = room.FromSide(door.Side, door.Left, 0);
        Vector3D last = room.FromSide(door.Side, door.Left + door.Width, 0) + (Room.Normal(door.Side) * DoorClearance);
        return (Math.Min(first.X, last.X), Math.Min(first.Z, last.Z), Math.Max(first.X, last.X), Math.Max(first.Z, last.Z));
    }
}
