using System.Security.Cryptography;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.NyuV2Mat;

namespace AdaShare.Native.Data.Tests.Dense;

/// <summary>What NYU v2's original file is read with, and needs no file: the classes of its names, and normals of its depth.</summary>
public sealed class NyuV2MatPartsTests
{
    /// <summary>The hash is of the 894 numbers 1 to 40 that public programs have of classMapping40.mat, a byte each.</summary>
    [Test]
    public void The_40_classes_are_those_of_the_public_mapping()
    {
        byte[] map = NyuV2Classes.OfLabels(40), of13 = NyuV2Classes.OfLabels(13);
        Assert.That(Convert.ToHexStringLower(SHA256.HashData([.. map.Skip(1).Select(value => (byte)(value + 1))])), Is.EqualTo("9c75cdc1ff39748751966fe8d8493b1d2ca3acda9ec861b2f70f52221d65a7bd"));
        Assert.That((map[0], of13[0]), Is.EqualTo((255, 255)));
        Assert.That(of13.Skip(1).Distinct().Order(), Is.EqualTo(Enumerable.Range(0, 13)));
        Assert.That((of13[21], of13[11], of13[157], of13[172]), Is.EqualTo((11, 4, 0, 10)), "wall, floor, bed, television");
    }

    /// <summary>Depth of known planes: the normal is theirs wherever the window lies on one plane.</summary>
    [TestCase(0, 0, -1)]
    [TestCase(0.3, -0.8, -0.5)]
    [TestCase(-0.7, 0.1, -0.6)]
    public void Normals_of_a_plane_are_its_own(double x, double y, double z)
    {
        (double fx, double cx, double fy, double cy) = (518.857901, 325.582449, 519.469611, 253.736166);
        double length = Math.Sqrt((x * x) + (y * y) + (z * z));
        float[] depth = new float[48 * 64];
        for (int i = 0; i < depth.Length; i++)
        {
            double rayX = ((((i % 64) + 0.5) * 10) + 0.5 - cx) / fx, rayY = ((((i / 64) + 0.5) * 10) + 0.5 - cy) / fy;
            double distance = -2 * length / ((x * rayX) + (y * rayY) + z);
            depth[i] = distance is > 0 and < 20 ? (float)distance : 0;
        }

        Plane normals = DepthNormals.Of(new(48, 64, 1, depth), radius: 2, decode: true);

        int counted = 0;
        for (int i = 0; i < depth.Length; i++)
        {
            if (normals.Values[3 * i] != 255)
            {
                counted++;
                Assert.That(normals.Values.AsSpan(3 * i, 3).ToArray(), Is.EqualTo([(float)(-y / length), (float)(z / length), (float)(x / length)]).Within(1e-4f));
            }
            else
            {
                Assert.That(depth[i] == 0 || i / 64 is < 2 or > 45 || i % 64 is < 2 or > 61 || depth[i] > 5, Is.True, $"no normal at {i}");
            }
        }

        Assert.That(counted, Is.GreaterThan(depth.Length / 3));
    }
}
