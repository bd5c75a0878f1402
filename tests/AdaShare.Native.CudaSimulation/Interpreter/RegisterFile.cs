using AdaShare.Native.CudaSimulation.Ptx;

namespace AdaShare.Native.CudaSimulation.Interpreter;

/// <summary>Lays out the registers of a kernel: named ones, constants and special registers, each 32 lanes of 4 or 8 bytes, predicates one word.</summary>
internal sealed class RegisterFile
{
    private readonly Dictionary<string, (int Offset, PtxType Type)> _named = [];
    private readonly Dictionary<(ulong, int), int> _constantOffsets = [];
    private readonly Dictionary<SpecialRegister, int> _specialOffsets = [];

    public int Bytes { get; private set; }

    public List<(int Offset, ulong Value, bool IsWide, bool IsPredicate)> Constants { get; } = [];

    public List<(int Offset, SpecialRegister Register)> Specials { get; } = [];

    /// <summary>The offset of a declared register.</summary>
    public int Named(string key, PtxType type)
    {
        if (!_named.TryGetValue(key, out (int Offset, PtxType) found))
        {
            _named[key] = found = (Take(type), type);
        }

        return found.Offset;
    }

    /// <summary>The offset of a register that holds a value in every lane.</summary>
    public int Constant(ulong value, PtxType type)
    {
        int width = type == PtxType.Predicate ? 0 : type.Bytes() == 8 ? 8 : 4;
        ulong bits = width switch
        {
            0 => value != 0 ? uint.MaxValue : 0,
            8 => value,
            _ => type.Bytes() == 2 ? (ushort)value : (uint)value,
        };
        if (!_constantOffsets.TryGetValue((bits, width), out int offset))
        {
            _constantOffsets[(bits, width)] = offset = Take(type);
            Constants.Add((offset, bits, width == 8, width == 0));
        }

        return offset;
    }

    /// <summary>The offset of a special register, or -1 where it is none that kernels may read here.</summary>
    public int Special(string name)
    {
        SpecialRegister? register = name switch
        {
            "%tid.x" => SpecialRegister.ThreadX,
            "%tid.y" => SpecialRegister.ThreadY,
            "%tid.z" => SpecialRegister.ThreadZ,
            "%ntid.x" => SpecialRegister.BlockSizeX,
            "%ntid.y" => SpecialRegister.BlockSizeY,
            "%ntid.z" => SpecialRegister.BlockSizeZ,
            "%ctaid.x" => SpecialRegister.BlockX,
            "%ctaid.y" => SpecialRegister.BlockY,
            "%ctaid.z" => SpecialRegister.BlockZ,
            "%nctaid.x" => SpecialRegister.GridSizeX,
            "%nctaid.y" => SpecialRegister.GridSizeY,
            "%nctaid.z" => SpecialRegister.GridSizeZ,
            "%laneid" => SpecialRegister.Lane,
            "%warpid" => SpecialRegister.Warp,
            "%nwarpid" => SpecialRegister.WarpCount,
            "%lanemask_lt" => SpecialRegister.LanesBelow,
            "%lanemask_le" => SpecialRegister.LanesBelowOrEqual,
            "%lanemask_gt" => SpecialRegister.LanesAbove,
            "%lanemask_ge" => SpecialRegister.LanesAboveOrEqual,
            "%lanemask_eq" => SpecialRegister.LaneBit,
            _ => null,
        };
        if (register is not { } known)
        {
            return -1;
        }

        if (!_specialOffsets.TryGetValue(known, out int offset))
        {
            _specialOffsets[known] = offset = Take(PtxType.U32);
            Specials.Add((offset, known));
        }

        return offset;
    }

    /// <summary>Room for a result that nobody asked for.</summary>
    public int Scratch(PtxType type) => Take(type);

    private int Take(PtxType type)
    {
        int offset = Bytes;
        Bytes += type == PtxType.Predicate ? 64 : type.Bytes() == 8 ? 256 : 128;
        return offset;
    }
}
