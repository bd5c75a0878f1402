using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Methods.BlockDrop;

/// <summary>How long the phases before the final training are, and when blocks open.</summary>
/// <param name="WarmUp">Steps with hard sharing.</param>
/// <param name="Policy">Steps of the policy alone.</param>
/// <param name="Open">Steps until one more block has a decision.</param>
/// <param name="Blocks">The number of blocks.</param>
internal sealed record BlockDropSchedule(long WarmUp, long Policy, long Open, int Blocks)
{
    /// <summary>What a configuration says, or leaves to us.</summary>
    public static BlockDropSchedule Of(RunConfig config)
    {
        BlockDropOptions options = config.Options<BlockDropOptions>();
        int blocks = BackboneSpec.Of(config.Backbone).BlockCount, warmUp = options.WarmUpIters ?? config.Train.TotalIters / 2;
        long policy = Math.Max(0, config.Train.TotalIters - warmUp);
        return new BlockDropSchedule(warmUp, policy, options.OpenIters ?? Math.Max(1, policy / (2L * blocks)), blocks);
    }

    /// <summary>How many of the last blocks have a decision in the step of the policy's training after so many.</summary>
    public int OpenBlocks(long done) => (int)Math.Min(Blocks, 1 + (done / Open));
}
