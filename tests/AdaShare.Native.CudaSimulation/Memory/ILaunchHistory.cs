namespace AdaShare.Native.CudaSimulation.Memory;

/// <summary>What ran on the device before, by the numbers of the blocks.</summary>
internal interface ILaunchHistory
{
    /// <summary>Whether a block of an earlier launch is certain to have ended before the present one began.</summary>
    bool IsBefore(uint block);

    /// <summary>Names the launch that a block belonged to.</summary>
    string Describe(uint block);
}
