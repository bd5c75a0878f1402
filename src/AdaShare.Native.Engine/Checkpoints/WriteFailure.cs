namespace AdaShare.Native.Engine.Checkpoints;

/// <summary>What to do about something that could not be written, for the end of an error's sentence.</summary>
public static class WriteFailure
{
    // The numbers of errno.h on Linux, with that of macOS where it is another.
    private const int NoSpace = 28;
    private const int ReadOnly = 30;
    private const int Quota = 122;
    private const int QuotaOfMac = 69;

    // HRESULT_FROM_WIN32 of ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL, ERROR_WRITE_PROTECT.
    private const int HandleDiskFull = unchecked((int)0x80070027);
    private const int DiskFull = unchecked((int)0x80070070);
    private const int WriteProtected = unchecked((int)0x80070013);

    /// <summary>The remedy, for example <c>free some space or choose another folder</c>.</summary>
    /// <param name="cause">What the system said.</param>
    /// <param name="another">What can be chosen instead.</param>
    public static string Remedy(Exception cause, string another = "another folder")
    {
        ArgumentNullException.ThrowIfNull(cause);
        return cause switch
        {
            UnauthorizedAccessException => $"choose {another} that you may write to",
            IOException { HResult: NoSpace or Quota or QuotaOfMac or HandleDiskFull or DiskFull } => $"free some space or choose {another}",
            IOException { HResult: ReadOnly or WriteProtected } => $"choose {another} on a disk that can be written to",
            _ => $"choose {another}",
        };
    }
}
