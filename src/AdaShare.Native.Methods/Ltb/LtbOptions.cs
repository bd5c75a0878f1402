namespace AdaShare.Native.Methods.Ltb;

/// <summary>The keys of section <c>ltb</c>.</summary>
public sealed class LtbOptions
{
    /// <summary>The share of the training's steps, at its start, in which every branch reads the sum of all branches before it, and logits rest: LibMTL's 0.01.</summary>
    public double WarmUp { get; set; } = 0.01;

    /// <summary>The temperature of the Gumbel-softmax at the first step, LibMTL's for its 200 epochs: 200 / 20.</summary>
    public double FirstTemperature { get; set; } = 10;

    /// <summary>The temperature after the last step, LibMTL's after its 200 epochs: 10 / sqrt(201). In between the inverse square grows linearly, as it does there.</summary>
    public double LastTemperature { get; set; } = 0.70535;

    /// <summary>Whether a branch reads one branch in each training step, with the gradient of the soft choice (straight-through), as in LibMTL; otherwise the soft mixture itself.</summary>
    public bool HardSampling { get; set; } = true;

    /// <summary>The factor on <c>train.backbone_lr</c> for the logits. LibMTL has one rate for everything.</summary>
    public double RateFactor { get; set; } = 1;
}
