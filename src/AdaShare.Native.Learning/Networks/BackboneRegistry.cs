using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>The backbones that there are: one line each.</summary>
public static class BackboneRegistry
{
    /// <summary>All of them, in the order in which they are listed to people.</summary>
    public static IReadOnlyList<BackboneForm> All { get; } =
    [
        new("ResNet18", BlockKind.Basic, [2, 2, 2, 2], IsDilated: true),
        new("ResNet34", BlockKind.Basic, [3, 4, 6, 3], IsDilated: true),
        new("ResNet50", BlockKind.Bottleneck, [3, 4, 6, 3], IsDilated: true),
        new("ResNet101", BlockKind.Bottleneck, [3, 4, 23, 3], IsDilated: true),
        new("PlainResNet18", BlockKind.Basic, [2, 2, 2, 2], IsDilated: false),
        new("PlainResNet34", BlockKind.Basic, [3, 4, 6, 3], IsDilated: false),
        new("PlainResNet50", BlockKind.Bottleneck, [3, 4, 6, 3], IsDilated: false),
        new("PlainResNet101", BlockKind.Bottleneck, [3, 4, 23, 3], IsDilated: false),
        new("PlainWideResNet50_2", BlockKind.WideBottleneck, [3, 4, 6, 3], IsDilated: false) { StageWidth = 128 },
        BackboneForm.Wide(blocks: 4, factor: 10),
        BackboneForm.Wide(blocks: 5, factor: 2),
        BackboneForm.OfText(1, 1, 1, 1),
        BackboneForm.OfText(2, 2, 2, 2),
        BackboneForm.OfText(5, 5, 2, 2),
        BackboneForm.OfText(8, 8, 5, 3),
    ];

    /// <summary>The names of all.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(static form => form.Name)];

    /// <summary>The names in a row, for messages and help.</summary>
    public static string List { get; } = string.Join(", ", Names);

    /// <summary>The names of those that read something, in a row.</summary>
    /// <param name="inputs">What they read.</param>
    public static string ListOf(InputKind inputs) => string.Join(", ", All.Where(form => form.Inputs == inputs).Select(static form => form.Name));

    /// <summary>The backbone of a name, or null.</summary>
    public static BackboneForm? Find(string name) => All.FirstOrDefault(form => form.Name == name);

    /// <summary>The backbone of a name.</summary>
    /// <exception cref="ConfigurationException">There is none; the message lists those that there are.</exception>
    public static BackboneForm Get(string name) => Find(name) ?? throw new ConfigurationException($"backbone: {name} is not built here; use one of {List}");
}
