using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Cpu.Numerics;

namespace AdaShare.Native.Cpu.Tests;

/// <summary>
/// Every op on processors with less than this one has. Element-wise kernels are compiled for what the processor has, whatever the chosen width, so each case runs the
/// conformance tests in a process of its own in which the runtime leaves instructions out.
/// </summary>
[TestFixture]
public sealed class LesserProcessorTests
{
    private const string ExpectedVariable = "ADASHARE_TEST_WIDEST_VECTORS";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    [TestCase("DOTNET_EnableAVX512", VectorWidth.Bits256)]
    [TestCase("DOTNET_EnableAVX2", VectorWidth.Bits128)]
    [TestCase("DOTNET_EnableHWIntrinsic", VectorWidth.Scalar)]
    public async Task All_ops_are_those_of_the_reference_without(string instructions, VectorWidth widest)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64 || VectorWidths.Widest <= widest)
        {
            Assert.Ignore($"this processor's widest vectors are {VectorWidths.Widest}: {instructions} takes nothing away from it");
        }

        (int exitCode, string output) = await RunAsync(
            $"FullyQualifiedName~{nameof(LesserProcessorTests)}.{nameof(The_environment_takes_instructions_away)}"
            + $"|FullyQualifiedName~{nameof(ConformanceTests)}.{nameof(ConformanceTests.Ops_and_gradients_are_those_of_the_reference)}"
            + $"|FullyQualifiedName~{nameof(ConformanceTests)}.{nameof(ConformanceTests.Kernels_are_those_of_the_reference)}",
            new() { [instructions] = "0", [ExpectedVariable] = widest.ToString() });
        Assert.That(exitCode, Is.Zero, output);
    }

    [Test]
    public void The_environment_takes_instructions_away()
    {
        // In the processes that the test above starts, what it took away; elsewhere, what the runtime itself says.
        string expected = Environment.GetEnvironmentVariable(ExpectedVariable) ?? (
            Vector512.IsHardwareAccelerated ? VectorWidth.Bits512
            : Vector256.IsHardwareAccelerated ? VectorWidth.Bits256
            : Vector128.IsHardwareAccelerated ? VectorWidth.Bits128
            : VectorWidth.Scalar).ToString();
        Assert.That(VectorWidths.Widest.ToString(), Is.EqualTo(expected));
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string filter, Dictionary<string, string> environment)
    {
        string self = Environment.ProcessPath!;
        var start = new ProcessStartInfo(self) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
        {
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        }

        start.ArgumentList.Add("--filter");
        start.ArgumentList.Add(filter);
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token), errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return (-1, $"the tests in the other process did not end within {Limit}");
        }
    }
}
