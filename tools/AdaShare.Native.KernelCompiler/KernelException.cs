namespace AdaShare.Native.KernelCompiler;

/// <summary>The kernels can't be built as they are; the message says which one and why.</summary>
public class KernelException : Exception
{
    /// <summary>Creates the exception.</summary>
    public KernelException(string message) : base(message)
    {
    }
}

/// <summary>A program or library that the build needs is not on this machine; the message says what to install.</summary>
public sealed class ToolMissingException : KernelException
{
    /// <summary>Creates the exception.</summary>
    public ToolMissingException(string message) : base(message)
    {
    }
}
