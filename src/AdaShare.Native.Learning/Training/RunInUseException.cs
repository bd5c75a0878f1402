using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Learning.Training;

/// <summary>Another process trains in a run's folder.</summary>
/// <param name="message">Which one.</param>
public sealed class RunInUseException(string message) : AdaShareException(message);
