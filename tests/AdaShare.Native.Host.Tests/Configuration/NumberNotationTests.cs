using AdaShare.Native.Host.Configuration;

namespace AdaShare.Native.Host.Tests.Configuration;

/// <summary>Which notations are numbers, and what is said of the others.</summary>
[TestFixture]
internal sealed class NumberNotationTests
{
    [TestCase("0", 0)]
    [TestCase("-0", 0)]
    [TestCase("+7", 7)]
    [TestCase("-12", -12)]
    [TestCase("1_000", 1000)]
    [TestCase("9223372036854775807", long.MaxValue)]
    public void Whole_numbers_have_decimal_digits(string text, long expected)
    {
        Assert.That(NumberNotation.ReadWhole(text), Is.EqualTo(expected));
        Assert.That(NumberNotation.ReadDouble(text), Is.EqualTo((double)expected));
    }

    [TestCase(".5", 0.5)]
    [TestCase("5.", 5.0)]
    [TestCase("-1_0.2_5", -10.25)]
    [TestCase("1e-3", 0.001)]
    [TestCase("2.5E+4", 25000.0)]
    [TestCase("010.5", 10.5)]
    [TestCase("0.5", 0.5)]
    [TestCase("0e0", 0.0)]
    public void Other_numbers_have_a_point_or_an_exponent(string text, double expected)
    {
        Assert.That(NumberNotation.ReadDouble(text), Is.EqualTo(expected));
        Assert.That(NumberNotation.ReadWhole(text), Is.Null);
    }

    [TestCase("")]
    [TestCase("_1")]
    [TestCase(".")]
    [TestCase("1e")]
    [TestCase("1.2.3")]
    [TestCase("--1")]
    [TestCase("1 000")]
    [TestCase("1\n")]
    [TestCase("١")]
    [TestCase("NaN")]
    [TestCase("Infinity")]
    public void What_only_resembles_a_number_is_none(string text) =>
        Assert.That((NumberNotation.ReadWhole(text), NumberNotation.ReadDouble(text), NumberNotation.Remark(text, typeof(double))), Is.EqualTo(((long?)null, (double?)null, (string?)null)));

    [TestCase("010", "YAML 1.1 reads 010 as the octal number 8; write 8, or 10 if that is meant")]
    [TestCase("-0321", "YAML 1.1 reads -0321 as the octal number -209; write -209, or -321 if that is meant")]
    [TestCase("0_10", "YAML 1.1 reads 0_10 as the octal number 8; write 8, or 10 if that is meant")]
    [TestCase("07", "YAML 1.1 reads 07 as the octal number 7; write 7")]
    [TestCase("00", "YAML 1.1 reads 00 as the octal number 0; write 0")]
    [TestCase("089", "a number does not begin with 0; write 89")]
    [TestCase("010e2", "a number does not begin with 0; write 10e2")]
    [TestCase("0x10", "YAML 1.1 reads 0x10 as the hexadecimal number 16; write 16")]
    [TestCase("-0xfF", "YAML 1.1 reads -0xfF as the hexadecimal number -255; write -255")]
    [TestCase("0b101", "YAML 1.1 reads 0b101 as the binary number 5; write 5")]
    [TestCase("0o17", "YAML 1.2 reads 0o17 as the octal number 15; write 15")]
    [TestCase("1:30", "YAML 1.1 reads 1:30 as the base-60 number 90; write 90")]
    [TestCase("-1:00:00", "YAML 1.1 reads -1:00:00 as the base-60 number -3600; write -3600")]
    [TestCase(".inf", "every number here is finite")]
    [TestCase("-.Inf", "every number here is finite")]
    [TestCase(".nan", "every number here is finite")]
    public void Numbers_that_YAML_reads_in_another_way_are_explained(string text, string remark)
    {
        foreach (Type type in new[] { typeof(int), typeof(long), typeof(double) })
        {
            Assert.That(NumberNotation.Remark(text, type), Is.EqualTo(remark));
        }

        Assert.That((NumberNotation.ReadWhole(text), NumberNotation.ReadDouble(text)), Is.EqualTo(((long?)null, (double?)null)));
    }

    [Test]
    public void Numbers_out_of_range_are_told_the_range()
    {
        Assert.That(NumberNotation.Remark("99999999999", typeof(int)), Is.EqualTo("the range is -2147483648 to 2147483647"));
        Assert.That(NumberNotation.Remark("99999999999999999999", typeof(long)), Is.EqualTo("the range is -9223372036854775808 to 9223372036854775807"));
        Assert.That(NumberNotation.ReadDouble("1e400"), Is.Null);
        Assert.That(NumberNotation.Remark("1e400", typeof(double)), Is.EqualTo("its size is beyond 1.7e308"));
    }
}
