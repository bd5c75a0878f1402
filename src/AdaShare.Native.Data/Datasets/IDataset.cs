namespace AdaShare.Native.Data.Datasets;

/// <summary>A set of labelled images, or texts. Implementations are safe to read from several threads at once.</summary>
public interface IDataset
{
    /// <summary>The name for messages.</summary>
    string Name { get; }

    /// <summary>What its examples are: pictures, or texts. Where a comment here says image, it is either.</summary>
    InputKind Inputs => InputKind.Image;

    /// <summary>The labels that examples have. One may lack some: its <see cref="Sample.Labels"/> leave them out.</summary>
    IReadOnlyList<Label> Labels { get; }

    /// <summary>The number of classes of one of <see cref="Labels"/>, 0 where it is not of classes.</summary>
    int ClassesOf(Label label);

    /// <summary>The names of a label's classes, or of the channels of attributes and values; an empty list where they are not known.</summary>
    IReadOnlyList<string> ClassNamesOf(Label label);

    /// <summary>The weight of each class of a label in its loss; empty where all weigh the same.</summary>
    IReadOnlyList<float> ClassWeightsOf(Label label) => [];

    /// <summary>Whether the official code counts pixels without a class as wrong in its pixel accuracy, as it does on CityScapes; its reading of that metric then does so too.</summary>
    bool CountsVoidAsWrong => false;

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
    /// What decides, beside <see cref="Origin"/> and the content of files, how examples are read: options and descriptions, in words. Another text means other values from the same files, so that what was
    /// read before and kept can't be taken for what would be read now.
    /// </summary>
    string Reading => "";

    /// <summary>The name under which <see cref="Fingerprints"/> has the image's.</summary>
    const string ImageFingerprint = "image";

    /// <summary>The name under which a <see cref="PartIdentity"/> has that of the file that all examples of a part lie in.</summary>
    const string WholeFileFingerprint = "file";

    /// <summary>
    /// A sign of the content of each file of an example, by what the file is (<c>image</c>, or a label's name), read without decoding anything; empty where
    /// <see cref="Origin"/> says all.
    /// </summary>
    /// <exception cref="Engine.Errors.DataException">A file is missing or can't be read; the message names it.</exception>
    IReadOnlyDictionary<string, string> Fingerprints(Split split, int index) => System.Collections.Immutable.ImmutableDictionary<string, string>.Empty;

    /// <summary>
    /// What stands for all examples of a part at once; null where each stands for itself by <see cref="Id"/> and <see cref="Fingerprints"/>. For data sets of millions, whose examples a run's file of its data doesn't list.
    /// </summary>
    PartIdentity? IdentityOf(Split split) => null;

    /// <summary>
    /// Reads an example at its full size, with those of the labels asked for that it has. Values may be unpacked when they are asked for, as far as they are: a training step needs a part of most pictures.
    /// </summary>
    /// <exception cref="Engine.Errors.DataException">
    /// A file is missing, damaged, of the wrong shape, or holds values out of range; the message names it. What is unpacked later is refused then, see <see cref="Sample.ReadAll"/>.
    /// </exception>
    Sample Load(Split split, int index, IReadOnlyList<Label> labels);
}
