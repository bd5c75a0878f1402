namespace AdaShare.Native.Host;

/// <summary>What the program tells the shell.</summary>
public static class ExitCode
{
    /// <summary>All went well.</summary>
    public const int Success = 0;

    /// <summary>A file, data set or checkpoint is missing or damaged, a verification failed, or something unexpected happened.</summary>
    public const int Failure = 1;

    /// <summary>The command line or the configuration is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The device is unknown or not there.</summary>
    public const int Device = 3;

    /// <summary>Ended by Ctrl-C or a termination signal.</summary>
    public const int Interrupted = 130;
}
