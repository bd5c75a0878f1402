namespace AdaShare.Native.Data.Datasets.Cityscapes;

/// <summary>The classes of CityScapes: 34 label ids, of which 19 are trained on, in 7 categories.</summary>
/// <remarks>Source: github.com/mcordts/cityscapesScripts, cityscapesscripts/helpers/labels.py.</remarks>
internal static class CityscapesClasses
{
    /// <summary>The value of pixels that are ignored.</summary>
    public const byte Ignored = 255;

    private static readonly string[] Names19 =
    [
        "road", "sidewalk", "building", "wall", "fence", "pole", "traffic light", "traffic sign", "vegetation", "terrain",
        "sky", "person", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle",
    ];

    private static readonly string[] Names7 = ["flat", "construction", "object", "nature", "sky", "human", "vehicle"];

    /// <summary>The label ids of the 19 classes, in the order of the classes.</summary>
    private static readonly int[] Trained = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33];

    /// <summary>The first label id of each of the 7 categories; they end at id 33.</summary>
    private static readonly int[] Categories = [7, 11, 17, 21, 23, 24, 26];

    /// <summary>The largest label id.</summary>
    public const int LastId = 33;

    /// <summary>The names of so many classes, empty where they are not known.</summary>
    public static IReadOnlyList<string> Names(int classes) => classes switch { 19 => Names19, 7 => Names7, _ => [] };

    /// <summary>For each label id 0 … 255 the class, or 255 where it is ignored: of 19, or of 7, the categories without void.</summary>
    /// <param name="classes">19 or 7.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another number of classes.</exception>
    public static byte[] OfIds(int classes)
    {
        if (classes is not (19 or 7))
        {
            throw new ArgumentOutOfRangeException(nameof(classes), classes, "label ids give 19 or 7 classes");
        }

        var map = new byte[256];
        map.AsSpan().Fill(Ignored);
        for (int id = Categories[0]; id <= LastId; id++)
        {
            int place = classes == 19 ? Array.IndexOf(Trained, id) : Categories.Count(first => first <= id) - 1;
            map[id] = place < 0 ? Ignored : (byte)place;
        }

        return map;
    }
}
