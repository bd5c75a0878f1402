namespace AdaShare.Native.Data.Scenes;

/// <summary>Where a ray first enters a solid. Rays start outside of every solid.</summary>
internal static class SolidIntersection
{
    private const double Smallest = 1e-12;

    /// <summary>Finds the entry of a ray, given in the solid's own axes with its centre as the origin.</summary>
    /// <param name="solid">The solid.</param>
    /// <param name="origin">Where the ray starts.</param>
    /// <param name="direction">Where it goes; it need not have length 1.</param>
    /// <param name="distance">How far the entry is, in lengths of <paramref name="direction"/>.</param>
    /// <param name="normal">The outward normal at the entry, in the solid's own axes, of length 1.</param>
    /// <returns>False where the ray misses the solid.</returns>
    public static bool Find(Solid solid, Vector3D origin, Vector3D direction, out double distance, out Vector3D normal) => solid.Shape switch
    {
        SolidShape.Cuboid => Cuboid(solid, origin, direction, out distance, out normal),
        SolidShape.Wedge => Cuboid(solid, origin, direction, out distance, out normal),
        SolidShape.Cylinder => Cylinder(solid, origin, direction, out distance, out normal),
        _ => Ellipsoid(solid, origin, direction, out distance, out normal),
    };

    private static bool Cuboid(Solid solid, Vector3D o, Vector3D d, out double distance, out Vector3D normal)
    {
        (double nearX, double farX) = Slab(o.X, d.X, solid.Half.X);
        (double nearY, double farY) = Slab(o.Y, d.Y, solid.Half.Y);
        (double nearZ, double farZ) = Slab(o.Z, d.Z, solid.Half.Z);
        double leave = Math.Min(Math.Min(farX, farY), farZ);
        distance = Math.Max(Math.Max(nearX, nearY), nearZ);
        normal = default;
        if (distance >= leave)
        {
            return false;
        }

        bool isSlope = solid.Shape == SolidShape.Wedge && !IsUnderSlope(solid, o, d, ref distance, ref leave, ref normal);
        if (distance <= Smallest || distance >= leave)
        {
            return false;
        }

        if (!isSlope)
        {
            normal = distance == nearX ? new(d.X > 0 ? -1 : 1, 0, 0)
                : distance == nearY ? new(0, d.Y > 0 ? -1 : 1, 0)
                : new(0, 0, d.Z > 0 ? -1 : 1);
        }

        return true;
    }

    private static (double Near, double Far) Slab(double o, double d, double half)
    {
        // A direction of exactly zero would give 0 * infinity on the surface.
        double inverse = 1 / (Math.Abs(d) < Smallest ? Smallest : d);
        double first = (-half - o) * inverse;
        double second = (half - o) * inverse;
        return (Math.Min(first, second), Math.Max(first, second));
    }

    /// <summary>Cuts the ray at the sloping top of a wedge: it is outside while outside + speed * t is positive.</summary>
    /// <returns>False where the ray enters through the slope; then distance and normal are those of the slope.</returns>
    private static bool IsUnderSlope(Solid solid, Vector3D o, Vector3D d, ref double distance, ref double leave, ref Vector3D normal)
    {
        double outside = o.Y - solid.Half.Y + (solid.Taper * (o.Z + solid.Half.Z));
        double speed = d.Y + (solid.Taper * d.Z);
        if (Math.Abs(speed) < Smallest)
        {
            leave = outside > 0 ? -1 : leave;
            return true;
        }

        double t = -outside / speed;
        if (speed > 0)
        {
            leave = Math.Min(leave, t);
            return true;
        }

        if (t <= distance)
        {
            return true;
        }

        distance = t;
        normal = new Vector3D(0, 1, solid.Taper).Normalized();
        return false;
    }

    private static bool Cylinder(Solid solid, Vector3D o, Vector3D d, out double distance, out Vector3D normal)
    {
        // The radius at height y is mean + growth * y.
        double mean = solid.Half.X * (1 + solid.Taper) * 0.5;
        double growth = solid.Half.X * (solid.Taper - 1) * 0.5 / solid.Half.Y;
        double start = mean + (growth * o.Y);
        double slope = growth * d.Y;
        double a = (d.X * d.X) + (d.Z * d.Z) - (slope * slope);
        double b = (o.X * d.X) + (o.Z * d.Z) - (start * slope);
        double c = (o.X * o.X) + (o.Z * o.Z) - (start * start);
        double discriminant = (b * b) - (a * c);
        distance = double.MaxValue;
        normal = default;
        if (discriminant > 0 && Math.Abs(a) > Smallest)
        {
            double root = Math.Sqrt(discriminant);
            Side((-b - root) / a, ref distance, ref normal);
            Side((-b + root) / a, ref distance, ref normal);
        }

        if (Math.Abs(d.Y) > Smallest)
        {
            double cap = d.Y > 0 ? -solid.Half.Y : solid.Half.Y;
            double t = (cap - o.Y) / d.Y;
            double x = o.X + (d.X * t);
            double z = o.Z + (d.Z * t);
            double radius = mean + (growth * cap);
            if (t > Smallest && t < distance && (x * x) + (z * z) <= radius * radius)
            {
                distance = t;
                normal = new(0, d.Y > 0 ? -1 : 1, 0);
            }
        }

        return distance < double.MaxValue;

        void Side(double t, ref double best, ref Vector3D bestNormal)
        {
            double y = o.Y + (d.Y * t);
            double radius = mean + (growth * y);
            if (t > Smallest && t < best && Math.Abs(y) <= solid.Half.Y && radius > 0)
            {
                best = t;
                bestNormal = new Vector3D(o.X + (d.X * t), -growth * radius, o.Z + (d.Z * t)).Normalized();
            }
        }
    }

    private static bool Ellipsoid(Solid solid, Vector3D o, Vector3D d, out double distance, out Vector3D normal)
    {
        Vector3D inverse = new(1 / solid.Half.X, 1 / solid.Half.Y, 1 / solid.Half.Z);
        Vector3D from = o * inverse;
        Vector3D along = d * inverse;
        double a = along.Dot(along);
        double b = from.Dot(along);
        double discriminant = (b * b) - (a * (from.Dot(from) - 1));
        distance = 0;
        normal = default;
        if (discriminant <= 0)
        {
            return false;
        }

        distance = (-b - Math.Sqrt(discriminant)) / a;
        normal = ((from + (along * distance)) * inverse).Normalized();
        return distance > Smallest;
    }
}
