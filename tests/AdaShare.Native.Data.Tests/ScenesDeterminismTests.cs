using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Scenes;

namespace AdaShare.Native.Data.Tests;

/// <summary>The same seed gives the same bytes, whoever asks, when and in which order; anything else gives others.</summary>
public sealed class ScenesDeterminismTests
{
    private static readonly Split[] Parts = [Split.TrainWeights, Split.TrainPolicy, Split.Validation, Split.Test];

    [Test]
    public void A_scene_has_the_bytes_that_it_always_had()
    {
        string[] hashes = [.. Enumerable.Range(0, 3).Select(i => Hash(Small(seed: 7).Render(Split.Validation, i)))];

        Assert.That(hashes, Is.EqualTo(
        [
            "A1C5B98CED47AFF3",
            "E45B8B6BD7132635",
            "3233BCC7BE40076C",
        ]));
    }

    [Test]
    public void The_picture_does_not_depend_on_counts_or_cache()
    {
        var few = new ProceduralScenes(new() { Height = 32, Width = 40, TrainWeights = 1, TrainPolicy = 1, Validation = 1, Test = 1, CacheBytes = 0 });
        var many = new ProceduralScenes(new() { Height = 32, Width = 40, TrainWeights = 30, TrainPolicy = 20 });

        foreach (Split part in Parts)
        {
            Assert.That(Hash(few.Render(part, 0)), Is.EqualTo(Hash(many.Render(part, 0))), part.ToString());
        }
    }

    [Test]
    public void Seeds_parts_and_indices_give_different_scenes()
    {
        ProceduralScenes first = Small(seed: 1);
        ProceduralScenes second = Small(seed: 2);
        var hashes = new HashSet<string>();
        foreach (Split part in Parts)
        {
            for (int i = 0; i < 4; i++)
            {
                hashes.Add(Convert.ToHexString(SHA256.HashData(first.Render(part, i).Normals)));
                hashes.Add(Convert.ToHexString(SHA256.HashData(second.Render(part, i).Normals)));
            }
        }

        Assert.That(hashes, Has.Count.EqualTo(Parts.Length * 4 * 2));
    }

    [Test]
    public void Samples_smooth_the_colours_and_leave_the_labels()
    {
        RenderedScene plain = Small(seed: 3).Render(Split.Test, 0);
        RenderedScene smooth = new ProceduralScenes(new() { Seed = 3, Height = 32, Width = 40, Samples = 3 }).Render(Split.Test, 0);

        Assert.That(smooth.Image, Is.Not.EqualTo(plain.Image));
        Assert.That(Hash(smooth with { Image = plain.Image }), Is.EqualTo(Hash(plain)));
        Assert.That(Roughness(smooth), Is.LessThan(0.9 * Roughness(plain)));
    }

    [Test]
    public void Parallel_loads_equal_serial_loads()
    {
        const int Count = 24;
        ProceduralScenes serial = Small(seed: 5);
        ProceduralScenes parallel = Small(seed: 5);
        string[] expected = [.. Enumerable.Range(0, Count).Select(i => Hash(serial.Render(Split.TrainWeights, i)))];
        var actual = new string[Count * 4];

        Parallel.For(0, actual.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            actual[i] = Hash(parallel.Render(Split.TrainWeights, i % Count)));

        Assert.That(actual, Is.EqualTo(Enumerable.Range(0, actual.Length).Select(i => expected[i % Count])));
    }

    [Test]
    public void The_cache_keeps_its_bound_and_counts_each_scene_once()
    {
        RenderedScene scene = Small(seed: 1).Render(Split.Test, 0);
        var cache = new SceneCache((scene.Bytes * 3) + 1);
        int drawn = 0;
        for (int round = 0; round < 2; round++)
        {
            Parallel.For(0, 5, i => cache.Get((Split.Test, i), _ =>
            {
                Interlocked.Increment(ref drawn);
                return scene with { };
            }));
        }

        Assert.That(cache.Bytes, Is.EqualTo(scene.Bytes * 3));
        Assert.That(drawn, Is.EqualTo(5 + 2), "three scenes are kept, two are drawn anew in the second round");
    }

    [Test]
    public void A_loaded_sample_belongs_to_the_caller()
    {
        ProceduralScenes scenes = Small(seed: 1);
        Sample first = scenes.Load(Split.Test, 1, scenes.Labels);
        foreach (Plane plane in first.Labels.Values)
        {
            Array.Clear(plane.Values);
        }

        Sample again = scenes.Load(Split.Test, 1, scenes.Labels);

        Assert.That(again.Image.Pixels.SequenceEqual(first.Image.Pixels), Is.True);
        Assert.That(again.Labels[Label.Depth].Values, Has.All.Positive);
    }

    private static ProceduralScenes Small(ulong seed) => new(new() { Seed = seed, Height = 32, Width = 40 });

    /// <summary>The mean step between neighbouring values of blue.</summary>
    private static double Roughness(RenderedScene scene) =>
        Enumerable.Range(1, (scene.Image.Length / 3) - 1).Average(i => Math.Abs(scene.Image[3 * i] - scene.Image[3 * (i - 1)]));

    private static string Hash(RenderedScene scene)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(scene.Image);
        hash.AppendData(scene.Classes);
        hash.AppendData(scene.Normals);
        hash.AppendData(MemoryMarshal.AsBytes(scene.Depth.AsSpan()));
        hash.AppendData(MemoryMarshal.AsBytes(scene.Edges.AsSpan()));
        hash.AppendData(MemoryMarshal.AsBytes(scene.Keypoints.AsSpan()));
        return Convert.ToHexString(hash.GetHashAndReset())[..16];
    }
}
