using System.Buffers;
using System.Security.Cryptography;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Text;

/// <summary>A file of rows, of which only the places are held in memory: 8 bytes a row. It is read through once when it is opened, every row checked, and single rows by their places afterwards.</summary>
internal sealed class TextFile
{
    private const int FirstBuffer = 1 << 20;

    /// <summary>No text is near it: what is longer lacks a quote somewhere.</summary>
    private const int LongestRow = 1 << 26;

    private const int ShownDigits = 16;

    private readonly long[] _starts;
    private readonly int _classes;
    private readonly int _columns;

    private TextFile(string path, int classes, int columns, long[] starts, string digest) => (Path, _classes, _columns, _starts, Digest) = (path, classes, columns, starts, digest);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The rows.</summary>
    public int Count => _starts.Length - 1;

    /// <summary>A sign of the whole content: the beginning of its SHA-256.</summary>
    public string Digest { get; }

    /// <summary>Reads a file through.</summary>
    /// <param name="path">The file.</param>
    /// <param name="classes">The number of classes.</param>
    /// <exception cref="DataException">It is missing, empty, no UTF-8, or a row is damaged; the message names file and row.</exception>
    public static TextFile Open(string path, int classes)
    {
        using FileStream stream = CodecFile.Open(path);
        return new Scan(path, classes).Read(stream);
    }

    /// <summary>A row's class, from 0 on, and text.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <param name="length">Characters of the text.</param>
    /// <exception cref="DataException">The file is missing, can't be read, or was changed; the message names it.</exception>
    public (int Class, CharacterText Text) Read(int row, int length)
    {
        int bytes = (int)(_starts[row + 1] - _starts[row]);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            using FileStream stream = CodecFile.Open(Path);
            Span<byte> whole = buffer.AsSpan(0, bytes);
            if (RandomAccess.Read(stream.SafeFileHandle, whole, _starts[row]) != bytes)
            {
                throw new DataException($"{Path}, row {row + 1}: the file is shorter than it was when it was opened; leave data as they are while they are in use");
            }

            ReadOnlySpan<byte> text = WithoutEnd(whole);
            return TextRow.Fault(text, _classes, _columns, out _) is { } fault
                ? throw new DataException($"{Path}, row {row + 1}: was changed since it was opened and now {fault}")
                : TextRow.Read(text, _classes, length);
        }
        catch (IOException error)
        {
            throw new DataException($"{Path}: can't be read ({error.Message.TrimEnd('.')}); check that the file is whole", error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A row without its line end: one of Unix, or of Windows.</summary>
    private static ReadOnlySpan<byte> WithoutEnd(ReadOnlySpan<byte> row)
    {
        ReadOnlySpan<byte> text = row.Length > 0 && row[^1] == '\n' ? row[..^1] : row;
        return text.Length > 0 && text[^1] == '\r' ? text[..^1] : text;
    }

    /// <summary>The one way through a file, a buffer at a time.</summary>
    private sealed class Scan(string path, int classes)
    {
        private readonly List<long> _starts = [];
        private byte[] _buffer = new byte[FirstBuffer];
        private int _columns;
        private int _blank;
        private long _end;

        public TextFile Read(FileStream stream)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long place = 0;
            int filled = 0;
            bool isFirst = true;
            while (true)
            {
                int got = Fill(stream, filled);
                hash.AppendData(_buffer.AsSpan(filled, got));
                filled += got;
                int start = isFirst && _buffer.AsSpan(0, filled).StartsWith("\uFEFF"u8) ? 3 : 0;
                isFirst = false;
                int used = Rows(place, start, filled, isLast: got == 0);
                place += used;
                filled -= used;
                _buffer.AsSpan(used, filled).CopyTo(_buffer);
                if (got == 0)
                {
                    break;
                }
            }

            if (_starts.Count == 0)
            {
                throw new DataException($"{path}: is empty; expected a row for each text: its class, and the text");
            }

            _starts.Add(_end);
            return new TextFile(path, classes, _columns, [.. _starts], Convert.ToHexStringLower(hash.GetHashAndReset())[..ShownDigits]);
        }

        /// <summary>Reads more behind what is there, with a larger buffer where a row fills it.</summary>
        private int Fill(FileStream stream, int filled)
        {
            if (filled == _buffer.Length)
            {
                if (filled >= LongestRow)
                {
                    throw new DataException($"{path}, row {_starts.Count + 1}: does not end within {LongestRow:N0} bytes; a closing quote is missing in it, or in a row before");
                }

                Array.Resize(ref _buffer, 2 * filled);
            }

            try
            {
                return stream.ReadAtLeast(_buffer.AsSpan(filled), _buffer.Length - filled, throwOnEndOfStream: false);
            }
            catch (IOException error)
            {
                throw new DataException($"{path}: can't be read ({error.Message.TrimEnd('.')}); check that the file is whole", error);
            }
        }

        /// <summary>Takes the rows that are whole.</summary>
        /// <returns>The bytes of the buffer that are done with.</returns>
        private int Rows(long place, int start, int filled, bool isLast)
        {
            while (start < filled)
            {
                int end = EndOf(_buffer.AsSpan(start, filled - start));
                if (end < 0 && !isLast)
                {
                    break;
                }

                int length = end < 0 ? filled - start : end;
                Add(place + start, _buffer.AsSpan(start, length));
                start += length;
            }

            return start;
        }

        private void Add(long start, ReadOnlySpan<byte> line)
        {
            ReadOnlySpan<byte> row = WithoutEnd(line);
            if (row.IsEmpty)
            {
                // At the end of a file such lines are no rows.
                _blank = _blank == 0 ? _starts.Count + 1 : _blank;
                return;
            }

            string? fault = _blank > 0 ? "is empty; expected a class and a text" : TextRow.Fault(row, classes, _columns, out _columns);
            if (fault is not null)
            {
                throw new DataException($"{path}, row {(_blank > 0 ? _blank : _starts.Count + 1)}: {fault}");
            }

            _starts.Add(start);
            _end = start + line.Length;
        }

        /// <summary>The length of a row with its line end, which stands outside of quotes; below 0 where it isn't there.</summary>
        private static int EndOf(ReadOnlySpan<byte> bytes)
        {
            bool isQuoted = false;
            int at = 0;
            while (true)
            {
                int next = isQuoted ? bytes[at..].IndexOf((byte)'"') : bytes[at..].IndexOfAny((byte)'"', (byte)'\n');
                if (next < 0)
                {
                    return -1;
                }

                at += next + 1;
                if (bytes[at - 1] == '\n')
                {
                    return at;
                }

                isQuoted = !isQuoted;
            }
        }
    }
}
