namespace AdaShare.Native.Data.Datasets.NyuV2Mat;

/// <summary>What the 894 names of NYU v2's labels are as 40 and as 13 classes.</summary>
/// <remarks>
/// 40 classes: Gupta, Arbelaez, Malik: "Perceptual organization and recognition of indoor scenes" (CVPR 2013), <c>classMapping40.mat</c>; 37 of them are one name each, 38 to 40 are the other structure, furniture
/// and props. 13 classes: Couprie et al.: "Indoor semantic segmentation using depth information" (ICLR 2013), a function of the 40, <c>class13Mapping.mat</c>. Both files:
/// github.com/ankurhanda/nyuv2-meta-data.
/// </remarks>
internal static class NyuV2Classes
{
    /// <summary>The largest label: the number of names.</summary>
    public const int Names = 894;

    private const byte Ignored = 255;
    private const int OtherStructure = 38, OtherFurniture = 39, OtherProp = 40;

    /// <summary>The labels of classes 1 to 37, one each.</summary>
    private static readonly int[] Named =
    [
        21, 11, 3, 157, 5, 83, 19, 28, 59, 88, 64, 7, 80, 36, 42, 89, 169, 119, 122, 143, 141, 4, 85, 17, 172, 15, 135, 123, 26, 45,
        331, 158, 124, 24, 144, 136, 55,
    ];

    /// <summary>The labels of class 38, other structure.</summary>
    private static readonly int[] Structure =
    [
        8, 25, 33, 38, 51, 53, 57, 58, 62, 65, 79, 94, 104, 112, 134, 153, 215, 216, 223, 225, 238, 241, 242, 256, 295, 301, 339, 342, 354, 363,
        372, 380, 392, 408, 412, 453, 456, 463, 477, 497, 541, 550, 553, 567, 573, 582, 591, 609, 612, 615, 642, 645, 657, 658, 659, 663, 667, 668, 686, 700,
        702, 777, 778, 782, 850, 861, 868, 874,
    ];

    /// <summary>The labels of class 39, other furniture; what is in no list is class 40, other prop.</summary>
    private static readonly int[] Furniture =
    [
        12, 43, 48, 50, 87, 106, 111, 161, 163, 174, 183, 204, 214, 219, 221, 224, 236, 262, 278, 291, 298, 313, 343, 344, 356, 359, 373, 393, 401, 414,
        418, 419, 430, 443, 444, 447, 448, 457, 458, 460, 462, 475, 479, 485, 486, 493, 494, 498, 499, 509, 510, 515, 521, 524, 540, 549, 551, 554, 556, 558,
        576, 580, 608, 625, 703, 734, 770, 772, 797, 800, 803, 804, 813, 814, 815, 820, 829, 835, 858, 863, 882, 892,
    ];

    /// <summary>The class of 13 of each of the 40.</summary>
    private static readonly int[] Of40 =
    [
        12, 5, 6, 1, 4, 9, 10, 12, 13, 6, 8, 6, 13, 10, 6, 13, 6, 7, 7, 5,
        7, 3, 2, 6, 11, 7, 7, 7, 7, 7, 7, 6, 7, 7, 7, 7, 7, 7, 6, 7,
    ];

    /// <summary>For each label 0 … 894 the class from 0, or 255 where it is ignored, as label 0 is, which has no name.</summary>
    /// <param name="classes">40 or 13.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another number of classes.</exception>
    public static byte[] OfLabels(int classes)
    {
        if (classes is not (40 or 13))
        {
            throw new ArgumentOutOfRangeException(nameof(classes), classes, "the names map to 40 or 13 classes");
        }

        var map = new byte[Names + 1];
        map[0] = Ignored;
        for (int label = 1; label <= Names; label++)
        {
            int named = Array.IndexOf(Named, label);
            int of40 = named >= 0 ? named + 1 : Structure.Contains(label) ? OtherStructure : Furniture.Contains(label) ? OtherFurniture : OtherProp;
            map[label] = (byte)((classes == 40 ? of40 : Of40[of40 - 1]) - 1);
        }

        return map;
    }
}
