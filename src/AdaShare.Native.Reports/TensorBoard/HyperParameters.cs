using AdaShare.Native.Reports.Protobuf;

namespace AdaShare.Native.Reports.TensorBoard;

/// <summary>The summaries of TensorBoard's table of hyper-parameters: what was set, and which metrics say how it went.</summary>
/// <remarks>Source of the form: tensorflow/tensorboard, plugins/hparams/{api,plugin_data}.proto.</remarks>
internal static class HyperParameters
{
    private const string Plugin = "hparams";
    private const int ValueField = 1, TagField = 1, MetadataField = 9, PluginDataField = 1, PluginNameField = 1, ContentField = 2;
    private const int ExperimentField = 2, SessionStartField = 3, SessionEndField = 4;
    private const int HparamInfosField = 4, MetricInfosField = 5, HparamNameField = 1, MetricNameField = 1, MetricTagField = 2;
    private const int HparamsField = 1, StartTimeField = 5, MapKeyField = 1, MapValueField = 2;
    private const int NumberField = 2, StringField = 3, BoolField = 4;
    private const int StatusField = 1, EndTimeField = 2, Success = 1;

    /// <summary>Adds which hyper-parameters and metrics the table has.</summary>
    /// <param name="summary">Where to.</param>
    /// <param name="names">The hyper-parameters' names.</param>
    /// <param name="metrics">The tags of the metrics.</param>
    public static void Experiment(ProtoWriter summary, IEnumerable<string> names, IEnumerable<string> metrics) => Data(summary, "_hparams_/experiment", ExperimentField, experiment =>
    {
        foreach (string name in names)
        {
            experiment.Message(HparamInfosField, info => info.Text(HparamNameField, name));
        }

        foreach (string tag in metrics)
        {
            experiment.Message(MetricInfosField, info => info.Message(MetricNameField, name => name.Text(MetricTagField, tag)));
        }
    });

    /// <summary>Adds what a run's hyper-parameters are.</summary>
    /// <param name="summary">Where to.</param>
    /// <param name="values">By name; numbers, truth values, and anything else as text.</param>
    /// <param name="started">When the run started.</param>
    public static void SessionStart(ProtoWriter summary, IReadOnlyDictionary<string, object> values, DateTimeOffset started) =>
        Data(summary, "_hparams_/session_start_info", SessionStartField, start =>
        {
            foreach ((string name, object value) in values)
            {
                start.Message(HparamsField, entry =>
                {
                    entry.Text(MapKeyField, name);
                    entry.Message(MapValueField, content => Value(content, value));
                });
            }

            start.Fixed64(StartTimeField, started.ToUnixTimeMilliseconds() / 1000.0);
        });

    /// <summary>Adds that a run ended well.</summary>
    public static void SessionEnd(ProtoWriter summary, DateTimeOffset ended) => Data(summary, "_hparams_/session_end_info", SessionEndField, end =>
    {
        end.Varint(StatusField, Success);
        end.Fixed64(EndTimeField, ended.ToUnixTimeMilliseconds() / 1000.0);
    });

    private static void Value(ProtoWriter content, object value)
    {
        switch (value)
        {
            case bool flag:
                content.Varint(BoolField, flag ? 1 : 0);
                break;
            case double or float or int or long:
                content.Fixed64(NumberField, Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
            default:
                content.Text(StringField, Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "");
                break;
        }
    }

    private static void Data(ProtoWriter summary, string tag, int field, Action<ProtoWriter> content) => summary.Message(ValueField, entry =>
    {
        entry.Text(TagField, tag);
        entry.Message(MetadataField, metadata => metadata.Message(PluginDataField, plugin =>
        {
            plugin.Text(PluginNameField, Plugin);
            plugin.Message(ContentField, data => data.Message(field, content));
        }));
    });
}
