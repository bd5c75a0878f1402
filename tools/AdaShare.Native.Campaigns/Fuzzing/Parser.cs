using AdaShare.Native.Campaigns.Mutation;

namespace AdaShare.Native.Campaigns.Fuzzing;

/// <summary>A parser of outside input under test.</summary>
/// <param name="Name">Its name on the command line and of its folder in the corpus.</param>
/// <param name="Refusal">The exception that it documents for bad input; any other one is a failure.</param>
/// <param name="Mutator">How its inputs are changed.</param>
/// <param name="BytesPerByte">What reading a valid file may allocate for each of its bytes, beside what it decodes to.</param>
/// <param name="FileName">The name that the input has when it is read.</param>
/// <param name="Read">Reads the input at a path and returns the bytes that it decodes to, 0 for texts.</param>
public sealed record Parser(string Name, Type Refusal, IMutator Mutator, int BytesPerByte, string FileName, Func<string, long> Read)
{
    /// <summary>The bytes that any input may need beyond what a valid file of its size does.</summary>
    public long Allowance { get; init; } = 64L << 20;

    /// <summary>The seconds of processor time that any input may take.</summary>
    public double MostSeconds { get; init; } = 1;

    /// <summary>Puts what the parser needs beside its input into the folder that it reads in.</summary>
    public Action<string> Prepare { get; init; } = static _ => { };
}
