using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Optimizers;

/// <summary>
/// Optimisers against PyTorch 1.13 in double precision, parameter [1, -2, 0.5], gradient of step k: sin(3 k + j).
/// <code>
/// w = torch.nn.Parameter(torch.tensor([1.0, -2.0, 0.5])); o = make([w])
/// for k in range(4): w.grad = torch.tensor([math.sin(3 * k + j) for j in range(3)]); o.step(); print(w)
/// </code>
/// </summary>
[TestFixture]
public sealed class OptimizerTests
{
    private const int Steps = 4;
    private const double Tolerance = 2e-11;

    private ReferenceBackend _backend = null!;
    private ParameterStore _store = null!;
    private ParameterGroup _group = null!;
    private Parameter _parameter = null!;
    private Parameter _other = null!;

    [SetUp]
    public void SetUp()
    {
        _backend = new ReferenceBackend();
        _store = new ParameterStore();
        _group = _store.Group("weights");
        _parameter = _group.Add("w", new Shape(3), Initializers.Constant(0));
        _other = _group.Add("other", new Shape(2), Initializers.Constant(4));
        _store.Group("statistics", isBuffer: true).Add("mean", new Shape(2), Initializers.Constant(7));
        _store.Allocate(_backend, DType.Float64);
        _store.Initialize(1);
        _parameter.Value.CopyFromDoubles([1, -2, 0.5]);
    }

    [TearDown]
    public void TearDown()
    {
        _store.Dispose();
        Assert.That(_backend.Memory.LiveBuffers, Is.Zero);
        _backend.Dispose();
    }

    // torch.optim.SGD(w, lr=0.1, momentum=0.9, weight_decay=0.05)
    [Test]
    public void Sgd_with_momentum_and_weight_decay()
    {
        using var optimizer = new Sgd(_store, Groups(0.1), [], momentum: 0.9, weightDecay: 0.05);
        Check(Run(optimizer), [0.995, -2.07414709848, 0.406570257317, 0.971412999194, -2.05482850209, 0.416343065083, 0.973269183293, -2.0928662827, 0.324121052084, 0.928861554541, -2.06223384275, 0.33949965578]);
    }

    // torch.optim.SGD(w, lr=0.1, momentum=0.9, weight_decay=0.05, nesterov=True)
    [Test]
    public void Sgd_with_nesterov_momentum()
    {
        using var optimizer = new Sgd(_store, Groups(0.1), [], momentum: 0.9, weightDecay: 0.05, nesterov: true);
        Check(Run(optimizer), [0.9905, -2.14087948711, 0.322483488903, 0.950227448469, -2.03680780765, 0.425937416372, 0.975201986713, -2.12636725798, 0.24216946976, 0.889240768744, -2.03344310451, 0.355434807661]);
    }

    // torch.optim.Adam(w, lr=0.01, betas=(0.5, 0.999), weight_decay=0.05)
    [Test]
    public void Adam_with_weight_decay()
    {
        using var optimizer = new Adam(_store, Groups(0.01), [], beta1: 0.5, beta2: 0.999, weightDecay: 0.05);
        Check(Run(optimizer), [0.990000002, -2.00999999987, 0.490000000107, 0.97968662324, -2.00595291829, 0.493334012078, 0.983688181723, -2.00840948867, 0.488696946176, 0.975963359677, -2.0047394743, 0.491931537023]);
    }

    // torch.optim.SGD(w, lr=0.1) with torch.optim.lr_scheduler.StepLR(o, 2, 0.5), stepped after each optimiser step
    [Test]
    public void Step_schedule_halves_the_rate()
    {
        using var optimizer = new Sgd(_store, Groups(0.1), []);
        var schedule = new StepSchedule(optimizer, 2, 0.5);
        Check(Run(optimizer, schedule), [1, -2.08414709848, 0.409070257317, 0.985887999194, -2.00846684895, 0.504962684784, 0.999858774104, -2.04131617889, 0.455494772453, 0.979252849842, -2.01411512334, 0.50549428278]);
        Assert.That(optimizer.Groups[0].LearningRate, Is.EqualTo(0.05));
    }

    [Test]
    public void A_schedule_follows_the_steps_done_and_resumes_with_them()
    {
        using var optimizer = new Sgd(_store, Groups(0.1), []);
        var schedule = new StepSchedule(optimizer, 4000, 0.5);
        double RateAt(long steps)
        {
            optimizer.StepCount = steps;
            schedule.Apply();
            return optimizer.Groups[0].LearningRate;
        }

        Assert.That(new[] { RateAt(0), RateAt(3999), RateAt(4000), RateAt(12000), RateAt(0) }, Is.EqualTo(new[] { 0.1, 0.1, 0.05, 0.0125, 0.1 }).Within(1e-15));
    }

    [Test]
    public void A_schedule_without_period_leaves_the_rate()
    {
        using var optimizer = new Sgd(_store, Groups(0.1), []) { StepCount = 123 };
        new StepSchedule(optimizer, 0, 0.5).Apply();
        Assert.That(optimizer.Groups[0].LearningRate, Is.EqualTo(0.1));
    }

    [Test]
    public void A_parameter_without_gradient_still_decays()
    {
        using var optimizer = new Sgd(_store, Groups(0.1), [], weightDecay: 0.5);
        SetGradient(0);
        optimizer.Step();
        Assert.That(_other.Value.ToDoubles(), Is.All.EqualTo(4 - (0.1 * 0.5 * 4)).Within(1e-15));
    }

    [Test]
    public void A_frozen_parameter_does_not_move_and_its_neighbours_do()
    {
        _parameter.Trainable = false;
        using var optimizer = new Sgd(_store, Groups(0.1), [], momentum: 0.9, weightDecay: 0.5);
        optimizer.Step();
        Assert.Multiple(() =>
        {
            Assert.That(_parameter.Value.ToDoubles(), Is.EqualTo(new[] { 1, -2, 0.5 }));
            Assert.That(_other.Value.ToDoubles(), Is.All.EqualTo(3.8).Within(1e-15));
        });
    }

    [Test]
    public void Clearing_forgets_gradients()
    {
        using var optimizer = new Sgd(_store, Groups(0.1), []);
        SetGradient(0);
        optimizer.ClearGradients();
        Assert.That(_parameter.HasGradient, Is.False);
        optimizer.Step();
        Assert.That(_parameter.Value.ToDoubles(), Is.EqualTo(new[] { 1, -2, 0.5 }));
    }

    [Test]
    public void A_run_of_neighbours_is_one_kernel_call()
    {
        using var optimizer = new Adam(_store, Groups(0.1), []);
        SetGradient(0);
        _backend.ClearCalls();
        optimizer.Step();
        Assert.That(_backend.CallsOf("Optimizer.Adam"), Is.EqualTo(1));
    }

    [Test]
    public void Every_group_is_optimised_exactly_once()
    {
        ParameterGroup buffers = _store.Groups[1];
        using var another = new ParameterStore();
        ParameterGroup foreign = another.Group("foreign");
        Assert.Multiple(() =>
        {
            Assert.That(() => new Sgd(_store, [], []), Throws.TypeOf<AdaShareException>().With.Message.Contains("weights").And.Message.Contains("in 0 optimiser groups").And.Message.Contains("the first is w"));
            Assert.That(() => new Sgd(_store, Groups(0.1), [_group]), Throws.TypeOf<AdaShareException>().With.Message.Contains("in 2 optimiser groups"));
            Assert.That(() => new Sgd(_store, Groups(0.1), [foreign]), Throws.TypeOf<AdaShareException>().With.Message.Contains("foreign does not belong"));
            Assert.That(() => new OptimizerGroup(buffers, 0.1), Throws.TypeOf<AdaShareException>().With.Message.Contains("statistics holds buffers"));
        });
    }

    [Test]
    public void Arguments_out_of_range_are_refused()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => new OptimizerGroup(_group, 0), Throws.TypeOf<AdaShareException>().With.Message.Contains("learning rate of group weights is 0"));
            Assert.That(() => new OptimizerGroup(_group, double.NaN), Throws.TypeOf<AdaShareException>());
            Assert.That(() => new Sgd(_store, Groups(0.1), [], momentum: 1), Throws.TypeOf<AdaShareException>().With.Message.Contains("momentum 1"));
            Assert.That(() => new Adam(_store, Groups(0.1), [], beta2: 1), Throws.TypeOf<AdaShareException>().With.Message.Contains("betas 0.9 and 1"));
        });
    }

    private OptimizerGroup[] Groups(double learningRate) => [new OptimizerGroup(_group, learningRate)];

    private double[] Run(Optimizer optimizer, StepSchedule? schedule = null)
    {
        var values = new List<double>();
        for (int k = 0; k < Steps; k++)
        {
            optimizer.ClearGradients();
            SetGradient(k);
            schedule?.Apply();
            optimizer.Step();
            values.AddRange(_parameter.Value.ToDoubles());
        }

        Assert.That(optimizer.StepCount, Is.EqualTo(Steps));
        return [.. values];
    }

    /// <summary>Gives the parameter a gradient the way training does: by a backward pass through sum(w * g).</summary>
    private void SetGradient(int k)
    {
        using var step = new Engine.Autograd.Step(_backend);
        Tensor gradient = step.FromDoubles(new Shape(3), DType.Float64, [Math.Sin(3 * k), Math.Sin((3 * k) + 1), Math.Sin((3 * k) + 2)]);
        step.Backward(Engine.Ops.ReductionOps.Sum(step, Engine.Ops.ElementwiseOps.Multiply(step, _parameter.Value, gradient)));
    }

    private static void Check(double[] actual, double[] expected) => Assert.That(actual, Is.EqualTo(expected).Within(Tolerance));
}
