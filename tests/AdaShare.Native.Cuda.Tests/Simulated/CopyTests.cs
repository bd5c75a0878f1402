using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Tests.Simulated;

/// <summary>Copies of blocks: vectors of four are moved where starts, strides and lengths all allow it.</summary>
[TestFixture]
public sealed class CopyTests
{
    [Test]
    public void Blocks_are_copied_whatever_their_starts_and_strides(
        [Values(0, 4, 5)] int sourceStart, [Values(8, 9)] int sourceStride, [Values(0, 6, 8)] int targetStart, [Values(12, 11)] int targetStride, [Values(8, 7)] int length, [Values] bool accumulate)
    {
        const int Blocks = 3;
        using var device = new SimulatedBackend();
        float[] from = [.. Enumerable.Range(0, 40).Select(static i => (float)i)], to = [.. Enumerable.Range(0, 50).Select(static i => -100f * i)];
        using (var step = new Step(device.Backend, recordGradients: false))
        {
            Tensor source = step.FromHost<float>(new Shape(40), from), target = step.FromHost<float>(new Shape(50), to);
            device.Backend.Elementwise.CopyBlocks(source, sourceStart, sourceStride, target, targetStart, targetStride, Blocks, length, accumulate);
            for (int b = 0; b < Blocks; b++)
            {
                for (int i = 0; i < length; i++)
                {
                    ref float element = ref to[targetStart + (b * targetStride) + i];
                    element = (accumulate ? element : 0) + from[sourceStart + (b * sourceStride) + i];
                }
            }

            Assert.That(target.ToArray<float>(), Is.EqualTo(to));
        }

        device.AssertClean();
    }
}
