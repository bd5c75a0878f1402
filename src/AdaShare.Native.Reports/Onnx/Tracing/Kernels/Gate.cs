using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Reports.Onnx.Graphs;

namespace AdaShare.Native.Reports.Onnx.Tracing;

/// <summary>Gated residuals, recorded; gates themselves are drawn from weights alone and are numbers.</summary>
internal sealed class TracedGate(Trace trace, IGateKernels inner) : IGateKernels
{
    public void GatedResidual(Tensor branch, Tensor residual, Tensor gates, Tensor output)
    {
        if (!trace.Records(branch, residual, gates))
        {
            inner.GatedResidual(branch, residual, gates, output);
            trace.Memory.Clear(output);
            return;
        }

        Mix(trace, trace.Memory.Read(branch), trace.Memory.Read(residual), gates, output);
    }

    public void GumbelNoise(RandomStream stream, Tensor output)
    {
        inner.GumbelNoise(stream, output);
        trace.Memory.Clear(output);
    }

    public void GumbelSoftmax(Tensor logits, Tensor noise, double temperature, Tensor soft, Tensor? hard) => throw Trace.NoEvaluation();

    public void GumbelSoftmaxBackward(Tensor soft, double temperature, Tensor gradOutput, Tensor gradLogits, bool accumulate) => throw Trace.NoEvaluation();

    public void GumbelGates(IReadOnlyList<Tensor> logits, Tensor? noise, IReadOnlyList<RandomStream>? streams, double temperature, Tensor soft, Tensor? hard) => throw Trace.NoEvaluation();

    public void GumbelGatesBackward(Tensor soft, double temperature, Tensor gradOutput, IReadOnlyList<Target> gradLogits) => throw Trace.NoEvaluation();

    public void GatedResidualBackward(Tensor branch, Tensor residual, Tensor gates, Tensor gradOutput, Target gradBranch, Target gradResidual, Target gradGates) => throw Trace.NoEvaluation();

    /// <summary>ReLU(residual + branch), or p_select ReLU(residual + branch) + p_skip residual where there are gates.</summary>
    /// <param name="trace">The recording.</param>
    /// <param name="branches">The branch of each image.</param>
    /// <param name="residuals">The residual of each image.</param>
    /// <param name="gates">[S, 2], or null.</param>
    /// <param name="output">As many images, or S times as many where all streams read the same.</param>
    public static void Mix(Trace trace, GraphValue[] branches, GraphValue[] residuals, Tensor? gates, Tensor output)
    {
        GraphValue[] run = [.. branches.Zip(residuals, (branch, residual) => trace.Graph.Add("Relu", trace.Graph.Add(OnnxOperators.Add, branch, residual)))];
        if (gates is null)
        {
            trace.Memory.Write(output, run);
            return;
        }

        double[] weights = trace.Constant(gates, "the weights of its blocks");
        int images = output.Shape[0] / gates.Shape[0];
        trace.Memory.Write(output, [.. Enumerable.Range(0, output.Shape[0]).Select(i =>
        {
            int stream = i / images, source = i % run.Length;
            return Weighted(trace.Graph, run[source], weights[2 * stream], residuals[source], weights[(2 * stream) + 1]);
        })]);
    }

    private static GraphValue Weighted(Graph graph, GraphValue run, double select, GraphValue residual, double skip) => skip == 0 ? graph.Scale(run, select)
        : select == 0 ? graph.Scale(residual, skip)
        : graph.Add(OnnxOperators.Add, graph.Scale(run, select), graph.Scale(residual, skip));
}
