namespace AdaShare.Native.Data.Datasets;

/// <summary>One example: an image or a text, and its labels. Planes that speak of pixels have the image's height and width, those that speak of all of it are of one pixel.</summary>
/// <param name="Id">The name of the example in its data set, for messages and file names.</param>
/// <param name="Input">The picture or text as it is stored.</param>
/// <param name="Labels">Those of the labels that were asked for which the example has.</param>
public sealed record Sample(string Id, StoredInput Input, IReadOnlyDictionary<Label, Plane> Labels)
{
    /// <summary>The picture.</summary>
    /// <exception cref="InvalidOperationException">The example is a text.</exception>
    public BgrImage Image => Input as BgrImage ?? throw new InvalidOperationException($"{Id}: is a text and has no picture");

    /// <summary>Reads and unpacks what a data set may have left until somebody asks for it, so that whatever is wrong with it is said now.</summary>
    /// <returns>The example.</returns>
    /// <exception cref="Engine.Errors.DataException">Something can't be read; the message names the file.</exception>
    public Sample ReadAll()
    {
        _ = Input.Bytes;
        foreach (Plane plane in Labels.Values)
        {
            _ = plane.Values;
        }

        return this;
    }
}
