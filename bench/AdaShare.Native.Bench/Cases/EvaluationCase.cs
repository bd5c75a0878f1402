using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.MultiTask.Golden;
using AdaShare.Native.MultiTask.Model;
using AdaShare.Native.MultiTask.Policies;
using AdaShare.Native.MultiTask.Tasks;

namespace AdaShare.Native.Bench.Cases;

/// <summary>The evaluation of one image of 480x640 under the published NYU v2 3-task policy of ResNet-34.</summary>
internal sealed class EvaluationCase : BenchCase
{
    private const int Height = 480;
    private const int Width = 640;
    private const string PublishedPolicy = "seg:6;sn:9,10,11;depth:5,10,11";

    private readonly AdaShareNetwork _network;
    private readonly DiscretePolicy _policy;
    private readonly float[] _image;

    /// <summary>Makes the network with the golden weights.</summary>
    public EvaluationCase(Backend backend, DType activations = DType.Float32)
    {
        IReadOnlyList<TaskSpec> tasks = StepCase.Tasks;
        BackboneSpec backbone = BackboneSpec.Of("ResNet34");
        _network = new AdaShareNetwork(new NetworkSpec(backbone, tasks, StepCase.HeadChannels, Dropout: 0, SkipLayer: 0) { Activations = activations }, backend);
        GoldenFormula.Initialize(_network.Store);
        _policy = DiscretePolicy.Parse(PublishedPolicy, [.. tasks.Select(static task => task.Name)], backbone.BlockCount);
        _image = Uniform("eval/image", Height * Width * 3, -128, 256);
    }

    /// <inheritdoc/>
    public override void Run() => _ = Predict();

    /// <inheritdoc/>
    public override IEnumerable<(string Name, float[] Values)> Results() =>
        Predict().Select(static (values, t) => ($"output.{StepCase.Tasks[t].Name}", values));

    /// <inheritdoc/>
    public override void Dispose() => _network.Dispose();

    private float[][] Predict()
    {
        using var step = new Step(_network.Backend, recordGradients: false);
        Tensor image = step.FromHost<float>(new Shape(1, Height, Width, 3), _image);
        return [.. _network.Forward(step, image, _policy.ToGates(), training: false).Select(static output => output.ToArray<float>())];
    }
}
