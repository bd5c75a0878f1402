namespace AdaShare.Native.Data.Scenes;

/// <summary>Collects the solids of a scene, object by object.</summary>
/// <param name="firstInstance">The number of the first object; those below are sides and panels of the room.</param>
internal sealed class SolidStore(int firstInstance)
{
    private readonly List<Solid> _solids = [];
    private readonly List<SceneObject> _objects = [];
    private Placement _placement;
    private SceneClass _class;
    private int _first;

    /// <summary>Every solid so far.</summary>
    public Solid[] Solids => [.. _solids];

    /// <summary>Every finished object so far.</summary>
    public SceneObject[] Objects => [.. _objects];

    /// <summary>Starts an object: what follows belongs to it, in its axes, until <see cref="Finish"/>.</summary>
    public void Begin(SceneClass sceneClass, Placement placement)
    {
        _class = sceneClass;
        _placement = placement;
        _first = _solids.Count;
    }

    /// <summary>Adds a cuboid from its bottom up.</summary>
    /// <param name="x">The centre along the object's x axis, in metres.</param>
    /// <param name="bottom">The height of its underside above the foot.</param>
    /// <param name="z">The centre along the object's z axis.</param>
    /// <param name="size">Its full size.</param>
    /// <param name="material">What it is made of.</param>
    /// <param name="front">The material of its front, or null for the same.</param>
    /// <param name="isLandmark">Whether its corners are keypoints.</param>
    public void Cuboid(double x, double bottom, double z, Vector3D size, Material material, Material? front = null, bool isLandmark = false) =>
        Add(SolidShape.Cuboid, x, bottom, z, size, 0, material, front, isLandmark);

    /// <summary>Adds a cuboid whose top falls towards the front, by <paramref name="fall"/> metres a metre.</summary>
    public void Wedge(double x, double bottom, double z, Vector3D size, double fall, Material material, bool isLandmark = false) =>
        Add(SolidShape.Wedge, x, bottom, z, size, fall, material, null, isLandmark);

    /// <summary>Adds an upright frustum; <paramref name="taper"/> is the radius at the top over that at the bottom.</summary>
    public void Cylinder(double x, double bottom, double z, double radius, double height, double taper, Material material) =>
        Add(SolidShape.Cylinder, x, bottom, z, new(2 * radius, height, 2 * radius), taper, material, null, false);

    /// <summary>Adds a ball, squashed to a size.</summary>
    public void Ellipsoid(double x, double bottom, double z, Vector3D size, Material material) =>
        Add(SolidShape.Ellipsoid, x, bottom, z, size, 0, material, null, false);

    /// <summary>Ends an object.</summary>
    public void Finish()
    {
        Vector3D low = new(double.MaxValue, double.MaxValue, double.MaxValue);
        Vector3D high = low * -1;
        for (int i = _first; i < _solids.Count; i++)
        {
            for (int k = 0; k < 8; k++)
            {
                Vector3D corner = _solids[i].BoundingCorner(k);
                low = new(Math.Min(low.X, corner.X), Math.Min(low.Y, corner.Y), Math.Min(low.Z, corner.Z));
                high = new(Math.Max(high.X, corner.X), Math.Max(high.Y, corner.Y), Math.Max(high.Z, corner.Z));
            }
        }

        _objects.Add(new(_first, _solids.Count - _first, (low + high) * 0.5, (high - low).Length * 0.5));
    }

    private void Add(
        SolidShape shape, double x, double bottom, double z, Vector3D size, double taper, Material material, Material? front, bool isLandmark)
    {
        Vector3D half = size * 0.5;
        Vector3D center = _placement.Foot + _placement.Turn.ToRoom(new(x, bottom + half.Y, z));
        _solids.Add(new(shape, center, _placement.Turn, half, taper, material, front ?? material, _class, firstInstance + _objects.Count, isLandmark));
    }
}
