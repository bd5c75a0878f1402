namespace AdaShare.Native.Reports.Onnx.Tracing;

/// <summary>A forward pass can't be recorded as a graph.</summary>
/// <param name="reason">Why, as a sentence about the network that begins with <c>it</c> and says what it does.</param>
internal sealed class TraceException(string reason) : Exception(reason);
