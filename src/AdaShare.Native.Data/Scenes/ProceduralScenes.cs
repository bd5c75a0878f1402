using System.Globalization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Scenes;

/// <summary>
/// Furnished, textured, lit rooms with exact labels for all five tasks, drawn from a seed when they are asked for: the data set that needs no
/// download.
/// </summary>
/// <remarks>
/// A scene depends on the seed, its part and its index in the part alone: not on the counts, the size of the picture or the order of
/// loading. The parts share no scene. Labels:
/// <list type="bullet">
/// <item>Segmentation: a <see cref="SceneClass"/>; no pixel is ignored.</item>
/// <item>Surface normals: in the camera's axes (x to the right, y up, z towards the viewer), so that z is mostly positive; channels in
/// B, G, R order, that is (z, y, x), from 8-bit values v = min(254, round((n + 1) * 127.5)); decoded v / 127.5 - 1.</item>
/// <item>Depth: planar, in metres along the optical axis, single precision.</item>
/// <item>Edges, keypoints: in [-1, 1], from geometry alone; an edge is 1 where something ends in front of something far behind it, 0.4 at a fold,
/// 0 where objects meet in one plane; a keypoint is a spot on a visible corner.</item>
/// </list>
/// </remarks>
public sealed class ProceduralScenes : IDataset
{
    /// <summary>The single parts, in the order in which their scenes are numbered.</summary>
    internal static readonly Split[] Parts = [Split.TrainWeights, Split.TrainPolicy, Split.Validation, Split.Test];

    private readonly SceneGenerator _generator;
    private readonly SceneCache _cache;

    /// <summary>Creates the data set; scenes are drawn when they are loaded.</summary>
    /// <exception cref="ConfigurationException">An option is out of its range; the message names it.</exception>
    public ProceduralScenes(ProceduralSceneOptions options)
    {
        options.Check();
        Options = options;
        _generator = new(options.Seed);
        _cache = new(options.CacheBytes);
    }

    /// <summary>What the data set draws.</summary>
    public ProceduralSceneOptions Options { get; }

    /// <inheritdoc/>
    public string Name => "procedural scenes";

    /// <summary>All five kinds.</summary>
    public IReadOnlyList<Label> Labels { get; } =
        [Label.Segmentation, Label.SurfaceNormals, Label.Depth, Label.Keypoints, Label.Edges];

    /// <inheritdoc/>
    public int ClassesOf(Label label) => ClassNamesOf(label).Count;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNamesOf(Label label) => label == Label.Segmentation ? ClassNames : [];

    /// <summary>The names of the <see cref="SceneClass"/> values in lower case, in the order of the class ids.</summary>
    public IReadOnlyList<string> ClassNames { get; } = Array.ConvertAll(Enum.GetNames<SceneClass>(), name => name.ToLowerInvariant());

    /// <inheritdoc/>
    public int Count(Split split) => split switch
    {
        Split.Train => Options.TrainWeights + Options.TrainPolicy,
        Split.TrainWeights => Options.TrainWeights,
        Split.TrainPolicy => Options.TrainPolicy,
        Split.Validation => Options.Validation,
        Split.Test => Options.Test,
        _ => throw new ArgumentOutOfRangeException(nameof(split), split, "not a part of a data set"),
    };

    /// <summary>
    /// The number of the scene among all parts (weights, policy, validation, test), with at least four digits: its file name when it is
    /// written.
    /// </summary>
    public string Id(Split split, int index)
    {
        (Split part, int inPart) = Locate(split, index);
        int before = Parts.TakeWhile(other => other != part).Sum(Count);
        return (before + inPart).ToString("D4", CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public string Origin => string.Create(
        CultureInfo.InvariantCulture, $"scenes of seed {Options.Seed}, {Options.Height}x{Options.Width} pixels, {Options.Samples} {(Options.Samples == 1 ? "sample" : "samples")} along each side of a pixel");

    /// <inheritdoc/>
    public string Reading => Options.DecodeNormals ? "normals decoded" : "normals as stored";

    /// <inheritdoc/>
    /// <exception cref="DataException">A label is asked for that the data set does not have.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such scene.</exception>
    public Sample Load(Split split, int index, IReadOnlyList<Label> labels)
    {
        RenderedScene scene = Render(split, index);
        var planes = new Dictionary<Label, Plane>(labels.Count);
        foreach (Label label in labels)
        {
            if (!Labels.Contains(label))
            {
                throw new DataException($"{Name}: there is no label '{label}'; ask for some of {string.Join(", ", Labels)}");
            }

            planes[label] = scene.LabelPlane(label.Kind, Options.DecodeNormals);
        }

        return new(Id(split, index), scene.Picture(), planes);
    }

    /// <summary>The scene as it is stored, from the cache if it is there.</summary>
    internal RenderedScene Render(Split split, int index) => _cache.Get(Locate(split, index), key => Draw(key.Part, key.Index));

    /// <summary>The scene as it is stored, drawn anew and not kept.</summary>
    /// <param name="part">A single part of the data set.</param>
    /// <param name="index">The index in the part.</param>
    internal RenderedScene Draw(Split part, int index)
    {
        string name = PartName(part);
        Scene scene = _generator.Draw(name, index);
        return SceneRenderer.Render(scene, Options.Height, Options.Width, Options.Samples, _generator.Noise(name, index));
    }

    /// <summary>The name of a part in the files of the NYU v2 layout, which also names its random stream.</summary>
    internal static string PartName(Split part) => part switch
    {
        Split.TrainWeights => "train1",
        Split.TrainPolicy => "train2",
        Split.Validation => "val",
        Split.Test => "test",
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, "not a single part of a data set"),
    };

    /// <summary>The part and the index in it; the whole training set is the part for weights, followed by the part for the policy.</summary>
    private (Split Part, int Index) Locate(Split split, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count(split));
        if (split != Split.Train)
        {
            return (split, index);
        }

        return index < Options.TrainWeights ? (Split.TrainWeights, index) : (Split.TrainPolicy, index - Options.TrainWeights);
    }
}
