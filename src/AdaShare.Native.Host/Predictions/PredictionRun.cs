using System.Text.Json.Nodes;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Reports.RunPages;

namespace AdaShare.Native.Host.Predictions;

/// <summary>What predictions are made of, and how.</summary>
/// <param name="Network">The network.</param>
/// <param name="Source">The inputs.</param>
/// <param name="Folder">Where files go.</param>
/// <param name="Batch">The most inputs of a pass.</param>
/// <param name="DecodedNormals">Whether normals are decoded to [-1, 1].</param>
/// <param name="Look">How predictions are painted.</param>
/// <param name="Names">The names of a task's classes; none where nobody knows.</param>
/// <param name="Raw">Where the numbers go; null where they are not asked for.</param>
public sealed record PredictionRequest(
    TrainedNetwork Network, IPredictionSource Source, string Folder, int Batch, bool DecodedNormals, PredictionLook Look, Func<TaskSpec, IReadOnlyList<string>> Names, RawPredictions? Raw);

/// <summary>
/// Predicts for all inputs of a source and writes what is asked for: in one go, or, where pictures share a scale over all images, first the predictions, which wait on disk, and then the pictures. Inputs are read, and files
/// painted and written, on other threads than the network's; messages and tables are in the order of the inputs.
/// </summary>
/// <param name="host">Where messages go.</param>
/// <param name="request">What is predicted.</param>
public sealed class PredictionRun(HostContext host, PredictionRequest request)
{
    private readonly IPredictionSource _source = request.Source;
    private readonly PredictionPainter _painter = new(request.Look, request.Names);
    private readonly Dictionary<string, AnswerScale> _scales = request.Network.Model.Tasks.ToDictionary(static task => task.Name, static _ => new AnswerScale());
    private readonly PredictionTable? _table = request.Source.HasLabels || request.Network.Model.Tasks.Any(static task => task.Label.IsOfImage) ? new(request.Source.Inputs) : null;
    private int _done;
    private int _failed;

    /// <summary>Whether pictures wait until all predictions are there.</summary>
    private bool Waits => request.Look.Scale.Kind != ScaleKind.Each && _source.Plan.Count > 1
        && (request.Look.Scale.Kind == ScaleKind.All || _source.HasLabels) && request.Network.Model.Tasks.Any(static task => task.Kind.FollowsScale);

    /// <summary>Predicts and writes. An input that can't be read is reported, and the others go on.</summary>
    /// <param name="say">Is told what a wish to stop means from now on.</param>
    /// <param name="stop">Ends it after the pass at hand: what was predicted is written.</param>
    /// <returns>The exit code: a failure where an input could not be read.</returns>
    /// <exception cref="DataException">A file can't be written, or the only input can't be read.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signalled.</exception>
    public int Execute(Action<string> say, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(say);
        if (Waits)
        {
            using var spool = new PlaneSpool(request.Folder);
            say("stopping after this pass, then painting what is predicted; press Ctrl-C again to end at once");
            List<Waiting> waiting = PredictAll(spool, stop);
            bool isStopped = stop.IsCancellationRequested;
            say("stopping after this image; press Ctrl-C again to end at once");

            // Who stopped the predictions wants the pictures of what there is.
            PaintAll(waiting, spool, isStopped ? CancellationToken.None : stop);
        }
        else
        {
            PredictAndPaint(stop);
        }

        WriteTables();
        stop.ThrowIfCancellationRequested();
        if (_failed > 0)
        {
            host.Error.WriteLine($"adashare: {_failed} of {_source.Plan.Count} {_source.Inputs.Plural()} could not be read; the predictions for the others are there");
        }

        return _failed == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    /// <summary>All in one go.</summary>
    private void PredictAndPaint(CancellationToken stop)
    {
        using var work = new OrderedWork<Noted>(OrderedWork<Noted>.Most, Take);
        foreach (PredictedInput one in new BatchedPredictions(request.Network, _source, request.Batch).Run(stop))
        {
            work.Begin(() =>
            {
                if (one.Fault is { } fault)
                {
                    return Noted.Of(fault);
                }

                (Noted noted, (TaskSpec, TaskAnswer)[] answers) = Note(one);
                return noted with { Line = _painter.Paint(_source.Plan[one.Index], one.Input!, answers, null) };
            });
        }

        work.Finish();
    }

    /// <summary>Predicts, and keeps what pictures are made of.</summary>
    private List<Waiting> PredictAll(PlaneSpool spool, CancellationToken stop)
    {
        var waiting = new List<Waiting>();
        using var work = new OrderedWork<(Noted Noted, Waiting? Waiting)>(OrderedWork<Noted>.Most, result =>
        {
            Take(result.Noted);
            if (result.Waiting is not null)
            {
                waiting.Add(result.Waiting);
            }
        });
        foreach (PredictedInput one in new BatchedPredictions(request.Network, _source, request.Batch).Run(stop))
        {
            work.Begin(() =>
            {
                if (one.Fault is { } fault)
                {
                    return (Noted.Of(fault), null);
                }

                Noted noted = Note(one).Noted;
                Plane[] ofPixels = [.. one.Predictions.Where(static said => !said.Task.Label.IsOfImage).Select(static said => said.Prediction)];
                Plane[] ofImage = [.. one.Predictions.Where(static said => said.Task.Label.IsOfImage).Select(static said => said.Prediction)];
                return (noted, new Waiting(one.Index, spool.Add(ofPixels), ofImage, one.Input!.Stored.Height, one.Input.Stored.Width));
            });
        }

        work.Finish();
        return waiting;
    }

    /// <summary>Paints what was predicted, once the scales are known. Inputs are read again, which takes less room than to keep them.</summary>
    private void PaintAll(List<Waiting> waiting, PlaneSpool spool, CancellationToken stop)
    {
        using var work = new OrderedWork<Noted>(OrderedWork<Noted>.Most, Take);
        foreach (Waiting one in waiting.TakeWhile(_ => !stop.IsCancellationRequested))
        {
            work.Begin(() =>
            {
                PredictionInput input;
                try
                {
                    input = _source.Read(one.Index);
                    if (input.Stored.Height != one.Height || input.Stored.Width != one.Width)
                    {
                        throw new DataException($"{_source.Plan[one.Index].Image}: was changed while it was predicted; predict it again");
                    }
                }
                catch (DataException error)
                {
                    return Noted.Of(error);
                }

                return new Noted { Line = _painter.Paint(_source.Plan[one.Index], input, Answers(Predictions(one, spool), input), _scales) };
            });
        }

        work.Finish();
    }

    private (TaskSpec, Plane)[] Predictions(Waiting one, PlaneSpool spool)
    {
        var ofPixels = new Queue<Plane>(spool.Read(one.OfPixels));
        var ofImage = new Queue<Plane>(one.OfImage);
        return [.. _source.TasksOf(one.Index).Select(t => request.Network.Model.Tasks[t]).Select(task => (task, (task.Label.IsOfImage ? ofImage : ofPixels).Dequeue()))];
    }

    private (TaskSpec Task, TaskAnswer Answer)[] Answers(IReadOnlyList<(TaskSpec Task, Plane Prediction)> predictions, PredictionInput input) =>
        [.. predictions.Select(said => (said.Task, TaskAnswer.Of(said.Task, said.Prediction, input.Labels, request.DecodedNormals)))];

    /// <summary>Holds predictions against labels, writes their numbers, and notes what tables and scales need.</summary>
    private (Noted Noted, (TaskSpec Task, TaskAnswer Answer)[] Answers) Note(PredictedInput one)
    {
        PlannedPictures planned = _source.Plan[one.Index];
        (TaskSpec Task, TaskAnswer Answer)[] answers = Answers(one.Predictions, one.Input!);
        string rows = string.Concat(answers.Select(said => (said.Task.Label.IsOfImage ? PredictionTable.Lines(planned.Image, said.Task, said.Answer.Prediction, request.Names(said.Task)) : "")
            + (MeanError.Of(said.Answer) is { } error ? PredictionTable.ErrorLine(planned.Image, said.Task, error) : "")));
        return (new Noted
        {
            IsPredicted = true,
            Rows = rows,
            Entry = request.Raw?.Write(planned, one.Input!, answers),
            Scales = Waits ? [.. answers.Where(static said => !said.Task.Label.IsOfImage).Select(static said => (said.Task.Name, AnswerScale.Of(said.Answer)))] : [],
        }, answers);
    }

    /// <summary>Takes what was noted of an input, in the order of inputs.</summary>
    private void Take(Noted noted)
    {
        if (noted.Fault is { } fault)
        {
            if (_source.Plan.Count == 1)
            {
                throw fault;
            }

            _failed++;
            host.Error.WriteLine($"adashare: {fault.Message}");
            return;
        }

        _done += noted.IsPredicted ? 1 : 0;
        _table?.Add(noted.Rows);
        if (noted.Entry is not null)
        {
            request.Raw!.Add(noted.Entry);
        }

        foreach ((string task, AnswerScale scale) in noted.Scales)
        {
            _scales[task].Add(scale);
        }

        if (noted.Line.Length > 0)
        {
            host.Output.WriteLine(noted.Line);
        }
    }

    private void WriteTables()
    {
        if (_done == 0)
        {
            return;
        }

        if (_table is not null)
        {
            string path = Path.Combine(request.Folder, PredictionTable.FileName);
            _table.Write(path);
            string what = request.Network.Model.Tasks.Any(static task => task.Label.IsOfImage) ? $"what is said of {(_source.Inputs == InputKind.Text ? "the texts" : "the images as a whole")}" : "";
            host.Output.WriteLine($"{path}: {what}{(what.Length > 0 && _source.HasLabels ? ", and " : "")}{(_source.HasLabels ? "how far each task is off" : "")}");
        }

        if (request.Raw is { } raw)
        {
            string path = Path.Combine(request.Folder, RawPredictions.IndexName);
            raw.WriteIndex(path);
            host.Output.WriteLine($"{path}: the files with the numbers, and what they are");
        }
    }

    /// <summary>What is to be told of an input.</summary>
    private sealed record Noted
    {
        public bool IsPredicted { get; init; }

        public string Rows { get; init; } = "";

        public JsonObject? Entry { get; init; }

        public (string Task, AnswerScale Scale)[] Scales { get; init; } = [];

        public string Line { get; init; } = "";

        public DataException? Fault { get; private init; }

        public static Noted Of(DataException fault) => new() { Fault = fault };
    }

    /// <summary>An input whose pictures wait for a scale.</summary>
    private sealed record Waiting(int Index, SpooledPlanes OfPixels, IReadOnlyList<Plane> OfImage, int Height, int Width);
}
