using System.Text.Json;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Verification;

/// <summary>The evaluation of a golden run: a fixed policy, evaluation mode, whole images one at a time, the official metrics.</summary>
internal sealed class GoldenEvaluator(AdaShareNetwork network, GoldenImages images, GoldenEvaluation evaluation, DType type, CancellationToken stop)
{
    private const double Bound = 1e-2;

    private readonly TaskMetrics[] _metrics = [.. network.Spec.Tasks.Select(static task => task.CreateMetrics(decodedNormals: false))];

    /// <summary>Runs the evaluation and compares it; returns the names of recorded quantities that are not known.</summary>
    public IReadOnlyList<string> Compare(JsonElement truth, JsonElement single, List<GoldenRow> rows)
    {
        var unknown = new List<string>();
        var comparer = new GoldenComparer("evaluation", truth, single, Bound, rows);
        var policy = new BlockPolicy([.. evaluation.Skip.Select(static row => row.Select(static skip => !skip).ToArray())]);
        for (int i = 0; i < evaluation.Ids.Count; i++)
        {
            stop.ThrowIfCancellationRequested();
            CompareImage(comparer.Part("per_image").Part(i), evaluation.Ids[i], policy, unknown);
        }

        Dictionary<string, (double Value, bool Percentage)> values = Values();
        foreach (JsonProperty property in truth.Members())
        {
            if (property.Value.ValueKind == JsonValueKind.Number)
            {
                CompareNumber(comparer, property.Name, values, unknown);
            }
        }

        return [.. unknown.Distinct()];
    }

    private static void CompareNumber(GoldenComparer comparer, string name, Dictionary<string, (double Value, bool Percentage)> values, List<string> unknown)
    {
        if (values.TryGetValue(name, out (double Value, bool Percentage) value))
        {
            comparer.Value(name, name, value.Value, value.Percentage);
        }
        else
        {
            unknown.Add(name);
        }
    }

    private void CompareImage(GoldenComparer comparer, string id, BlockPolicy policy, List<string> unknown)
    {
        Sample sample = images.Load(id);
        using var step = new Step(network.Backend, recordGradients: false);
        using Batch batch = images.Whole(sample, network.Backbone);
        IReadOnlyList<Tensor> outputs = network.Forward(step, new InputGroup(NetworkInput.Of(step, batch, network.Input, type), [.. Enumerable.Range(0, network.Tasks.Count)]), ForwardContext.Evaluation(policy.ToGates()));
        var values = new Dictionary<string, (double Value, bool Percentage)>();
        for (int t = 0; t < outputs.Count; t++)
        {
            TaskSpec task = network.Spec.Tasks[t];
            float[] prediction = Array.ConvertAll(outputs[t].ToDoubles(), static v => (float)v);
            TaskMetrics one = task.CreateMetrics(decodedNormals: false);
            foreach (TaskMetrics metrics in new[] { _metrics[t], one })
            {
                metrics.Add(prediction, outputs[t].Shape[1], outputs[t].Shape[2], sample.Labels[task.Label]);
            }

            Collect(task.Name, one, values);
        }

        foreach (JsonProperty property in comparer.Truth.Members())
        {
            int t = network.Spec.Tasks.ToList().FindIndex(task => property.Name == task.Name + "_output");
            if (t >= 0)
            {
                comparer.Tensor(property.Name, property.Name, GoldenImages.ChannelsFirst(outputs[t]));
            }
            else
            {
                CompareNumber(comparer, property.Name, values, unknown);
            }
        }
    }

    private Dictionary<string, (double Value, bool Percentage)> Values()
    {
        var values = new Dictionary<string, (double Value, bool Percentage)>();
        for (int t = 0; t < _metrics.Length; t++)
        {
            Collect(network.Spec.Tasks[t].Name, _metrics[t], values);
        }

        return values;
    }

    /// <summary>The official metrics under the names of golden files and of the official code.</summary>
    private static void Collect(string task, TaskMetrics metrics, Dictionary<string, (double Value, bool Percentage)> values)
    {
        var table = new MetricTable();
        metrics.Report(table, task);
        IReadOnlyDictionary<string, double> m = table[task];
        switch (metrics)
        {
            case SegmentationMetrics seg:
                Add(0.01 * m.GetValueOrDefault("miou_official"), false, "mIoU");
                Add(0.01 * m.GetValueOrDefault("pixel_accuracy_official"), false, "pixel_acc", "Pixel Acc");
                Add(m.GetValueOrDefault("cross_entropy_official"), false, "ce", "seg_err");
                Add(seg.ClassesWithTruePositives, false, "classes_with_true_positives");
                Add(seg.Correct, false, "confusion_trace");
                Add(seg.ValidPixels, false, "valid_pixels");
                break;
            case NormalMetrics normals:
                Add(normals.Official.Mean ?? 0, false, "angle_mean", "Angle Mean");
                Add(normals.Official.Median ?? 0, false, "angle_median", "Angle Median");
                Add(normals.Official.Within11 ?? 0, true, "within_11_25", "Angle 11.25");
                Add(normals.Official.Within22 ?? 0, true, "within_22_5", "Angle 22.5");
                Add(normals.Official.Within30 ?? 0, true, "within_30", "Angle 30");
                Add(normals.Official.Count, false, "normal_pixels");
                break;
            case DepthMetrics depth:
                Add(m.GetValueOrDefault("abs_error_official"), false, "abs_err", "depth_abs_err", "abs_error", "depth_abs");
                Add(m.GetValueOrDefault("rel_error_official"), false, "rel_err", "depth_rel_err", "rel_error", "depth_rel");
                Add(m.GetValueOrDefault("within_1_25_official"), true, "sigma_1.25", "within_1_25", "delta_1_25", "delta1");
                Add(m.GetValueOrDefault("within_1_25_2_official"), true, "sigma_1.25^2", "within_1_25_2", "delta_1_25_2", "delta2");
                Add(m.GetValueOrDefault("within_1_25_3_official"), true, "sigma_1.25^3", "within_1_25_3", "delta_1_25_3", "delta3");
                Add(depth.Count, false, "depth_pixels");
                break;
            default:
                Add(m.GetValueOrDefault("l1_official"), false, task + "_err", task + "_l1");
                break;
        }

        void Add(double value, bool percentage, params ReadOnlySpan<string> names)
        {
            foreach (string name in names)
            {
                values[name] = (value, percentage);
            }
        }
    }
}
