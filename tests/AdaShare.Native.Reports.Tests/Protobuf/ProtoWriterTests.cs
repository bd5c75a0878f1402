using AdaShare.Native.Reports.Protobuf;

namespace AdaShare.Native.Reports.Tests.Protobuf;

/// <summary>Messages byte for byte, as protobuf.dev's page on the encoding has them.</summary>
[TestFixture]
public sealed class ProtoWriterTests
{
    [Test]
    public void A_varint_has_seven_bits_a_byte() => Assert.That(Written(static writer => writer.Varint(1, 150L)), Is.EqualTo("089601"));

    [Test]
    public void A_negative_number_takes_ten_bytes() => Assert.That(Written(static writer => writer.Varint(1, -2L)), Is.EqualTo("08FEFFFFFFFFFFFFFFFF01"));

    [Test]
    public void A_field_above_fifteen_takes_two_bytes_of_tag() => Assert.That(Written(static writer => writer.Varint(20, 2UL)), Is.EqualTo("A00102"));

    [Test]
    public void A_text_is_its_length_and_UTF8() => Assert.That(Written(static writer => writer.Text(2, "testing")), Is.EqualTo("120774657374696E67"));

    [Test]
    public void Floats_are_little_endian() => Assert.Multiple(static () =>
    {
        Assert.That(Written(static writer => writer.Fixed32(1, 1.5f)), Is.EqualTo("0D0000C03F"));
        Assert.That(Written(static writer => writer.Fixed64(1, 1.5)), Is.EqualTo("09000000000000F83F"));
        Assert.That(Written(static writer => writer.Packed(3, [1.5f, -2f])), Is.EqualTo("1A080000C03F000000C0"));
        Assert.That(Written(static writer => writer.Packed(3, [1.5])), Is.EqualTo("1A08000000000000F83F"));
    });

    [Test]
    public void Integers_are_packed() => Assert.That(Written(static writer => writer.Packed(6, [3L, 270L, 86942L])), Is.EqualTo("3206038E029EA705"));

    [Test]
    public void A_message_in_a_message_has_its_length_before_it() => Assert.That(Written(static writer => writer.Message(3, static inner => inner.Varint(1, 150L))), Is.EqualTo("1A03089601"));

    [TestCase(100)]
    [TestCase(127)]
    [TestCase(128)]
    [TestCase(20000)]
    public void A_long_message_moves_up_by_its_length(int count)
    {
        byte[] content = [.. Enumerable.Range(0, count).Select(static i => (byte)i)];
        byte[] innermost = Field(4, content), expected = [.. Field(1, "before"u8), .. Field(2, Field(3, innermost)), .. Field(5, "behind"u8)];
        Assert.That(Written(writer =>
        {
            writer.Text(1, "before");
            writer.Message(2, inner => inner.Message(3, message => message.Bytes(4, content)));
            writer.Text(5, "behind");
        }), Is.EqualTo(Convert.ToHexString(expected)));
    }

    [Test]
    public void A_cleared_writer_begins_anew() => Assert.That(Written(static writer =>
    {
        writer.Text(1, "gone");
        writer.Clear();
        writer.Varint(1, 150L);
    }), Is.EqualTo("089601"));

    [Test]
    public void A_head_alone_is_followed_by_what_the_caller_writes() => Assert.That(Written(static writer => writer.Head(9, 300)), Is.EqualTo("4AAC02"));

    // A field of bytes, the length by the definition: seven bits a byte, the lowest first.
    private static byte[] Field(int number, ReadOnlySpan<byte> content)
    {
        var bytes = new List<byte> { (byte)((number << 3) | 2) };
        int left = content.Length;
        while (left > 127)
        {
            bytes.Add((byte)((left % 128) + 128));
            left /= 128;
        }

        return [.. bytes, (byte)left, .. content];
    }

    private static string Written(Action<ProtoWriter> write)
    {
        var writer = new ProtoWriter();
        write(writer);
        return Convert.ToHexString(writer.Written);
    }
}
