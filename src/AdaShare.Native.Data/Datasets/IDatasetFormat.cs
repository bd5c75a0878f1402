namespace AdaShare.Native.Data.Datasets;

/// <summary>A kind of data set: a layout of files, or a generator. Adding one is a folder beside this file and one line in <c>Registry/DatasetRegistry.cs</c>.</summary>
public interface IDatasetFormat
{
    /// <summary>The name in configurations, for example <c>NYU_v2</c>.</summary>
    string Name { get; }

    /// <summary>What it is, in one line for people.</summary>
    string Summary { get; }

    /// <summary>What its examples are: pictures, or texts.</summary>
    InputKind Inputs => InputKind.Image;

    /// <summary>Whether <see cref="DatasetRequest.SmallResolution"/> means something to it.</summary>
    bool KnowsSmallResolution => false;

    /// <summary>Whether the official code decodes its normals to [-1, 1], as it does for Taskonomy and not for NYU v2.</summary>
    bool OfficialDecodesNormals => false;

    /// <summary>The unit of its depth; empty where depth is a number without one, such as a logarithm.</summary>
    string DepthUnit => "m";

    /// <summary>The names of the tasks that have the same images, where not all have: a list for each group; empty where every image serves all tasks. Nothing but a description is read.</summary>
    /// <param name="root">The folder; it need not be there where that does not depend on it.</param>
    /// <exception cref="Engine.Errors.DataException">The description is missing or damaged; the message names it.</exception>
    IReadOnlyList<IReadOnlyList<string>> ImageGroupsOf(string root) => [];

    /// <summary>The tasks that every folder of this kind has, with the names of their kinds; empty where tasks are those whose names are kinds, or a folder says them.</summary>
    IReadOnlyList<DatasetTask> Tasks => [];

    /// <summary>
    /// The tasks that a folder has, <see cref="Tasks"/> unless it describes its own; empty where tasks are those whose names are kinds. Nothing but the description is read.
    /// </summary>
    /// <param name="root">The folder.</param>
    /// <exception cref="Engine.Errors.DataException">The folder or its description is missing or damaged; the message names it.</exception>
    IReadOnlyList<DatasetTask> TasksOf(string root) => Tasks;

    /// <summary>What a folder says that networks see of its pictures; null where it says nothing. Nothing but the description is read.</summary>
    /// <param name="root">The folder.</param>
    /// <exception cref="Engine.Errors.DataException">The folder or its description is missing or damaged; the message names it.</exception>
    ImageInput? InputOf(string root) => null;

    /// <summary>Whether a folder looks like one of this kind, by the names of what lies in it.</summary>
    bool Recognizes(string root) => false;

    /// <summary>Opens a data set; its files are checked as far as that can be done without decoding them.</summary>
    /// <exception cref="Engine.Errors.ConfigurationException">A wish does not fit the data set.</exception>
    /// <exception cref="Engine.Errors.DataException">Its folder or a file is missing or damaged; the message names it.</exception>
    IDataset Open(DatasetRequest request);
}

/// <summary>A task that a data set describes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">The kind of task, by the name that configurations have for it: <c>seg</c>, <c>class</c>, …</param>
/// <param name="Channels">Channels of its prediction.</param>
/// <param name="Weight">The weight of its loss where nobody says another.</param>
public sealed record DatasetTask(string Name, string Kind, int Channels, double Weight = 1);
