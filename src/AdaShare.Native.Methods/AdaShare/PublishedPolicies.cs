using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;

namespace AdaShare.Native.Methods.AdaShare;

/// <summary>The policies on ResNet-34 that stand in the official code (<c>models/deeplab_resnet.py</c>), and what the paper says that they cost.</summary>
internal static class PublishedPolicies
{
    private const int Blocks = 16;

    /// <summary>Those of CityScapes (2 tasks), NYU v2 (3) and Tiny-Taskonomy (5), for which only the parameters are published.</summary>
    public static IReadOnlyList<PublishedCost> Costs { get; } =
    [
        new(2, 1, 33.35) { Gates = Skipping([5, 6, 8, 12], [2, 9]) },
        new(3, 1, 50.13) { Gates = Skipping([6], [9, 10, 11], [5, 10, 11]) },
        new(5, 1) { Gates = Skipping([], [5, 12], [4, 6], [3], [9, 10, 12]) },
    ];

    private static GateTable Skipping(params int[][] blocks) =>
        new BlockPolicy([.. blocks.Select(ofTask => Enumerable.Range(0, Blocks).Select(block => !ofTask.Contains(block)).ToArray())]).ToGates();
}
