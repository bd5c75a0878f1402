using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Tasks;
using Target = AdaShare.Native.Data.Loading.Target;

namespace AdaShare.Native.Learning.Tests;

/// <summary>The weights of a data set's classes on their way into the loss.</summary>
public sealed class ClassWeightTests
{
    /// <summary>Three outputs and weights of two classes: the third has weight 1 and no label. By hand: sum of w (-log softmax) / sum of w over the labelled pixels.</summary>
    [TestCase(new float[0])]
    [TestCase(new float[] { 4, 0.25f })]
    public void TheLossWeighsPixelsByTheirClass(float[] weights)
    {
        float[] classes = [0, 1, 1, 255];
        float[] logits = [1, 2, 0, 0.5f, -1, 3, 2, 2, 2, 9, 9, 9];
        double sum = 0, total = 0;
        for (int p = 0; p < 3; p++)
        {
            double[] own = [.. logits[(3 * p)..((3 * p) + 3)].Select(value => Math.Exp(value))];
            double weight = weights.Length == 0 ? 1 : weights[(int)classes[p]];
            sum -= weight * Math.Log(own[(int)classes[p]] / own.Sum());
            total += weight;
        }

        using var loader = new BatchLoader(new WeightedDataset(weights, new Plane(2, 2, 1, classes)), Split.Train, [Label.Segmentation], new BatchShape(1, 2, 2, 2, 2), new AugmentationOptions(2, 2, 1, 1, 0, true), 1, "train", 1);
        using Batch batch = loader.Next();
        Target target = batch.Targets[Label.Segmentation];
        using var backend = new CpuBackend();
        using var step = new Step(backend, recordGradients: false);
        Tensor prediction = step.FromHost<float>(new Shape(1, 2, 2, 3), logits);
        TaskSpec task = TaskSpec.Of("seg", 3, 1);

        Assert.That(target.ClassWeights, Is.EqualTo(weights));
        Assert.That(task.Kind.Loss(step, prediction, target).Item(), Is.EqualTo(sum / total).Within(1e-6));
        Assert.That(ImageLosses.Of(step, task, prediction, target), Is.EqualTo([sum / total]).Within(1e-6));
    }

    [Test]
    public void TheLossOfImagesWeighsThemByTheirClass()
    {
        float[] weights = [4, 0.25f, 1];
        Plane[] classes = [.. new float[] { 0, 1, 2, -1 }.Select(static c => new Plane(1, 1, 1, [c]))];
        Label label = Label.Of(LabelKind.Class);
        using var loader = new BatchLoader(new WeightedDataset(weights, classes) { Label = label }, Split.Train, [label], new BatchShape(4, 2, 2, 1, 1), new AugmentationOptions(2, 2, 1, 1, 0, true), 1, "train", 1);
        using Batch batch = loader.Next();
        Target target = batch.Targets[label];
        using var backend = new CpuBackend();
        using var step = new Step(backend, recordGradients: false);
        float[] logits = [1, 2, 0, 0.5f, -1, 3, 2, 2, 2, 9, 8, 7];
        double sum = 0, total = 0;
        for (int i = 0; i < 4; i++)
        {
            if (target.Classes[i] >= 0)
            {
                double[] own = [.. logits[(3 * i)..((3 * i) + 3)].Select(value => Math.Exp(value))];
                sum -= weights[target.Classes[i]] * Math.Log(own[target.Classes[i]] / own.Sum());
                total += weights[target.Classes[i]];
            }
        }

        Tensor loss = new ClassTask().Loss(step, step.FromHost<float>(new Shape(4, 1, 1, 3), logits), target);

        Assert.That(target.Classes, Is.EquivalentTo(new[] { 0, 1, 2, -1 }));
        Assert.That(loss.Item(), Is.EqualTo(sum / total).Within(1e-6));
    }
}
