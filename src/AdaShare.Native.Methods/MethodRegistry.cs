using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Methods.AdaShare;
using AdaShare.Native.Methods.AdaShareInstance;
using AdaShare.Native.Methods.AdaShareRl;
using AdaShare.Native.Methods.BlockDrop;
using AdaShare.Native.Methods.CrossStitch;
using AdaShare.Native.Methods.Den;
using AdaShare.Native.Methods.FixedPolicy;
using AdaShare.Native.Methods.HardSharing;
using AdaShare.Native.Methods.Ltb;
using AdaShare.Native.Methods.Mtan;
using AdaShare.Native.Methods.MtanStage;
using AdaShare.Native.Methods.Nddr;
using AdaShare.Native.Methods.RandomPolicy;
using AdaShare.Native.Methods.Routing;
using AdaShare.Native.Methods.SingleTask;
using AdaShare.Native.Methods.Sluice;
using AdaShare.Native.Methods.SpotTune;
using AdaShare.Native.Methods.StochasticDepth;

namespace AdaShare.Native.Methods;

/// <summary>The methods that there are: one line each.</summary>
public static class MethodRegistry
{
    /// <summary>All methods, in the order in which they are listed to people.</summary>
    public static IReadOnlyList<IMethod> All { get; } =
    [
        new AdaShareMethod(),
        new SingleTaskMethod(),
        new HardSharingMethod(),
        new FixedPolicyMethod(),
        new RandomPolicyMethod(),
        new StochasticDepthMethod(),
        new CrossStitchMethod(),
        new NddrMethod(),
        new AdaShareInstanceMethod(),
        new AdaShareRlMethod(),
        new BlockDropMethod(),
        new SpotTuneMethod(),
        new DenMethod(),
        new RoutingMethod(),
        new SluiceMethod(),
        new MtanMethod(),
        new MtanStageMethod(),
        new LtbMethod(),
    ];

    /// <summary>The names of all methods.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(static method => method.Name)];

    /// <summary>The method of a configuration that names none, as the official files do.</summary>
    public static IMethod Default => All[0];

    /// <summary>The method of a name.</summary>
    /// <exception cref="ConfigurationException">There is none; the message lists those that there are.</exception>
    public static IMethod Get(string name) => All.FirstOrDefault(method => method.Name == name)
        ?? throw new ConfigurationException($"method is {name}; expected one of {string.Join(", ", Names)}");
}
