namespace AdaShare.Native.Methods.Routing;

/// <summary>The keys of section <c>routing</c>.</summary>
public sealed class RoutingOptions
{
    internal const string Tabular = "tabular";
    internal const string Mlp = "mlp";

    /// <summary>How many of the last stages are routed; the stages before are shared by all tasks.</summary>
    public int Stages { get; set; } = 1;

    /// <summary>Function blocks at each depth, of which an agent chooses one; as many as there are tasks if absent.</summary>
    public int? FunctionBlocks { get; set; }

    /// <summary>What an agent is: <c>tabular</c>, a logit for each function block, or <c>mlp</c>, two layers that see the mean of an image's features at that depth. Each task and depth has its own.</summary>
    public string Agent { get; set; } = Tabular;

    /// <summary>Hidden units of an <c>mlp</c>.</summary>
    public int Hidden { get; set; } = 64;

    /// <summary>The factor on the bonus for choosing what other tasks' agents are likely to choose too.</summary>
    public double Collaboration { get; set; } = 0.3;

    /// <summary>The factor on <c>train.backbone_lr</c> for the agents.</summary>
    public double RateFactor { get; set; } = 0.3;
}
