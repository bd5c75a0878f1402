namespace AdaShare.Native.Data.Datasets.CelebA;

/// <summary>The 40 attributes of CelebA, each a task.</summary>
internal static class CelebAAttributes
{
    /// <summary>Their names, in the order of <c>list_attr_celeba.txt</c>.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "5_o_Clock_Shadow", "Arched_Eyebrows", "Attractive", "Bags_Under_Eyes", "Bald", "Bangs", "Big_Lips", "Big_Nose", "Black_Hair", "Blond_Hair",
        "Blurry", "Brown_Hair", "Bushy_Eyebrows", "Chubby", "Double_Chin", "Eyeglasses", "Goatee", "Gray_Hair", "Heavy_Makeup", "High_Cheekbones",
        "Male", "Mouth_Slightly_Open", "Mustache", "Narrow_Eyes", "No_Beard", "Oval_Face", "Pale_Skin", "Pointy_Nose", "Receding_Hairline", "Rosy_Cheeks",
        "Sideburns", "Smiling", "Straight_Hair", "Wavy_Hair", "Wearing_Earrings", "Wearing_Hat", "Wearing_Lipstick", "Wearing_Necklace", "Wearing_Necktie", "Young",
    ];

    /// <summary>The number of an attribute.</summary>
    public static IReadOnlyDictionary<string, int> Numbers { get; } = Names.Select(static (name, i) => (name, i)).ToDictionary(static pair => pair.name, static pair => pair.i);

    /// <summary>The label of an attribute: yes or no.</summary>
    public static Label LabelOf(string name) => Label.Of(LabelKind.Attributes, name);
}
