namespace AdaShare.Native.Data.Datasets.Text;

/// <summary>
/// The fields of one row of a CSV file (RFC 4180), in bytes: between commas, those with commas, quotes or line ends in double quotes, which are doubled inside. A row has no line end of its own behind it.
/// </summary>
/// <param name="row">The row.</param>
internal ref struct CsvFields(ReadOnlySpan<byte> row)
{
    private const byte Quote = (byte)'"', Comma = (byte)',';

    private ReadOnlySpan<byte> _rest = row;
    private bool _isOver;

    /// <summary>The field that <see cref="Next"/> found, without the quotes round it; those inside are doubled as they stand.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>Whether quotes stand round <see cref="Current"/>.</summary>
    public bool IsQuoted { get; private set; }

    /// <summary>What is wrong, as the end of a sentence about the row, where <see cref="Next"/> found no field although the row isn't over; otherwise null.</summary>
    public string? Fault { get; private set; }

    /// <summary>Goes to the next field.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Next()
    {
        if (_isOver)
        {
            return false;
        }

        IsQuoted = _rest.Length > 0 && _rest[0] == Quote;
        return IsQuoted ? NextQuoted() : NextPlain();
    }

    private bool NextPlain()
    {
        int comma = _rest.IndexOf(Comma);
        Current = comma < 0 ? _rest : _rest[..comma];
        if (Current.Contains(Quote))
        {
            return Fail("has a quote inside of a field that no quotes stand round; expected such a field in quotes, and the quote doubled");
        }

        Behind(comma < 0 ? _rest.Length : comma);
        return true;
    }

    private bool NextQuoted()
    {
        int end = 1;
        while (true)
        {
            int quote = _rest[end..].IndexOf(Quote);
            if (quote < 0)
            {
                return Fail("has a field whose closing quote is missing; expected a quote at its end, and quotes inside doubled");
            }

            end += quote + 1;
            if (end == _rest.Length || _rest[end] != Quote)
            {
                break;
            }

            end++;
        }

        Current = _rest[1..(end - 1)];
        if (end < _rest.Length && _rest[end] != Comma)
        {
            return Fail("goes on behind the closing quote of a field; expected a comma there, and quotes inside of fields doubled");
        }

        Behind(end);
        return true;
    }

    /// <summary>What follows the comma at a place; the row is over where there is none.</summary>
    private void Behind(int place)
    {
        _isOver = place == _rest.Length;
        _rest = _isOver ? [] : _rest[(place + 1)..];
    }

    private bool Fail(string fault)
    {
        (Fault, _isOver) = (fault, true);
        return false;
    }
}
