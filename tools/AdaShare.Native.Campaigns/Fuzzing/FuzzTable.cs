using System.Globalization;

namespace AdaShare.Native.Campaigns.Fuzzing;

/// <summary>Writes what a campaign found, a row for each parser.</summary>
internal static class FuzzTable
{
    public static void WriteHead(TextWriter output)
    {
        output.WriteLine("| parser | inputs | accepted | refused | other exceptions | slowest | largest allocation | beyond a valid file | process grew by | kept | branches |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
        output.Flush();
    }

    public static void WriteRow(TextWriter output, FuzzResult result)
    {
        output.WriteLine(
            $"| {result.Parser} | {Count(result.Inputs)} | {Count(result.Accepted)} | {Count(result.Refused)} | {Count(result.OtherExceptions)} | {result.Slowest * 1000:F0} ms | " +
            $"{Megabytes(result.LargestAllocation)} | {Megabytes(result.LargestExcess)} | {Megabytes(result.Growth)} | {Count(result.Kept)} | {(result.Branches is { } branches ? Count(branches) : "not instrumented")} |");
        output.Flush();
    }

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MB");
}
