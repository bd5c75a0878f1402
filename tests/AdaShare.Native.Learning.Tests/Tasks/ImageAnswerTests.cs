using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Tests.Tasks;

/// <summary>What predictions of tasks that speak of images mean, in numbers and in words, how wrong they are, and the best constant answers.</summary>
public sealed class ImageAnswerTests
{
    private static readonly string[] Animals = ["cat", "dog", "bird", "fish"];

    [Test]
    public void ClassesAreReadAsProbabilitiesAndSaidInWords()
    {
        Plane read = Read(ImageLabels.Class, [0, MathF.Log(6), MathF.Log(2.985f), MathF.Log(0.015f)]);
        Assert.That(read.Values, Is.EqualTo(new[] { 0.1f, 0.6f, 0.2985f, 0.0015f }).Within(1e-6f));
        Assert.That(ImageLabels.Class.Kind.Say(read, Animals), Is.EqualTo("dog 60 %, bird 30 %, cat 10 %"));
        Assert.That(ImageLabels.Class.Kind.Say(read, []), Does.StartWith("class 1 60 %"));
        Assert.That(ImageLabels.Class.Kind.Say(Plane(3), Animals), Is.EqualTo("fish"));
        Assert.That(ImageLabels.Class.Kind.Say(Plane(-1), Animals), Is.EqualTo("-"));
        Assert.That(Error(ImageLabels.Class, read, Plane(1)), Is.Zero);
        Assert.That(Error(ImageLabels.Class, read, Plane(0)), Is.EqualTo(1));
        Assert.That(Error(ImageLabels.Class, read, Plane(-1)), Is.NaN);
    }

    [Test]
    public void PropertiesAreReadAsProbabilitiesAndSaidInWords()
    {
        Plane read = Read(ImageLabels.Properties, [0, MathF.Log(4), MathF.Log(0.25f)]);
        Assert.That(read.Values, Is.EqualTo(new[] { 0.5f, 0.8f, 0.2f }).Within(1e-6f));
        Assert.That(ImageLabels.Properties.Kind.Say(read, ["young", "smiling", "bald"]), Is.EqualTo("smiling 80 %"));
        Assert.That(ImageLabels.Properties.Kind.Say(Plane(1, 0, 255), ["young", "smiling", "bald"]), Is.EqualTo("young"));
        Assert.That(ImageLabels.Properties.Kind.Say(Plane(0, 0, 0), []), Is.EqualTo("none"));
        Assert.That(Error(ImageLabels.Properties, read, Plane(1, 1, 255)), Is.EqualTo(0.5), "a half is no yes");
        Assert.That(Error(ImageLabels.Properties, read, Plane(255, 255, 255)), Is.NaN);
    }

    [Test]
    public void NumbersAreReadAsTheyAre()
    {
        Plane read = Read(ImageLabels.Numbers, [1.25f, -3]);
        Assert.That(read.Values, Is.EqualTo(new[] { 1.25f, -3 }));
        Assert.That(ImageLabels.Numbers.Kind.Say(read, ["age", "height"]), Is.EqualTo("age 1.25, height -3"));
        Assert.That(ImageLabels.Numbers.Kind.Say(Plane(2, float.NaN), []), Is.EqualTo("2, -"));
        Assert.That(Error(ImageLabels.Numbers, read, Plane(2.25f, float.NaN)), Is.EqualTo(1));
        Assert.That(Error(ImageLabels.Numbers, read, Plane(float.NaN, float.NaN)), Is.NaN);
    }

    [Test]
    public void TheBestConstantAnswersAreFrequenciesAndMedians()
    {
        // Class 1 twice, class 3 once, one image without: counts 1, 3, 1, 2 with one added to each.
        float[] classes = ImageLabels.Class.Kind.Trivial([1, 3, -1, 1], 4);
        Assert.That(classes.Select(static v => Math.Exp(v)).ToArray() is var odds ? odds.Select(v => v / odds.Sum()) : [], Is.EqualTo(new[] { 1 / 7.0, 3 / 7.0, 1 / 7.0, 2 / 7.0 }).Within(1e-6));

        // Yes, no: 2 + 1 to 0 + 1, 1 + 1 to 1 + 1, 0 + 1 to 1 + 1.
        Assert.That(ImageLabels.Properties.Kind.Trivial([1, 0, 255, 1, 1, 0], 3), Is.EqualTo(new[] { MathF.Log(3), 0, MathF.Log(0.5f) }).Within(1e-6f));
        Assert.That(ImageLabels.Numbers.Kind.Trivial([1, 10, 5, float.NaN, 3, 20], 2), Is.EqualTo(new[] { 3f, 20 }), "of an even count the upper one");
    }

    [Test]
    public void ImagesAreNotPainted() => Assert.That(() => ImageLabels.Class.Kind.Paint("class", Plane(1)), Throws.TypeOf<NotSupportedException>().With.Message.Contains("said, not painted"));

    private static Plane Plane(params float[] values) => new(1, 1, values.Length, values);

    private static Plane Read(TaskSpec task, float[] prediction)
    {
        using var backend = new CpuBackend();
        using var step = new Step(backend, recordGradients: false);
        return task.Kind.Read(step, step.FromHost<float>(new Shape(1, 1, 1, prediction.Length), prediction), decodedNormals: true);
    }

    private static double Error(TaskSpec task, Plane prediction, Plane label) => task.Kind.Error(prediction, label).Values.Values[0];
}
