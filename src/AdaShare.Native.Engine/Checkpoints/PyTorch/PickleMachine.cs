using System.Numerics;
using System.Text;

namespace AdaShare.Native.Engine.Checkpoints.PyTorch;

/// <summary>
/// Python's pickle machine as far as files of weights need it, protocols 2 to 5. It makes numbers, texts, containers, tensors and arrays, and nothing else: classes are those of
/// <see cref="PickleClasses"/>, and no code of a file is ever looked for or run.
/// </summary>
/// <remarks>Instructions: Python's Lib/pickletools.py. Nothing here recurses, so that depth costs no stack.</remarks>
/// <param name="reader">The pickle.</param>
/// <param name="budget">The work that it may take.</param>
/// <param name="storage">Gives the storage of a key, format and count; null where there are no storages outside of the pickle.</param>
internal sealed class PickleMachine(PickleReader reader, PickleBudget budget, Func<string, NumberFormat, long, TorchStorage>? storage = null)
{
    private const int LongestNumber = 1024;
    private const byte LeastProtocol = 2;
    private const byte LatestProtocol = 5;

    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<long, object?> _memo = [];

    /// <summary>Runs to the end.</summary>
    /// <returns>What the pickle made.</returns>
    /// <exception cref="FormatException">It is damaged.</exception>
    /// <exception cref="NotSupportedException">It has an instruction or names a class that is not taken.</exception>
    public object? Run()
    {
        while (true)
        {
            budget.Spend();
            byte opcode = reader.Byte();
            if (opcode == PickleOpcode.Stop)
            {
                return Pop();
            }

            if (!Constant(opcode) && !Text(opcode) && !Container(opcode) && !Stack(opcode) && !Class(opcode))
            {
                throw new NotSupportedException($"has the pickle instruction {PickleOpcode.NameOf(opcode)} at byte {reader.Position - 1}");
            }
        }
    }

    private bool Constant(byte opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.None: Push(null); return true;
            case PickleOpcode.NewTrue: Push(true); return true;
            case PickleOpcode.NewFalse: Push(false); return true;
            case PickleOpcode.BinInt: Push((long)reader.Int32()); return true;
            case PickleOpcode.BinInt1: Push((long)reader.Byte()); return true;
            case PickleOpcode.BinInt2: Push((long)reader.UInt16()); return true;
            case PickleOpcode.BinFloat: Push(reader.Double()); return true;
            case PickleOpcode.Long1: Push(Number(reader.Byte())); return true;
            case PickleOpcode.Long4: Push(Number(reader.Int32())); return true;
            default: return false;
        }
    }

    private bool Text(byte opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.ShortBinUnicode: Push(reader.Text(reader.Byte())); return true;
            case PickleOpcode.BinUnicode: Push(reader.Text(reader.UInt32())); return true;
            case PickleOpcode.BinUnicode8: Push(reader.Text(reader.Int64())); return true;
            // Texts of Python 2, whose bytes nobody can tell from text.
            case PickleOpcode.ShortBinString: Push(Encoding.Latin1.GetString(reader.Bytes(reader.Byte()))); return true;
            case PickleOpcode.BinString: Push(Encoding.Latin1.GetString(reader.Bytes(reader.Int32()))); return true;
            case PickleOpcode.ShortBinBytes: Push(reader.Bytes(reader.Byte())); return true;
            case PickleOpcode.BinBytes: Push(reader.Bytes(reader.UInt32())); return true;
            case PickleOpcode.BinBytes8 or PickleOpcode.ByteArray8: Push(reader.Bytes(reader.Int64())); return true;
            default: return false;
        }
    }

    private bool Container(byte opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.EmptyTuple: Push(new PickleList(isTuple: true)); return true;
            case PickleOpcode.Tuple1: PushList(Take(1), isTuple: true); return true;
            case PickleOpcode.Tuple2: PushList(Take(2), isTuple: true); return true;
            case PickleOpcode.Tuple3: PushList(Take(3), isTuple: true); return true;
            case PickleOpcode.Tuple: PushList(TakeToMark(), isTuple: true); return true;
            case PickleOpcode.EmptyList: Push(new PickleList(isTuple: false)); return true;
            case PickleOpcode.List: PushList(TakeToMark(), isTuple: false); return true;
            case PickleOpcode.Append: Append(Take(1)); return true;
            case PickleOpcode.Appends: Append(TakeToMark()); return true;
            case PickleOpcode.EmptyDict: Push(new PickleDictionary()); return true;
            case PickleOpcode.Dict: Dictionary(TakeToMark()); return true;
            case PickleOpcode.SetItem: SetItems(Take(2)); return true;
            case PickleOpcode.SetItems: SetItems(TakeToMark()); return true;
            default: return false;
        }
    }

    private bool Stack(byte opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Mark: _marks.Add(_stack.Count); return true;
            case PickleOpcode.Pop: PopOrUnmark(); return true;
            case PickleOpcode.PopMark: TakeToMark(); return true;
            case PickleOpcode.Dup: Push(Top()); return true;
            case PickleOpcode.BinPut: _memo[reader.Byte()] = Top(); return true;
            case PickleOpcode.LongBinPut: _memo[reader.UInt32()] = Top(); return true;
            case PickleOpcode.Memoize: _memo[_memo.Count] = Top(); return true;
            case PickleOpcode.BinGet: Push(Remembered(reader.Byte())); return true;
            case PickleOpcode.LongBinGet: Push(Remembered(reader.UInt32())); return true;
            case PickleOpcode.Proto: CheckProtocol(reader.Byte()); return true;
            case PickleOpcode.Frame: CheckFrame(reader.Int64()); return true;
            default: return false;
        }
    }

    private bool Class(byte opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Global: Push(PickleClasses.Find(reader.Line(), reader.Line())); return true;
            case PickleOpcode.StackGlobal: StackGlobal(Take(2)); return true;
            case PickleOpcode.Reduce: Reduce(Take(2)); return true;
            case PickleOpcode.Build: Build(Pop()); return true;
            case PickleOpcode.BinPersId: Push(Persistent(Pop())); return true;
            default: return false;
        }
    }

    private object Number(int length)
    {
        if (length is < 0 or > LongestNumber)
        {
            throw new FormatException($"a whole number has {length} bytes");
        }

        var number = new BigInteger(reader.Bytes(length));
        return number >= long.MinValue && number <= long.MaxValue ? (long)number : number;
    }

    private static void CheckProtocol(byte version)
    {
        if (version is < LeastProtocol or > LatestProtocol)
        {
            throw new NotSupportedException($"is a pickle of protocol {version}; protocols {LeastProtocol} to {LatestProtocol} are read");
        }
    }

    private void CheckFrame(long length)
    {
        if (length < 0 || length > reader.Remaining)
        {
            throw new FormatException($"a frame of {length} bytes should follow byte {reader.Position}, and there are {reader.Remaining}");
        }
    }

    private void StackGlobal(object?[] names)
    {
        if (names is not [string module, string name])
        {
            throw new FormatException($"the name of a class is {PickleNames.Describe(names[0])} and {PickleNames.Describe(names[1])}");
        }

        Push(PickleClasses.Find(module, name));
    }

    private void Reduce(object?[] call)
    {
        if (call is not [PickleClass called, PickleList { IsTuple: true } arguments])
        {
            throw new FormatException($"{PickleNames.Describe(call[0])} is called with {PickleNames.Describe(call[1])}");
        }

        Push(called.Call is { } make ? make(new PickleCall(called.Name, arguments.Items, budget)) : throw new NotSupportedException($"calls {called.Name}"));
    }

    private void Build(object? state)
    {
        switch (Top())
        {
            case NumpyArray array:
                array.Build(state);
                break;
            case NumpyType:
                NumpyType.Build(state);
                break;

            // What a state dict says of its modules' versions hangs on it as attributes, which nobody here needs.
            case PickleDictionary when state is PickleDictionary:
                break;
            default:
                throw new NotSupportedException($"sets the state of {PickleNames.Describe(Top())}");
        }
    }

    private TorchStorage Persistent(object? id)
    {
        if (storage is null)
        {
            throw new NotSupportedException("refers to something outside of the pickle");
        }

        if (id is not PickleList { Items: ["storage", PickleClass type, string key, string, long count, ..] } list)
        {
            throw new NotSupportedException("refers to something that is no storage of a tensor");
        }

        return list.Items.Skip(5).All(static view => view is null)
            ? storage(key, PickleClasses.StorageOf(type), count)
            : throw new NotSupportedException($"has a view of storage {key}, as files of PyTorch before 0.4 do");
    }

    private void Append(IEnumerable<object?> items)
    {
        PickleList list = Top() is PickleList { IsTuple: false } top ? top : throw new FormatException($"items are added to {PickleNames.Describe(Top())}");
        list.Add(items);
    }

    private void Dictionary(object?[] items)
    {
        Push(new PickleDictionary());
        SetItems(items);
    }

    private void SetItems(object?[] items)
    {
        if (Top() is not PickleDictionary dictionary || items.Length % 2 != 0)
        {
            throw new FormatException($"{items.Length} keys and values are set in {PickleNames.Describe(Top())}");
        }

        for (int i = 0; i < items.Length; i += 2)
        {
            dictionary.Set(items[i], items[i + 1]);
        }
    }

    private object? Remembered(long index) => _memo.TryGetValue(index, out object? value) ? value : throw new FormatException($"nothing was remembered as {index}");

    private void Push(object? value) => _stack.Add(value);

    private void PushList(object?[] items, bool isTuple)
    {
        var list = new PickleList(isTuple);
        list.Add(items);
        Push(list);
    }

    private object? Top() => _stack.Count > Floor ? _stack[^1] : throw Empty();

    private object? Pop() => Take(1)[0];

    private void PopOrUnmark()
    {
        if (_stack.Count == Floor && _marks.Count > 0)
        {
            _marks.RemoveAt(_marks.Count - 1);
        }
        else
        {
            Pop();
        }
    }

    /// <summary>Takes the last values of the stack, which must lie above the last mark.</summary>
    private object?[] Take(int count)
    {
        if (_stack.Count - count < Floor)
        {
            throw Empty();
        }

        object?[] items = [.. _stack.GetRange(_stack.Count - count, count)];
        _stack.RemoveRange(_stack.Count - count, count);
        return items;
    }

    private object?[] TakeToMark()
    {
        if (_marks.Count == 0)
        {
            throw new FormatException($"there is no mark before byte {reader.Position}");
        }

        object?[] items = Take(_stack.Count - Floor);
        _marks.RemoveAt(_marks.Count - 1);
        return items;
    }

    // What lies below the last mark is out of reach until the mark is gone.
    private int Floor => _marks.Count > 0 ? _marks[^1] : 0;

    private FormatException Empty() => new($"there is nothing on the stack before byte {reader.Position}");
}
