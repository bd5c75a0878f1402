using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Models;

/// <summary>What a method trains: parameters, and a forward pass from images to the predictions of tasks. Trainer, evaluation and reports speak to this only.</summary>
public interface IModel : IDisposable
{
    /// <summary>Whose memory holds the parameters.</summary>
    Backend Backend { get; }

    /// <summary>All parameters and buffers.</summary>
    ParameterStore Store { get; }

    /// <summary>The tasks, in the order of predictions.</summary>
    IReadOnlyList<TaskSpec> Tasks { get; }

    /// <summary>What images are turned into for it.</summary>
    ImageInput Input { get; }

    /// <summary>The groups that the weights' optimiser moves, with their rates. What no group names, such as policy logits, is moved by the method or not at all.</summary>
    IReadOnlyList<WeightGroup> WeightGroups { get; }

    /// <summary>
    /// Whether tasks share a parameter: the losses of several may depend on it. Not so are the weights of heads and of whatever else belongs to one task. What shared features meet first on their way into the latter goes
    /// through <see cref="ForwardContext.ToTask"/>.
    /// </summary>
    /// <param name="parameter">A parameter of the store.</param>
    bool IsShared(Parameter parameter);

    /// <summary>Whether training steps compute the bodies of residual blocks again during the backward pass instead of keeping what lies in them.</summary>
    bool RecomputesBlocks { get; set; }

    /// <summary>The shape of predictions, channels apart, for an input [N, H, W, 3].</summary>
    Shape FeatureShape(Shape input);

    /// <summary>Computes the predictions of a group's tasks.</summary>
    /// <param name="step">The step that owns the outputs.</param>
    /// <param name="group">Images, and the tasks that are predicted for them.</param>
    /// <param name="context">How the pass is made.</param>
    /// <returns>[N, h, w, channels] for each task of the group, of the parameters' type.</returns>
    /// <exception cref="ArgumentException">The model does not take such gates.</exception>
    IReadOnlyList<Tensor> Forward(Step step, InputGroup group, ForwardContext context);

    /// <summary>Losses of the model's own beside those of the tasks, for example a penalty on its weights; none for most.</summary>
    IReadOnlyList<WeightedLoss> ExtraLosses(Step step) => [];

    /// <summary>
    /// For each task, by its name, the branch that it takes from the first place at which branches lie side by side to the last, as the weights now say; null in a model that has none.
    /// </summary>
    IReadOnlyDictionary<string, int[]>? FindBranches() => null;

    /// <summary>What a forward pass costs.</summary>
    /// <param name="gates">The gates of the pass.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="groups">The tasks that are predicted for each image, where tasks have images of their own; one image for all tasks if null or one group.</param>
    ModelCost Cost(GateTable gates, int height, int width, IReadOnlyList<IReadOnlyList<int>>? groups = null);

    /// <summary>Multiply-adds of the forward pass of a training step, for some tasks and one image, backbone and heads, as executed.</summary>
    /// <param name="gates">The gates of the pass.</param>
    /// <param name="tasks">The tasks that have the image.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    long MultiplyAdds(GateTable gates, IReadOnlyList<int> tasks, int height, int width);

    /// <summary>Begins to count anew what images decide in evaluations; nothing where the network decides nothing.</summary>
    void ClearDecisions()
    {
    }

    /// <summary>What images have decided in evaluations since <see cref="ClearDecisions"/>, and what that costs an image; null where the network has decided nothing.</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    DecisionCost? DecidedCost(int height, int width) => null;

    /// <summary>Those of them that are of the tasks' heads.</summary>
    /// <param name="tasks">The tasks that have the image.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    long HeadMultiplyAdds(IReadOnlyList<int> tasks, int height, int width);
}

/// <summary>How the learning rate of a group of weights is set.</summary>
public enum RateKind
{
    /// <summary>The rate of heads, <c>train.lr</c>.</summary>
    Head,

    /// <summary>The rate of backbones, <c>train.backbone_lr</c>.</summary>
    Backbone,
}

/// <summary>A group of weights and its learning rate.</summary>
/// <param name="Parameters">The weights.</param>
/// <param name="Rate">Which rate they have.</param>
/// <param name="Factor">A factor on the rate.</param>
public sealed record WeightGroup(ParameterGroup Parameters, RateKind Rate, double Factor = 1);

/// <summary>Images as the input of a model, and the tasks that are predicted for them.</summary>
/// <param name="Images">[N, H, W, 3], as <see cref="IModel.Input"/> says.</param>
/// <param name="Tasks">Indices of tasks.</param>
public sealed record InputGroup(Tensor Images, IReadOnlyList<int> Tasks);

/// <summary>How a forward pass is made.</summary>
/// <param name="Gates">What each task does with each block.</param>
/// <param name="Training">Whether batch norms and dropout are in training mode.</param>
/// <param name="Seed">The run's seed, for dropout.</param>
/// <param name="Time">The number of the training step, for dropout.</param>
public sealed record ForwardContext(GateTable Gates, bool Training, ulong Seed = 0, long Time = 0)
{
    /// <summary>Whether what a network decides by itself is drawn, and the part of it that decides is in training mode; otherwise it takes the likeliest decision. As <see cref="Training"/> unless said otherwise.</summary>
    public bool Samples { get; init; } = Training;

    /// <summary>
    /// Factors on the gradients that the tasks send into shared weights, one element for each task of the model; null for 1. They change nothing in the predictions, and nothing in the gradients of what belongs to a task.
    /// </summary>
    public IReadOnlyList<Tensor>? SharedFactors { get; init; }

    /// <summary>Features that tasks share, for use in what belongs to one task: everything that leads from shared weights to a task's own goes through here once. See <see cref="SharedFactors"/>.</summary>
    /// <param name="step">The step.</param>
    /// <param name="shared">The features; they stay the caller's.</param>
    /// <param name="task">The task's index in the model.</param>
    /// <returns>The same features: the same tensor, or a view that the caller releases.</returns>
    public Tensor ToTask(Step step, Tensor shared, int task)
    {
        ArgumentNullException.ThrowIfNull(step);
        return SharedFactors is null ? shared : step.ScaleGradient(shared, SharedFactors[task]);
    }

    /// <summary>An evaluation under some gates.</summary>
    public static ForwardContext Evaluation(GateTable gates) => new(gates, Training: false);
}

/// <summary>A loss that is added to those of the tasks.</summary>
/// <param name="Name">Its name in logs.</param>
/// <param name="Weight">Its weight.</param>
/// <param name="Loss">A scalar.</param>
public sealed record WeightedLoss(string Name, double Weight, Tensor Loss);
