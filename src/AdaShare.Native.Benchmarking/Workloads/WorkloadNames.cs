using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Benchmarking.Workloads;

/// <summary>Networks and tasks by the names that they have in benchmarks.</summary>
public static class WorkloadNames
{
    /// <summary>Hidden channels of the published heads.</summary>
    public const int PublishedHeadChannels = 1024;

    private const int PublishedStemChannels = 64;

    /// <summary>The tasks of some names with the channels and loss weights of the published NYU v2 networks; keypoints and edges, which those do not have, with the weights for Taskonomy; two classes of <c>class</c>.</summary>
    /// <param name="names">Any of <see cref="TaskRegistry.Names"/>; a name may repeat.</param>
    /// <exception cref="Engine.Errors.ConfigurationException">A task is not known.</exception>
    public static IReadOnlyList<TaskSpec> Tasks(IEnumerable<string> names) => [.. names.Select(static name => name switch
    {
        "seg" => TaskSpec.Of(name, 40, 1),
        "sn" => TaskSpec.Of(name, 3, 20),
        "depth" => TaskSpec.Of(name, 1, 3),
        "class" => TaskSpec.Of(name, 2, 1),
        _ => TaskSpec.Of(name, 1, 7),
    })];

    /// <summary>A network's name: the backbone, with the channels of its stem and the hidden channels of its heads where they are not those of the published ones, and the tasks.</summary>
    public static string Of(BackboneSpec backbone, IReadOnlyList<TaskSpec> tasks, int headChannels)
    {
        string width = backbone.StemChannels == (BackboneRegistry.Find(backbone.Name)?.StemWidth ?? PublishedStemChannels) ? "" : $"/{backbone.StemChannels}";
        string heads = headChannels == NetworkSpec.FullHeadChannelsOf(backbone.Inputs) ? "" : $" heads/{headChannels}";
        return $"{backbone.Name}{width}{heads} {string.Join(',', tasks.Select(static task => task.Name))}";
    }
}
