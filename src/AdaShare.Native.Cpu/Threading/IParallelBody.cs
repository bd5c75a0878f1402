namespace AdaShare.Native.Cpu.Threading;

/// <summary>
/// The body of a parallel loop as a struct: the loop is compiled for it and nothing is allocated. Each thread works on a copy of its own, so fields are inputs only.
/// </summary>
internal interface IParallelBody
{
    /// <summary>Does one item. Items run in any order and at the same time, each exactly once; an item must not read what another one writes.</summary>
    /// <param name="index">0 … count - 1.</param>
    void Invoke(int index);
}
