using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests.Safety;

/// <summary>What can be done with tensors, steps, parameters and backends beside ops.</summary>
internal static class OtherCalls
{
    /// <summary>The calls by name.</summary>
    public static IReadOnlyList<(string Name, Action<World, Choices> Run)> All { get; } =
    [
        ("backward", static (w, c) => w.Step(c).Backward(Loss(w, c), c.Near(1.0))),
        ("backward and step", static (w, c) => w.Optimizer.BackwardAndStep(w.Step(c), Loss(w, c), c.Near(1.0))),
        ("optimiser step", static (w, _) => w.Optimizer.Step()),
        ("clear gradients", static (w, _) => w.Optimizer.ClearGradients()),
        ("gradient", static (w, c) => w.Step(c).GradientOf(w.Input(c))?.ToArray<float>()),
        ("release", static (w, c) => w.Step(c).Release(w.Input(c))),
        ("keep", static (w, c) => w.Step(c).Keep(w.Input(c))),
        ("watch", static (w, c) => w.Step(c).Watch(w.Input(c))),
        ("new", static (w, c) => w.Keep(w.Step(c).New(c.Shape(), c.Type()))),
        ("new of huge sizes", static (w, c) => w.Keep(w.Step(c).New(new Shape(c.Of(1 << 30, int.MaxValue), c.Of(1 << 30, 4, 0), c.Of(4, 8, 1 << 30)), c.Type()))),
        ("new filter", static (w, c) => w.Keep(w.Step(c).NewFilter(c.Shape(c.OneIn(5) ? 2 : 4), c.Type()))),
        ("from host", static (w, c) => w.Keep(w.Step(c).FromHost<float>(c.Near(new Shape(2, 3)), new float[6]))),
        ("prefix from host", static (w, c) => w.Keep(w.Step(c).FromHostPrefix<float>(c.Near(new Shape(2, 3)), new float[c.Below(9)]))),
        ("filter from host", static (w, c) => w.Keep(w.Step(c).Filter(c.Near(new Shape(1, 2, 1, 3)), c.Type(), new double[6]))),
        ("allocate", static (w, c) => w.Own(Tensor.Allocate(c.OneIn(4) ? w.Other : w.Backend, c.Shape(), c.Type(), c.OneIn(6)))),
        ("view", static (w, c) => w.Keep(w.Any(c).View(c.Shape()))),
        ("part", static (w, c) => w.Keep(w.Any(c).Part(c.Near((long)c.Below(3)), c.Shape(), c.OneIn(9)))),
        ("copy to", static (w, c) => w.Any(c).ToArray<float>()),
        ("as doubles", static (w, c) => w.Any(c).ToDoubles()),
        ("item", static (w, c) => w.Any(c).Item()),
        ("copy from", static (w, c) => World.Fill(c, w.Any(c))),
        ("copy from doubles", static (w, c) => w.Any(c).CopyFromDoubles(new double[c.Below(9)])),
        ("upload", static (w, c) => w.Backend.Upload(new byte[c.Below(40)], w.Any(c))),
        ("download", static (w, c) => w.Backend.Download(w.Any(c), new byte[c.Below(40)])),
        ("raw memory", static (w, c) => w.Backend.Allocate(c.Near(64L)).Release()),
        ("release by hand", ReleaseByHand),
        ("retain", Retain),
        ("parameter value", static (w, c) => w.Keep(w.Store.Parameters[c.Below(w.Store.Parameters.Count)].Value)),
        ("parameter gradient", static (w, c) => w.Store.Parameters[c.Below(w.Store.Parameters.Count)].Gradient.ToDoubles()),
        ("freeze", static (w, c) => w.Store.Parameters[c.Below(w.Store.Parameters.Count)].Trainable = c.OneIn(2)),
        ("initialize", static (w, c) => w.Store.Parameters[c.Below(w.Store.Parameters.Count)].Initialize(1)),
        ("pause", static (w, c) => w.Add(w.Step(c).PauseRecording())),
        ("begin a step", static (w, c) => w.Add(new Step(c.OneIn(8) ? w.Other : w.Backend, !c.OneIn(4)))),
        ("dispose of a step", static (w, c) => w.Step(c).Dispose()),
        ("recompute", Recompute),
        ("trim", static (w, _) => w.Backend.TrimCache()),
        ("dispose of the store", static (w, c) => Seldom(c, w.Store.Dispose)),
        ("dispose of the optimiser", static (w, c) => Seldom(c, w.Optimizer.Dispose)),
        ("dispose of the backend", static (w, c) => Seldom(c, w.Dispose)),
    ];

    private static Tensor Loss(World w, Choices c)
    {
        Tensor tensor = w.Any(c);
        return tensor.Count == 1 || c.OneIn(5) ? tensor : w.Keep(w.Step(c).Sum(tensor));
    }

    private static void ReleaseByHand(World w, Choices c)
    {
        if (c.OneIn(4))
        {
            w.CountsAreOff = true;
            w.Any(c).Storage.Release();
        }
    }

    private static void Retain(World w, Choices c)
    {
        if (c.OneIn(4))
        {
            w.CountsAreOff = true;
            w.Any(c).Storage.Retain();
        }
    }

    private static void Recompute(World w, Choices c)
    {
        Step step = w.Step(c);
        Tensor input = w.Any(c);
        int kind = c.Below(5);
        w.Keep(step.Recompute([input], () => kind switch
        {
            0 => input,
            1 => step.Relu(step.Square(input)),
            2 => step.Sum(step.Multiply(input, input)),
            3 => w.Linear.Forward(step, input),
            _ => step.Add(step.Exp(input), w.Any(c)),
        }));
    }

    private static void Seldom(Choices c, Action action)
    {
        if (c.OneIn(10))
        {
            action();
        }
    }
}
