using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Scenes;

namespace AdaShare.Native.Data.Tests;

/// <summary>Two hundred scenes differ so much that one answer for all pixels does badly on every task.</summary>
public sealed class ScenesVarietyTests
{
    private const int Count = 200;
    private const int Size = 40;

    private readonly List<Sample> _samples = [];

    [OneTimeSetUp]
    public void Draw()
    {
        var scenes = new ProceduralScenes(new() { Height = Size, Width = Size });
        _samples.AddRange(Enumerable.Range(0, Count).Select(i => scenes.Load(Split.TrainWeights, i, scenes.Labels)));
    }

    [Test]
    public void Every_class_occurs_none_prevails_and_some_are_rare()
    {
        double[] shares = new double[13];
        foreach (float value in Values(Label.Segmentation))
        {
            shares[(int)value] += 1.0 / (Count * Size * Size);
        }

        Assert.That(shares, Has.All.Positive);
        Assert.That(shares.Max(), Is.LessThan(0.45));
        Assert.That(shares.Count(share => share < 0.02), Is.GreaterThanOrEqualTo(3));
        Assert.That(shares.Sum(), Is.EqualTo(1).Within(1e-6), "no pixel is ignored");
    }

    [Test]
    public void The_best_single_normal_is_far_off()
    {
        float[] normals = [.. Values(Label.SurfaceNormals)];
        Vector3D[] all = [.. Enumerable.Range(0, normals.Length / 3).Select(i => new Vector3D(normals[(3 * i) + 2], normals[(3 * i) + 1], normals[3 * i]))];
        Vector3D mean = all.Aggregate(Vector3D.Zero, (sum, normal) => sum + normal).Normalized();

        Assert.That(all.Average(normal => Math.Acos(Math.Clamp(normal.Normalized().Dot(mean), -1, 1))) * 180 / Math.PI, Is.GreaterThan(45));
    }

    [Test]
    public void The_best_single_depth_is_far_off()
    {
        float[] depth = [.. Values(Label.Depth).Order()];
        float median = depth[depth.Length / 2];

        Assert.That(depth.Average(value => Math.Abs(value - median)), Is.GreaterThan(0.25 * depth.Average()));
    }

    [TestCase(LabelKind.Edges, 0.3)]
    [TestCase(LabelKind.Keypoints, 0.2)]
    public void The_best_single_strength_is_far_off(LabelKind kind, double least)
    {
        float[] values = [.. Values(Label.Of(kind)).Order()];
        float median = values[values.Length / 2];

        Assert.That(values.Average(value => Math.Abs(value - median)), Is.GreaterThan(least));
        Assert.That(values[^1], Is.GreaterThan(0.9f));
        Assert.That(values[0], Is.EqualTo(-1f));
    }

    [Test]
    public void Pictures_are_neither_dark_nor_burnt_out()
    {
        double[] means = [.. _samples.Select(sample => sample.Image.Pixels.ToArray().Average(static value => (double)value))];

        Assert.That(means, Has.All.InRange(50, 200));
        Assert.That(means.Max() - means.Min(), Is.GreaterThan(40));
        Assert.That(_samples.Average(sample => sample.Image.Pixels.ToArray().Count(value => value == 255)), Is.LessThan(0.02 * Size * Size * 3));
    }

    private IEnumerable<float> Values(Label kind) => _samples.SelectMany(sample => sample.Labels[kind].Values);
}
