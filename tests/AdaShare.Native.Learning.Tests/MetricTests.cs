using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Tests;

/// <summary>Metrics in both readings, on pictures small enough to count by hand.</summary>
public sealed class MetricTests
{
    [Test]
    public void MeanIouDiffersBetweenTheReadings()
    {
        // Truth 0 0 1 2 and one void pixel; prediction 0 1 1 0 0: class 0 has IoU 1/3, class 1 has 1/2, class 2 has 0 and no true positive.
        var label = new Plane(1, 5, 1, [0, 0, 1, 2, 255]);
        MetricTable table = Report(TaskSpec.Of("seg", 3, 1), label, OneHot([0, 1, 1, 0, 0], 3), 1, 5);
        Assert.That(table["seg"]["miou"], Is.EqualTo(100 * ((1 / 3.0) + 0.5) / 3).Within(1e-9));
        Assert.That(table["seg"]["miou_official"], Is.EqualTo(100 * ((1 / 3.0) + 0.5) / 2).Within(1e-9));
        Assert.That(table["seg"]["pixel_accuracy"], Is.EqualTo(50).Within(1e-9));
    }

    [Test]
    public void PixelAccuracyIsPooledOrAveragedOverImages()
    {
        TaskMetrics metrics = TaskSpec.Of("seg", 2, 1).CreateMetrics(decodedNormals: true);
        metrics.Add(OneHot([0, 0, 0, 0], 2), 1, 4, new Plane(1, 4, 1, [0, 0, 0, 1]));
        metrics.Add(OneHot([0, 0, 0, 0], 2), 1, 4, new Plane(1, 4, 1, [1, 255, 255, 255]));
        var table = new MetricTable();
        metrics.Report(table, "seg");
        Assert.That(table["seg"]["pixel_accuracy"], Is.EqualTo(60).Within(1e-9));
        Assert.That(table["seg"]["pixel_accuracy_official"], Is.EqualTo(37.5).Within(1e-9));
    }

    /// <summary>CityScapes' void is wrong in the official pixel accuracy, and Taskonomy's classes weigh in the official cross-entropy; the corrected reading knows neither.</summary>
    [Test]
    public void TheOfficialReadingFollowsTheDataSet()
    {
        var label = new Plane(1, 4, 1, [0, 1, 1, 255]);
        float[] prediction = OneHot([0, 0, 1, 1], 2);
        TaskMetrics metrics = TaskSpec.Of("seg", 2, 1).CreateMetrics(decodedNormals: true);
        metrics.Follow(new WeightedDataset([3, 0.5f], label), Label.Segmentation);
        metrics.Add(prediction, 1, 4, label);
        var table = new MetricTable();
        metrics.Report(table, "seg");
        double right = Math.Log(1 + Math.Exp(-5)), wrong = right + 5;
        Assert.That(table["seg"]["pixel_accuracy"], Is.EqualTo(200 / 3.0).Within(1e-9));
        Assert.That(table["seg"]["pixel_accuracy_official"], Is.EqualTo(50).Within(1e-9));
        Assert.That(table["seg"]["cross_entropy"], Is.EqualTo(((2 * right) + wrong) / 3).Within(1e-9));
        Assert.That(table["seg"]["cross_entropy_official"], Is.EqualTo(((3 * right) + (0.5 * (right + wrong))) / 4).Within(1e-9));
    }

    [Test]
    public void PredictionsAreEnlargedToTheNearestPixel()
    {
        MetricTable table = Report(TaskSpec.Of("seg", 2, 1), new Plane(2, 4, 1, [0, 0, 1, 1, 0, 0, 1, 1]), OneHot([0, 1], 2), 1, 2);
        Assert.That(table["seg"]["pixel_accuracy"], Is.EqualTo(100));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void AnglesAreMeasuredInBothSpaces(bool decoded)
    {
        // Truth towards the camera (z), prediction 45 degrees to the right; the raw vectors are (255, 127.5, 127.5) and the like.
        double half = Math.Sqrt(0.5);
        double[] truth = [0.99, Math.Sqrt(1 - (0.99 * 0.99)), 0], predicted = [half, 0, half];
        float[] Channels(double[] n) => [.. n.Select(v => (float)(decoded ? v : (v + 1) * 127.5))];
        double angle = Angle(truth, predicted), raw = Angle([.. truth.Select(v => v + 1)], [.. predicted.Select(v => v + 1)]);

        TaskMetrics metrics = TaskSpec.Of("sn", 3, 1).CreateMetrics(decoded);
        metrics.Add([.. Channels(predicted).Select(v => v * 3)], 1, 1, new Plane(1, 2, 3, [.. Channels(truth), 255, 255, 255]));
        var table = new MetricTable();
        metrics.Report(table, "sn");
        Assert.That(table["sn"]["angle_mean"], Is.EqualTo(angle).Within(1e-3));
        Assert.That(table["sn"]["angle_median"], Is.EqualTo(angle).Within(1e-3));
        Assert.That(table["sn"]["angle_mean_official"], Is.EqualTo(raw).Within(1e-3));
        Assert.That(raw, Is.LessThan(angle), "raw vectors halve true gaps");
        Assert.That(table["sn"]["within_30_official"], Is.EqualTo(raw <= 30 ? 100 : 0));
    }

    [Test]
    public void TheMedianIsTheMiddleOfTheAngles()
    {
        var statistics = new AngleStatistics();
        foreach (double degrees in new[] { 10.0, 20, 40, 90 })
        {
            statistics.Add(Math.Cos(degrees * Math.PI / 180));
        }

        Assert.That(statistics.Median, Is.EqualTo(30).Within(1e-3));
        Assert.That((statistics.Within11, statistics.Within22, statistics.Within30), Is.EqualTo((25.0, 50.0, 50.0)));
    }

    [Test]
    public void NegativeDepthsAreRightOnlyInTheOfficialReading()
    {
        MetricTable table = Report(TaskSpec.Of("depth", 1, 1), new Plane(1, 4, 1, [2, 2, 2, 0]), [2.2f, -1, 4, 7], 1, 4);
        Assert.That(table["depth"]["abs_error"], Is.EqualTo((0.2 + 3 + 2) / 3).Within(1e-6));
        Assert.That(table["depth"]["rel_error"], Is.EqualTo((0.1 + 1.5 + 1) / 3).Within(1e-6));
        Assert.That(table["depth"]["within_1_25"], Is.EqualTo(100 / 3.0).Within(1e-9));
        Assert.That(table["depth"]["within_1_25_official"], Is.EqualTo(200 / 3.0).Within(1e-9));
    }

    [Test]
    public void HeatIgnoresItsMark()
    {
        MetricTable table = Report(TaskSpec.Of("edge", 1, 1), new Plane(1, 3, 1, [-1, 1, 255]), [-0.5f, 0, 9], 1, 3);
        Assert.That(table["edge"]["l1"], Is.EqualTo(0.75).Within(1e-9));
    }

    [Test]
    public void TheScoreIsTheMeanBoundedGain()
    {
        var reference = new MetricTable();
        var better = new MetricTable();
        foreach ((MetricTable table, double miou, double angle) in new[] { (reference, 50.0, 20.0), (better, 60.0, 15.0) })
        {
            table.Set("seg", "miou", miou);
            table.Set("seg", "miou_official", 1);
            table.Set("sn", "angle_mean", angle);
        }

        TaskSpec[] tasks = [TaskSpec.Of("seg", 40, 1), TaskSpec.Of("sn", 3, 1)];
        Assert.That(SelectionScore.Of(reference, reference, tasks), Is.Zero);

        // (60 - 50) / 60 and (20 - 15) / 20.
        Assert.That(SelectionScore.Of(better, reference, tasks), Is.EqualTo(((100 / 6.0) + 25) / 2).Within(1e-9));
        Assert.That(SelectionScore.Of(better, reference, tasks[..1]), Is.EqualTo(100 / 6.0).Within(1e-9), "of one task alone");
        reference.Set("seg", "miou", 1e-6);
        Assert.That(SelectionScore.Of(better, reference, tasks[..1]), Is.EqualTo(100).Within(1e-3), "a reference near zero can't decide alone");
        better.Set("sn", "angle_mean", double.NaN);
        Assert.That(SelectionScore.Of(better, reference, tasks), Is.NaN, "and a metric that is no number is no gain");
        Assert.That(SelectionScore.Of(better, new MetricTable(), tasks), Is.NaN, "without anything to compare there is no score");
    }

    private static MetricTable Report(TaskSpec task, Plane label, float[] prediction, int height, int width)
    {
        TaskMetrics metrics = task.CreateMetrics(decodedNormals: true);
        metrics.Add(prediction, height, width, label);
        var table = new MetricTable();
        metrics.Report(table, task.Name);
        return table;
    }

    private static float[] OneHot(int[] classes, int count)
    {
        var logits = new float[classes.Length * count];
        for (int i = 0; i < classes.Length; i++)
        {
            logits[(i * count) + classes[i]] = 5;
        }

        return logits;
    }

    private static double Angle(double[] a, double[] b)
    {
        double dot = a.Zip(b, (x, y) => x * y).Sum(), lengths = Math.Sqrt(a.Sum(x => x * x) * b.Sum(x => x * x));
        return Math.Acos(dot / lengths) * 180 / Math.PI;
    }
}
