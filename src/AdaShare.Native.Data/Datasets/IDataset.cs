namespace AdaShare.Native.Data.Datasets;

/// <summary>A set of labelled images. Implementations are safe to read from several threads at once.</summary>
public interface IDataset
{
    /// <summary>The name for messages.</summary>
    string Name { get; }

    /// <summary>The kinds of label that every example has.</summary>
    IReadOnlyList<LabelKind> Labels { get; }

    /// <summary>The number of segmentation classes, 0 where there is no segmentation.</summary>
    int Classes { get; }

    /// <summary>The names of the segmentation classes, or an empty list where they are not known.</summary>
    IReadOnlyList<string> ClassNames { get; }

    /// <summary>Where tasks have images of their own (domains): the parts, each a data set. Empty where every image serves all tasks. Whatever asks for images then asks the parts.</summary>
    IReadOnlyList<DatasetPart> Parts => [];

    /// <summary>What was found and is passed over, a sentence each, for a person to read before a run; empty where nothing is.</summary>
    IReadOnlyList<string> Notices => [];

    /// <summary>The number of examples in a part.</summary>
    int Count(Split split);

    /// <summary>The identity of an example, without reading it.</summary>
    string Id(Split split, int index);

    /// <summary>What all examples are made from, in words, where no files hold them; empty where files do. Another text means other examples under the same identities.</summary>
    string Origin => "";

    /// <summary>
    /// A sign of the content of each file of an example, by what the file is (<c>image</c>, or the <see cref="LabelKind"/>), read without decoding anything; empty where
    /// <see cref="Origin"/> says all.
    /// </summary>
    /// <exception cref="Engine.Errors.DataException">A file is missing or can't be read; the message names it.</exception>
    IReadOnlyDictionary<string, string> Fingerprints(Split split, int index) => System.Collections.Immutable.ImmutableDictionary<string, string>.Empty;

    /// <summary>Reads an example at its full size, with the label planes that are asked for.</summary>
    /// <exception cref="Engine.Errors.DataException">A file is missing, damaged, of the wrong shape, or holds values out of range; the message names it.</exception>
    Sample Load(Split split, int index, IReadOnlyList<LabelKind> labels);
}
