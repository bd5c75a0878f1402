using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Execution;

/// <summary>How one execution of a body ends where it can be computed whole, from the streams' inputs to what leaves the block.</summary>
/// <param name="Outputs">Indices in <see cref="BlockPlan.Outputs"/>, in the order in which they lie in the batch.</param>
/// <param name="IsMix">Whether gates mix the body with the residual.</param>
/// <param name="SharesInput">Whether all outputs are mixes of one stream.</param>
internal sealed record PassEnd(int[] Outputs, bool IsMix, bool SharesInput)
{
    /// <summary>The end of a pass, or null where its streams end differently: some run and some are mixed, or one of several streams is mixed more than once.</summary>
    public static PassEnd? Of(BlockPlan block, BodyPass pass)
    {
        int[] outputs =
        [
            .. Enumerable.Range(0, block.Outputs.Count)
                .Where(o => block.Outputs[o].Kind != GateKind.Off && pass.Streams.Contains(block.Outputs[o].Source))
                .OrderBy(o => block.Outputs[o].Source),
        ];
        bool isMix = Array.TrueForAll(outputs, o => block.Outputs[o].Kind == GateKind.Soft);
        if (!isMix && !Array.TrueForAll(outputs, o => block.Outputs[o].Kind == GateKind.On))
        {
            return null;
        }

        // Every stream of a recorded pass has at least one output, so equal counts mean one each.
        return outputs.Length == pass.Streams.Count ? new PassEnd(outputs, isMix, SharesInput: false)
            : pass.Streams.Count == 1 ? new PassEnd(outputs, isMix, SharesInput: true)
            : null;
    }
}
