using AdaShare.Native.Benchmarking.Results;

namespace AdaShare.Native.Benchmarking.Tests.Results;

/// <summary>Results of different processors must not be taken for one history.</summary>
public sealed class ProcessorNameTests
{
    private static readonly string[] Epyc = ["processor\t: 0", "vendor_id\t: AuthenticAMD", "cpu family\t: 25", "model\t\t: 17", "model name\t: AMD EPYC", "stepping\t: 1", "", "processor\t: 1", "model\t\t: 99"];
    private static readonly string[] Arm = ["processor\t: 0", "BogoMIPS\t: 2000.00", "CPU part\t: 0xd0c", ""];

    [Test]
    public void Generations_with_the_same_name_are_told_apart() => Assert.That(ProcessorName.Of(Epyc), Is.EqualTo("AMD EPYC (family 25, model 17)"));

    [Test]
    public void Without_family_and_model_the_name_is_all_there_is() => Assert.That(ProcessorName.Of(["model name : made-up"]), Is.EqualTo("made-up"));

    [Test]
    public void Without_a_name_there_is_none() => Assert.That(ProcessorName.Of(Arm), Is.Null);

    [Test]
    public void This_machine_has_a_name() => Assert.That(ProcessorName.OfThisMachine(), Is.Not.Empty);
}
