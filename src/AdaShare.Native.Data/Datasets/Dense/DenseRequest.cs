namespace AdaShare.Native.Data.Datasets.Dense;

/// <summary>What a request means for the options of dense data sets.</summary>
internal static class DenseRequest
{
    /// <summary>The options with what a request says: labels, the number of classes, how normals come, and how much is held out. The seed stays, so that all seeds of a run have the same parts.</summary>
    public static T Of<T>(this T options, DatasetRequest request)
        where T : DenseOptions => (T)((DenseOptions)options with
        {
            Labels = request.Labels,
            Classes = request.ClassesOf(Label.Segmentation),
            DecodeNormals = request.DecodeNormals,
            ValidationFraction = request.ValidationFraction,
        });
}
