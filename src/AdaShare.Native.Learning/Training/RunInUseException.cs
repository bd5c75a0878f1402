using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Learning.Training;

/// <summary>Another process trains in a run's folder.</summary>
public sealed class RunInUseException : AdaShareException
{
    /// <summary>Creates the error with its cause.</summary>
    public RunInUseException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
