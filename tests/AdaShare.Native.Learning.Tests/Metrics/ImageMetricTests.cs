using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Metrics;

namespace AdaShare.Native.Learning.Tests.Metrics;

/// <summary>Metrics of tasks that speak of images, on few enough to count by hand.</summary>
public sealed class ImageMetricTests
{
    private const double Tolerance = 1e-9;

    [Test]
    public void ClassesAreCounted()
    {
        var metrics = new ClassMetrics(3);

        // Labels 0 0 0 1 1 2, answers 0 0 1 1 2 1, and one image without a class.
        foreach ((int label, int answer) in new[] { (0, 0), (0, 0), (0, 1), (1, 1), (1, 2), (2, 1), (-1, 2) })
        {
            metrics.Add([.. Enumerable.Range(0, 3).Select(c => c == answer ? 2f : 0)], 1, 1, Label(label));
        }

        IReadOnlyDictionary<string, double> table = Report(metrics, out MetricTable report);
        Assert.That(table["accuracy"], Is.EqualTo(100 * 3 / 6.0).Within(Tolerance));
        Assert.That(table["class_accuracy"], Is.EqualTo(100 * ((2 / 3.0) + 0.5 + 0) / 3).Within(Tolerance));

        // F1 of each: 2 hits of 3 labels and 2 answers; 1 of 2 and 3; none.
        Assert.That(table["f1"], Is.EqualTo(100 * ((4 / 5.0) + (2 / 5.0) + 0) / 3).Within(Tolerance));
        double sum = Math.Log(2 + Math.Exp(2));
        Assert.That(table["cross_entropy"], Is.EqualTo(((3 * (sum - 2)) + (3 * sum)) / 6).Within(1e-7));
        Assert.That(table.Keys, Has.No.Member("top5"), "of three classes the first five are all");
        Dictionary<string, double> classes = report.CopyClasses()["task"];
        Assert.That(classes.Keys, Is.EqualTo(new[] { "0", "1", "2" }));
        Assert.That(classes.Values, Is.EqualTo(new[] { 200 / 3.0, 50, 0 }).Within(Tolerance));
    }

    [Test]
    public void TheFirstFiveAnswersCountTiesByTheirOrder()
    {
        var metrics = new ClassMetrics(7);
        float[] logits = [7, 6, 5, 4, 3, 3, 1];
        foreach (int label in new[] { 0, 4, 5, 6 })
        {
            metrics.Add(logits, 1, 1, Label(label));
        }

        // Class 5 has the score of class 4, which stands before it: places 1, 5, 6 and 7.
        Assert.That(Report(metrics)["top5"], Is.EqualTo(50).Within(Tolerance));
        Assert.That(Report(metrics)["accuracy"], Is.EqualTo(25).Within(Tolerance));
    }

    [Test]
    public void ClassesThatDoNotOccurAreLeftOutOfMeans()
    {
        var metrics = new ClassMetrics(3);
        metrics.Add([1, 0, 0], 1, 1, Label(0));
        metrics.Add([0, 1, 0], 1, 1, Label(0));
        Assert.That(Report(metrics)["class_accuracy"], Is.EqualTo(50).Within(Tolerance));
        Assert.That(Report(metrics)["f1"], Is.EqualTo(100 * 2 / 3.0).Within(Tolerance), "of class 0: 1 hit, 2 labels, 1 answer");
    }

    [Test]
    public void PropertiesAreMeansOverProperties()
    {
        var metrics = new AttributesMetrics(2);

        // Property 0: answers yes yes no no for yes no yes no. Property 1: known twice, no each time, answered no and yes.
        metrics.Add([1, -1], 1, 1, Label(1, 0));
        metrics.Add([2, 1], 1, 1, Label(0, 0));
        metrics.Add([-1, 3], 1, 1, Label(1, 255));
        metrics.Add([-2, 3], 1, 1, Label(0, 255));
        IReadOnlyDictionary<string, double> table = Report(metrics, out MetricTable report);
        Assert.That(table["accuracy"], Is.EqualTo(50).Within(Tolerance));
        Assert.That(table["f1"], Is.EqualTo(50).Within(Tolerance), "of property 0 alone, since the other never occurs: 2 x 1 / (2 + 2)");

        // Property 0 by falling score: no, yes, yes, no; recall grows by a half at places 2 and 3, with precision 1/2 and 2/3.
        Assert.That(table["average_precision"], Is.EqualTo(100 * ((0.5 * 0.5) + (0.5 * 2 / 3))).Within(Tolerance));
        Assert.That(report.CopyClasses()["task"].Values, Is.EqualTo(new double[] { 50, 50 }));
    }

    // The definition of sklearn.metrics.average_precision_score: 1/3 (1 + 2/3 + 3/4); 2/3 x 2/4 + 1/3 x 3/6; all equal; one positive, last.
    [TestCase(new[] { 1f, 0, 1, 1, 0 }, new[] { 0.9f, 0.8f, 0.7f, 0.6f, 0.5f }, 0.80555555555555558)]
    [TestCase(new[] { 1f, 0, 1, 1, 0, 0 }, new[] { 0.5f, 0.5f, 0.5f, 0.25f, 0.25f, 0.75f }, 0.5)]
    [TestCase(new[] { 1f, 0, 0, 0 }, new[] { 0.25f, 0.25f, 0.25f, 0.25f }, 0.25)]
    [TestCase(new[] { 0f, 0, 0, 0, 1 }, new[] { 5f, 4, 3, 2, 1 }, 0.2)]
    public void AveragePrecisionTakesEqualScoresTogether(float[] truth, float[] scores, double expected)
    {
        var metrics = new AttributesMetrics(1);
        foreach ((float label, float score) in truth.Zip(scores))
        {
            metrics.Add([score], 1, 1, Label(label));
        }

        Assert.That(Report(metrics)["average_precision"], Is.EqualTo(100 * expected).Within(1e-9));
    }

    [Test]
    public void NumbersAreMeansOverNumbers()
    {
        var metrics = new ValuesMetrics(2);
        metrics.Add([1, 10], 1, 1, Label(2, 10));
        metrics.Add([2, 14], 1, 1, Label(4, float.NaN));
        metrics.Add([6, 12], 1, 1, Label(6, 10));
        IReadOnlyDictionary<string, double> table = Report(metrics, out MetricTable report);

        // First: errors 1, 2, 0, truth 2, 4, 6 about 4. Second: errors 0 and 2; its truth is constant, so R2 has no value there.
        Assert.That(table["mae"], Is.EqualTo((1 + 1) / 2.0).Within(Tolerance));
        Assert.That(table["rmse"], Is.EqualTo((Math.Sqrt(5 / 3.0) + Math.Sqrt(2)) / 2).Within(Tolerance));
        Assert.That(table["r2"], Is.EqualTo(1 - (5 / 8.0)).Within(Tolerance));
        Assert.That(report.CopyClasses()["task"].Values, Is.EqualTo(new double[] { 1, 1 }));
    }

    [Test]
    public void WhatWasNotMeasuredHasNoValue()
    {
        TaskMetrics[] all = [new ClassMetrics(7), new AttributesMetrics(1), new ValuesMetrics(1)];
        all[0].Add(new float[7], 1, 1, Label(-1));
        all[1].Add([1], 1, 1, Label(255));
        all[2].Add([1], 1, 1, Label(float.NaN));
        foreach (TaskMetrics metrics in all)
        {
            Assert.That(Report(metrics, out MetricTable report), Is.Empty, metrics.GetType().Name);
            Assert.That(report.CopyClasses(), Is.Empty);
        }

        var never = new AttributesMetrics(1);
        never.Add([1], 1, 1, Label(0));
        Assert.That(Report(never).Keys, Is.EqualTo(new[] { "accuracy" }), "a property that never occurs has neither F1 nor average precision");
    }

    [Test]
    public void PredictionsThatAreNoNumbersAreNoticed()
    {
        TaskMetrics[] all = [new ClassMetrics(7), new AttributesMetrics(2), new ValuesMetrics(1)];
        all[0].Add([1, float.NaN, 0, 0, 0, 0, 0], 1, 1, Label(0));
        all[1].Add([float.NaN, 1], 1, 1, Label(1, 1));
        all[2].Add([float.NaN], 1, 1, Label(1));
        all[2].Add([1], 1, 1, Label(2));
        foreach (TaskMetrics metrics in all)
        {
            Assert.That(Report(metrics), Is.Not.Empty);
            Assert.That(Report(metrics).Values, Is.All.NaN, metrics.GetType().Name);
        }
    }

    private static Plane Label(params float[] values) => new(1, 1, values.Length, values);

    private static IReadOnlyDictionary<string, double> Report(TaskMetrics metrics) => Report(metrics, out _);

    private static IReadOnlyDictionary<string, double> Report(TaskMetrics metrics, out MetricTable table)
    {
        table = new MetricTable();
        metrics.Report(table, "task");
        return table["task"];
    }
}
