namespace AdaShare.Native.Architecture.Tests.Fixtures.Upper
{
    /// <summary>Refers down by a field.</summary>
    internal sealed class Roof
    {
        private readonly Lower.Floor _floor = new();

        public override string ToString() => $"{_floor}";
    }
}

namespace AdaShare.Native.Architecture.Tests.Fixtures.Lower
{
    /// <summary>Refers back up, through a third namespace, in the body of a lambda alone.</summary>
    internal sealed class Floor
    {
        public static Func<int, string> Text => static count => Middle.Wall.Count(count);
    }
}

namespace AdaShare.Native.Architecture.Tests.Fixtures.Middle
{
    /// <summary>Refers up by a generic argument.</summary>
    internal static class Wall
    {
        public static string Count(int count) => $"{new List<Upper.Roof>(count).Count}";
    }
}

namespace AdaShare.Native.Architecture.Tests.Fixtures.Apart
{
    /// <summary>Refers to all and is referred to by none.</summary>
    internal sealed class Garden
    {
        private readonly (Upper.Roof Roof, Lower.Floor Floor) _house = (new(), new());

        public override string ToString() => $"{_house}";
    }
}
