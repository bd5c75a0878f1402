using AdaShare.Native.Data.Datasets.Cityscapes;
using AdaShare.Native.Data.Datasets.Dense;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Mtan;

/// <summary>NYU v2 or CityScapes in the .npy folders of MTAN, which LibMTL, CAGrad, Nash-MTL, FAMO and others read too.</summary>
/// <remarks>
/// <para><c>{train,val}/{image,label,depth,normal}/{i}.npy</c>, i = 0, 1, …; <c>val</c> is the test part (795 and 654 images of NYU v2, 2,975 and 500 of CityScapes). Validation is held out
/// of <c>train</c> by the seed, and the rest divided 4 to 1 into weights and policy. Any size of picture, any type of number and both orders of arrays are read. Ids are <c>train-0012</c>,
/// <c>val-0012</c>.</para>
/// <list type="bullet">
/// <item><c>image</c>: (rows, columns, 3), R, G, B in [0, 1]; becomes bytes, 255 v rounded to the nearest whole number. MTAN scaled the pictures of NYU v2, so their values are no
/// multiples of 1/255: they move by up to half a grey level, 0.2 % of the range.</item>
/// <item><c>label</c>: (rows, columns), classes from 0; -1 is ignored. NYU v2 has 13 classes; CityScapes 2, 7 or 19, in <c>label_2</c>, <c>label_7</c>, <c>label_19</c> or
/// <c>label</c>, see <see cref="MtanOptions.LabelFolder"/>.</item>
/// <item><c>depth</c>: (rows, columns, 1). NYU v2: metres. CityScapes: inverse depth, the 16-bit disparity of the original / 65535, in [0, 1). 0 is not known.</item>
/// <item><c>normal</c>, NYU v2 alone: (rows, columns, 3), unit vectors (x, y, z), which become (z, y, x); vectors shorter than 0.5, the zero vector of unknown pixels and
/// what interpolation left beside them, are ignored.</item>
/// </list>
/// <para>Source: github.com/lorenmt/mtan, README and im2im_pred/create_dataset.py; github.com/median-research-group/LibMTL, examples/nyu and examples/cityscapes.</para>
/// </remarks>
public sealed class MtanDataset : DenseDataset
{
    private const float DeepestRoom = 1000;
    private readonly MtanLayout _layout;
    private readonly MtanOptions _options;

    /// <summary>Finds the examples and checks that all their files are there; none is opened.</summary>
    /// <param name="root">The folder with <c>train</c> and <c>val</c>.</param>
    /// <param name="layout">Which data set it holds.</param>
    /// <param name="options">How to read it; null for the defaults.</param>
    /// <exception cref="ConfigurationException">An option is out of its range, or does not fit the folder's classes.</exception>
    /// <exception cref="DataException">A folder or a file is missing, or there are too few examples; the message names it.</exception>
    public MtanDataset(string root, MtanLayout layout, MtanOptions? options = null)
        : base(root, NameOf(layout), Open(root, layout, options ?? new())) => (_layout, _options) = (layout, options ?? new());

    /// <inheritdoc/>
    public override string Reading => _options.Reading;

    /// <inheritdoc/>
    private protected override BgrImage ReadImage(DenseExample example) => NumpyPlanes.Image(example.Image);

    /// <inheritdoc/>
    private protected override Plane ReadLabel(DenseExample example, Label label, BgrImage image) => label == Label.Segmentation
        ? NumpyPlanes.Classes(example[label], image, ClassesOf(label))
        : label == Label.SurfaceNormals ? NumpyPlanes.Normals(example[label], image, _options.DecodeNormals)
        : _layout == MtanLayout.NyuV2 ? NumpyPlanes.Depth(example[label], image, DeepestRoom, "metres")
        : NumpyPlanes.Depth(example[label], image, largest: 1, CityscapesDataset.DepthUnit);

    private static string NameOf(MtanLayout layout) => layout switch
    {
        MtanLayout.NyuV2 => "NYU v2 (MTAN)",
        MtanLayout.Cityscapes => "CityScapes (MTAN)",
        _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "not a layout of MTAN's"),
    };

    private static DenseIndex Open(string root, MtanLayout layout, MtanOptions options)
    {
        options.Check(NameOf(layout), [.. MtanFolder.Offers(layout).Select(static offer => offer.Label)]);
        DenseIndex index = MtanFolder.Open(root, NameOf(layout), layout, options);
        return layout == MtanLayout.Cityscapes ? index.WithDepthIn(CityscapesDataset.DepthUnit) : index;
    }
}
