using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Tasks;
using Target = AdaShare.Native.Data.Loading.Target;

namespace AdaShare.Native.Learning.Tests.Tasks;

/// <summary>Losses of tasks that speak of images as a whole, in double precision, against numbers worked out by hand; what is missing contributes nothing.</summary>
public sealed class ImageLossTests
{
    private const double Tolerance = 1e-12;

    private static readonly double[] Logits = [1, 2, 3, 0, 0.5, -1, 4, 2, -2, 0.25, 1, 1];
    private static readonly double[] Properties = [2, -1, 0.5, 0, 3, -4, 1, -2, 0.75];
    private static readonly double[] Numbers = [1.5, -2, 0, 4, 8, 0.5];

    /// <summary>A task, predictions for three images, their labels, and the loss.</summary>
    public static IEnumerable<TestCaseData> Cases { get; } =
    [
        Case("class", ImageLabels.Class, Logits, [[2], [0], [3]], (CrossEntropy(0, 2) + CrossEntropy(1, 0) + CrossEntropy(2, 3)) / 3),
        Case("attributes", ImageLabels.Properties, Properties, [[1, 0, 1], [0, 1, 1], [0, 0, 1]], (Yes(2) + No(-1) + Yes(0.5) + No(0) + Yes(3) + Yes(-4) + No(1) + No(-2) + Yes(0.75)) / 9),
        Case("attributes, some not known", ImageLabels.Properties, Properties, [[1, 255, 1], [255, 255, 255], [0, 0, 255]], (Yes(2) + Yes(0.5) + No(1) + No(-2)) / 4),
        Case("values", ImageLabels.Numbers, Numbers, [[1, 1], [-0.5f, 4], [10, 2]], (0.5 + 3 + 0.5 + 0 + 2 + 1.5) / 6),
        Case("values, some not known", ImageLabels.Numbers, Numbers, [[1, float.NaN], [float.NaN, float.NaN], [float.NaN, 2]], (0.5 + 1.5) / 2),
    ];

    [TestCaseSource(nameof(Cases))]
    public void TheLossIsTheMeanOverWhatIsKnown(TaskSpec task, double[] prediction, float[][] labels, double expected) =>
        Assert.That(Loss(task, prediction, ImageLabels.Target(task, labels)).Value, Is.EqualTo(expected).Within(Tolerance));

    [TestCaseSource(nameof(Cases))]
    public void AnImageWithoutLabelContributesNothing(TaskSpec task, double[] prediction, float[][] labels, double whole)
    {
        int channels = task.Channels;
        (double missing, double[] gradient) = Loss(task, prediction, ImageLabels.Target(task, labels[0], null, labels[2]));
        (double subset, double[] ofSubset) = Loss(task, [.. prediction[..channels], .. prediction[(2 * channels)..]], ImageLabels.Target(task, labels[0], labels[2]));
        Assert.That(missing, Is.EqualTo(subset).Within(Tolerance));
        Assert.That(gradient[channels..(2 * channels)], Is.All.Zero);
        Assert.That(gradient[..channels].Concat(gradient[(2 * channels)..]), Is.EqualTo(ofSubset).Within(Tolerance));
        (double nothing, double[] none) = Loss(task, prediction, ImageLabels.Target(task, null, null, null));
        Assert.That(nothing, Is.Zero, "a batch without labels has no loss");
        Assert.That(none, Is.All.Zero);
    }

    [TestCaseSource(nameof(Cases))]
    public void GradientsAreThoseOfCentralDifferences(TaskSpec task, double[] prediction, float[][] labels, double whole)
    {
        const double distance = 1e-6;
        Target target = ImageLabels.Target(task, labels);
        double[] gradient = Loss(task, prediction, target).Gradient;
        for (int i = 0; i < prediction.Length; i++)
        {
            double At(double d) => Loss(task, [.. prediction.Select((value, k) => k == i ? value + d : value)], target).Value;

            // The absolute error has no gradient where it is 0; there its subgradient 0 is between the two slopes.
            Assert.That(gradient[i], Is.EqualTo((At(distance) - At(-distance)) / (2 * distance)).Within(1e-8), $"value {i}");
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void EachImageHasALossOfItsOwn(TaskSpec task, double[] prediction, float[][] labels, double whole)
    {
        using var backend = new CpuBackend();
        using var step = new Step(backend);
        Tensor batch = step.FromDoubles(new Shape(3, 1, 1, task.Channels), DType.Float64, prediction);
        double[] found = ImageLosses.Of(step, task, batch, ImageLabels.Target(task, labels[0], null, labels[2]));
        double Alone(int image) => Loss(task, prediction[(image * task.Channels)..((image + 1) * task.Channels)], ImageLabels.Target(task, labels[image])).Value;
        Assert.That(found, Is.EqualTo(new[] { Alone(0), 0, Alone(2) }).Within(Tolerance));
    }

    [Test]
    public void SinglePrecisionStaysFiniteForSureAnswers()
    {
        // sigmoid(200) is 1 in single precision: a loss by its logarithm would be infinite for the wrong one.
        using var backend = new CpuBackend();
        using var step = new Step(backend);
        Tensor sure = step.FromHost<float>(new Shape(1, 1, 1, 3), [200, -200, 200]);
        Assert.That(ImageLabels.Properties.Kind.Loss(step, sure, ImageLabels.Target(ImageLabels.Properties, [0f, 1f, 1f])).Item(), Is.EqualTo(400.0 / 3).Within(1e-4));
    }

    private static TestCaseData Case(string name, TaskSpec task, double[] prediction, float[][] labels, double expected) => new TestCaseData(task, prediction, labels, expected).SetArgDisplayNames(name);

    private static (double Value, double[] Gradient) Loss(TaskSpec task, double[] prediction, Target target)
    {
        using var backend = new CpuBackend();
        using var step = new Step(backend);
        Tensor watched = step.Watch(step.FromDoubles(new Shape(prediction.Length / task.Channels, 1, 1, task.Channels), DType.Float64, prediction));
        Tensor loss = step.Keep(task.Kind.Loss(step, watched, target));
        step.Backward(loss);
        return (loss.Item(), step.GradientOf(watched)!.ToDoubles());
    }

    private static double CrossEntropy(int image, int label) => Math.Log(Logits[(4 * image)..(4 * (image + 1))].Sum(Math.Exp)) - Logits[(4 * image) + label];

    private static double Yes(double logit) => Math.Log(1 + Math.Exp(-logit));

    private static double No(double logit) => Math.Log(1 + Math.Exp(logit));
}
