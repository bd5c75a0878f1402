namespace AdaShare.Native.Data.Datasets.CelebA;

/// <summary>A face.</summary>
/// <param name="Id">The name of its file without the ending.</param>
/// <param name="Image">Its file.</param>
/// <param name="Attributes">A bit for each attribute, in the order of <see cref="CelebAAttributes.Names"/>.</param>
internal sealed record CelebAExample(string Id, string Image, ulong Attributes);
