namespace AdaShare.Native.Reports.Onnx.Graphs;

/// <summary>What one image of a value has, whatever the batch: [N, C, H, W] without N. Rows and columns are those of the traced image.</summary>
/// <param name="Height">H; 1 where there are only channels.</param>
/// <param name="Width">W.</param>
/// <param name="Channels">C.</param>
internal readonly record struct ImageSize(int Height, int Width, int Channels);
