using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Architecture.Tests.Fixtures;

/// <summary>What must not stand in a room: training steps beside the one that all methods share.</summary>
internal static class SecondStep
{
    public static void Train(Step step, Adam optimizer, Tensor loss) => optimizer.BackwardAndStep(step, loss);

    public static Action Later(Step step, Tensor loss) => () => step.Backward(loss);

    public static Action AsDelegate(Sgd optimizer) => optimizer.Step;
}

/// <summary>What is no training step: methods of the same names elsewhere.</summary>
internal static class NoStep
{
    public static void Clear(Adam optimizer) => optimizer.ClearGradients();

    public static void Walk(Walker walker) => walker.Step();

    internal sealed class Walker
    {
        public int Steps { get; private set; }

        public void Step() => Steps++;
    }
}
