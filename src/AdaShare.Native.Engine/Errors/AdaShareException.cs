namespace AdaShare.Native.Engine.Errors;

/// <summary>
/// The base of every error that a user can cause and mend: its message is one line that names what was found, what was expected and what to do.
/// </summary>
public class AdaShareException : Exception
{
    /// <summary>Creates the error.</summary>
    public AdaShareException(string message) : base(message)
    {
    }

    /// <summary>Creates the error with its cause.</summary>
    public AdaShareException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>An op was given shapes, types or arguments that do not fit together.</summary>
public sealed class ShapeException(string message) : AdaShareException(message);

/// <summary>A file or data set is missing, damaged, or holds values outside its range. The message names the file.</summary>
public sealed class DataException : AdaShareException
{
    /// <summary>Creates the error.</summary>
    public DataException(string message) : base(message)
    {
    }

    /// <summary>Creates the error with its cause.</summary>
    public DataException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>A configuration key or value is unknown or impossible.</summary>
public sealed class ConfigurationException(string message) : AdaShareException(message);

/// <summary>A checkpoint could not be written or read. Earlier checkpoints are intact.</summary>
public sealed class CheckpointException : AdaShareException
{
    /// <summary>Creates the error.</summary>
    public CheckpointException(string message) : base(message)
    {
    }

    /// <summary>Creates the error with its cause.</summary>
    public CheckpointException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>The asked-for device is unknown or not there.</summary>
public sealed class DeviceException(string message) : AdaShareException(message);
