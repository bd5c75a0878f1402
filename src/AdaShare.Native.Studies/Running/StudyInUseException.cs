using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Studies.Running;

/// <summary>Another process runs cells of the same shard in a study's folder.</summary>
/// <param name="message">Which one.</param>
public sealed class StudyInUseException(string message) : AdaShareException(message);
