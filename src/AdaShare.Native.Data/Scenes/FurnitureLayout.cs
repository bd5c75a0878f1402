namespace AdaShare.Native.Data.Scenes;

/// <summary>Decides what stands in a room and where. All sizes are in metres.</summary>
/// <param name="room">The room.</param>
/// <param name="plan">The free floor.</param>
/// <param name="furniture">The builder of the pieces.</param>
/// <param name="random">The scene's random numbers.</param>
internal sealed class FurnitureLayout(Room room, FloorPlan plan, Furniture furniture, SceneRandom random)
{
    /// <summary>Furnishes the room.</summary>
    public void Draw()
    {
        if (random.Chance(0.3))
        {
            Pillar();
        }

        int pieces = 3 + random.Integer(6);
        for (int i = 0; i < pieces; i++)
        {
            switch (random.Integer(100))
            {
                case < 24:
                    Cabinet();
                    break;
                case < 44:
                    Couch();
                    break;
                case < 66:
                    Table();
                    break;
                case < 76:
                    Chair();
                    break;
                case < 83:
                    FloorLamp();
                    break;
                case < 91:
                    Ball();
                    break;
                default:
                    Boxes();
                    break;
            }
        }

        if (random.Chance(0.2))
        {
            Pendant();
        }
    }

    private Turn AnyTurn() => Turn.By(random.Range(-Math.PI, Math.PI));

    /// <summary>Most free pieces stand nearly parallel to the walls.</summary>
    private Turn TidyTurn()
    {
        Turn quarter = random.Pick(Turn.None, new Turn(0, 1), new Turn(-1, 0), new Turn(0, -1));
        return quarter.Then(Turn.By(random.Chance(0.7) ? random.Range(-0.08, 0.08) : random.Range(-0.7, 0.7)));
    }

    private void Pillar()
    {
        double width = random.Range(0.3, 1.4);
        double depth = random.Range(0.25, 0.6);
        if (plan.AgainstWall(width, depth, 0) is { } place)
        {
            furniture.Pillar(place, new(width, room.Size.Y, depth), room.Materials[(int)RoomSide.North]);
        }
    }

    private void Cabinet()
    {
        double height = random.Chance(0.5) ? random.Range(0.6, 1.1) : random.Range(1.4, Math.Min(2.2, room.Size.Y - 0.1));
        Vector3D size = new(random.Range(0.6, 2.0), height, random.Range(0.3, 0.6));
        if (plan.AgainstWall(size.X, size.Z + 0.05, 0.01) is not { } place)
        {
            return;
        }

        furniture.Cabinet(place, size);
        if (height < 1.2 && random.Chance(0.5))
        {
            OnTop(place, size);
        }
    }

    private void Couch()
    {
        bool isBed = random.Chance(0.4);
        Vector3D size = isBed
            ? new(random.Range(0.9, 1.8), random.Range(0.6, 1.2), random.Range(1.9, 2.15))
            : new(random.Range(0.9, 2.3), random.Range(0.7, 0.95), random.Range(0.8, 1.0));
        Placement? place = isBed || random.Chance(0.75)
            ? plan.AgainstWall(size.X + 0.04, size.Z, random.Range(0.01, 0.1))
            : plan.Anywhere(size.X, size.Z, TidyTurn());
        if (place is not { } found)
        {
            return;
        }

        if (isBed)
        {
            furniture.Bed(found, size);
        }
        else
        {
            furniture.Sofa(found, size);
        }
    }

    private void Table()
    {
        bool isLow = random.Chance(0.25);
        Vector3D size = new(random.Range(0.8, 1.8), isLow ? random.Range(0.35, 0.5) : random.Range(0.68, 0.8), random.Range(0.6, 1.0));
        if (plan.Anywhere(size.X, size.Z, TidyTurn()) is not { } place)
        {
            return;
        }

        furniture.Table(place, size);
        OnTop(place, size);
        int chairs = isLow ? 0 : random.Integer(5);
        for (int i = 0; i < chairs; i++)
        {
            ChairAt(place, size, i);
        }
    }

    /// <summary>Things on a table or a low cabinet, on either half of its top.</summary>
    private void OnTop(Placement below, Vector3D size)
    {
        for (int half = -1; half <= 1; half += 2)
        {
            Vector3D foot = below.Foot + below.Turn.ToRoom(new(half * size.X * 0.22, size.Y, random.Range(-0.05, 0.05)));
            Placement place = new(foot, below.Turn.Then(Turn.By(random.Range(-0.6, 0.6))));
            switch (random.Integer(20))
            {
                case < 2:
                    furniture.Lamp(place, random.Range(0.4, 0.65));
                    break;
                case < 4:
                    furniture.Box(place, new(random.Range(0.15, 0.3), random.Range(0.1, 0.3), random.Range(0.15, 0.25)));
                    break;
                case 4:
                    furniture.Ball(place, random.Range(0.08, 0.13));
                    break;
            }
        }
    }

    private void ChairAt(Placement table, Vector3D tableSize, int side)
    {
        Vector3D size = ChairSize();
        Turn outward = table.Turn.Then(side switch { 0 => Turn.None, 1 => new(-1, 0), 2 => new(0, 1), _ => new(0, -1) });
        double reach = ((side < 2 ? tableSize.Z : tableSize.X) * 0.5) + (size.Z * 0.5) + random.Range(0.03, 0.2);
        Vector3D foot = table.Foot + (outward.ToRoom(new(0, 0, 1)) * reach);
        Turn turn = outward.Then(new(-1, 0)).Then(Turn.By(random.Range(-0.25, 0.25)));

        // The plan keeps upright rectangles: a chair at a turned table may claim a part of the table's, so ask for less.
        if (plan.Take(foot, turn, size.X * 0.7, size.Z * 0.7))
        {
            furniture.Chair(new(foot, turn), size);
        }
    }

    private Vector3D ChairSize() => new(random.Range(0.4, 0.52), random.Range(0.42, 0.5), random.Range(0.4, 0.5));

    private void Chair()
    {
        Vector3D size = ChairSize();
        if (plan.Anywhere(size.X, size.Z, AnyTurn()) is { } place)
        {
            furniture.Chair(place, size);
        }
    }

    private void FloorLamp()
    {
        if (plan.Anywhere(0.5, 0.5, Turn.None) is { } place)
        {
            furniture.Lamp(place, random.Range(1.2, 1.75));
        }
    }

    private void Ball()
    {
        double radius = random.Range(0.11, 0.32);
        if (plan.Anywhere(2 * radius, 2 * radius, AnyTurn()) is { } place)
        {
            furniture.Ball(place, radius);
        }
    }

    private void Boxes()
    {
        Vector3D size = new(random.Range(0.3, 0.7), random.Range(0.2, 0.6), random.Range(0.3, 0.5));
        if (plan.Anywhere(size.X, size.Z, AnyTurn()) is not { } place)
        {
            return;
        }

        furniture.Box(place, size);
        if (random.Chance(0.4))
        {
            Vector3D upper = size * random.Range(0.5, 0.85);
            furniture.Box(new(place.Foot + new Vector3D(0, size.Y, 0), place.Turn.Then(Turn.By(random.Range(-0.6, 0.6)))), upper);
        }
    }

    private void Pendant()
    {
        double drop = random.Range(0.55, 0.8);
        if (plan.Anywhere(0.2, 0.2, Turn.None) is { } place)
        {
            furniture.Pendant(place with { Foot = place.Foot + new Vector3D(0, room.Size.Y - drop, 0) }, drop);
        }
    }
}
