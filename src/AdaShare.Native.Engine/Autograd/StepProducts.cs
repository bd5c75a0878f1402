using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Autograd;

/// <summary>A backward pass that runs for several losses side by side, and keeps nothing of their gradients but inner products.</summary>
public sealed partial class Step
{
    // The tensors that have a gradient of the lane that is under way; null in a pass for one loss.
    private HashSet<Tensor>? _lane;

    /// <summary>
    /// Runs every recorded op backward once for each of several losses, and adds up the inner products of their gradients: products[i, j] = sum over parameters of g_i · g_j for j &gt;= i. No parameter moves,
    /// no gradient reaches a flat buffer, and those of one layer alone are in memory at once: one for each loss.
    /// </summary>
    /// <param name="losses">Tensors with one element, of this step, each computed from something that wants a gradient.</param>
    /// <param name="seeds">The gradient of each loss itself: its weight.</param>
    /// <param name="products">[K, K], of the parameters' type; what lies below the diagonal is set to 0.</param>
    /// <param name="what">Which parameters are looked at; those that are not <see cref="Parameter.Trainable"/> never are.</param>
    /// <returns>Whether anything was added; false where no loss reaches such a parameter.</returns>
    /// <exception cref="ShapeException">A loss has more than one element or depends on nothing that wants a gradient; nothing has happened.</exception>
    /// <exception cref="InvalidOperationException">The step has run backward before, or a parameter has a gradient of an earlier pass.</exception>
    /// <remarks>The Gramian of TorchJD's <c>autogram</c>, without a Jacobian in memory.</remarks>
    public bool BackwardProducts(IReadOnlyList<Tensor> losses, IReadOnlyList<double> seeds, Tensor products, ProductsOf what = ProductsOf.AllParameters)
    {
        ArgumentNullException.ThrowIfNull(losses);
        ArgumentNullException.ThrowIfNull(seeds);
        ArgumentNullException.ThrowIfNull(products);
        using BackendScope scope = Enter("backward products", [.. losses, products]);
        CheckProducts(losses, seeds, products);
        _ranBackward = true;
        LossLane[] lanes = [.. losses.Select(static _ => new LossLane())];
        using var sums = new GradientProducts(products, what, lanes);
        using SectionScope section = Backend.EnterSection(_tape.Count > 0 ? _tape[^1].Section : null);
        bool any = false;
        try
        {
            for (int t = 0; t < lanes.Length; t++)
            {
                _tape.ForEach(lanes[t].Transient.Expect);
                Tensor seed = Own(Tensor.Allocate(Backend, losses[t].Shape, losses[t].DType));
                Backend.Elementwise.Fill(seed, seeds[t]);
                lanes[t].Waiting.Add(losses[t], seed);
            }

            RunTape(0, lanes, sums, ref any);
            return what == ProductsOf.LastCommonLayer ? sums.IsDone : any;
        }
        finally
        {
            (_lane, _transient) = (null, null);
            Array.ForEach(lanes, static lane => lane.Dispose());
        }
    }

    private void CheckProducts(IReadOnlyList<Tensor> losses, IReadOnlyList<double> seeds, Tensor products)
    {
        if (losses.Count == 0 || losses.Count != seeds.Count || products.Shape != new Shape(losses.Count, losses.Count))
        {
            throw new ShapeException($"backward products: {losses.Count} losses, {seeds.Count} seeds and products of {products.Shape}; give as many seeds as losses, at least one, and products [K, K]");
        }

        foreach (Tensor loss in losses)
        {
            CheckBackward(loss);
        }

        CheckSaved();
        foreach (Parameter parameter in _tape.SelectMany(static node => node.Parameters))
        {
            if (parameter.HasGradient)
            {
                throw new InvalidOperationException($"backward products: {parameter.Name} has a gradient of an earlier pass, which would be added to; clear gradients first");
            }
        }
    }

    private void RunTape(int left, LossLane[] lanes, GradientProducts sums, ref bool any)
    {
        while (_tape.Count > left && !sums.IsDone)
        {
            Node node = _tape[^1];
            _tape.RemoveAt(_tape.Count - 1);
            if (node.Again is null)
            {
                RunLanes(node, lanes, sums, ref any);
            }
            else
            {
                RunAgain(node, lanes, sums, ref any);
            }
        }
    }

    private void RunLanes(Node node, LossLane[] lanes, GradientProducts sums, ref bool any)
    {
        foreach (LossLane lane in lanes)
        {
            if (lane.Waiting.TryGetValue(node.Output, out Tensor? gradient))
            {
                Backend.Section = new Section(node.Section);
                EnterLane(lane);
                RunRule(node, gradient);

                // The rule may have handed the memory on to an input's gradient.
                if (node.Output.Gradient is not null)
                {
                    node.Output.Gradient = null;
                    Release(gradient);
                }

                LeaveLane(lane);
            }
        }

        Finish(node, lanes, sums, ref any);
    }

    /// <summary>Computes a part again that was not kept, once for all lanes, and runs it backward.</summary>
    private void RunAgain(Node node, LossLane[] lanes, GradientProducts sums, ref bool any)
    {
        int mark = _tape.Count;
        try
        {
            Tensor again = ComputeAgain(node, node.Again!);
            List<Node> parts = _tape[mark..];
            foreach (LossLane lane in lanes)
            {
                lane.Transient.Replace(node, parts);
                if (lane.Waiting.Remove(node.Output, out Tensor? gradient))
                {
                    lane.Waiting.Add(again, gradient);
                }
            }

            Release(again);
            RunTape(mark, lanes, sums, ref any);
        }
        catch
        {
            // The op is off the tape already, so nobody else would let go of what it holds.
            ReleaseSaved(node);
            throw;
        }

        Finish(node, lanes, sums, ref any);
    }

    /// <summary>Lets go of what an op held, and adds up the products of parameters that it used last.</summary>
    private void Finish(Node node, LossLane[] lanes, GradientProducts sums, ref bool any)
    {
        ReleaseSaved(node);
        foreach (LossLane lane in lanes)
        {
            lane.Transient.Complete(node);
            any |= lane.Complete.Count > 0;
        }

        sums.Take();
        if (!node.Output.IsKept)
        {
            Release(node.Output);
        }
    }

    /// <summary>Puts a lane's gradients into the tensors.</summary>
    private void EnterLane(LossLane lane)
    {
        foreach ((Tensor tensor, Tensor gradient) in lane.Waiting)
        {
            tensor.Gradient = gradient;
        }

        _lane = new HashSet<Tensor>(lane.Waiting.Keys, ReferenceEqualityComparer.Instance);
        _transient = lane.Transient;
        lane.Waiting.Clear();
    }

    /// <summary>Takes them out again.</summary>
    private void LeaveLane(LossLane lane)
    {
        foreach (Tensor tensor in _lane!)
        {
            if (tensor.Gradient is { } gradient)
            {
                lane.Waiting.Add(tensor, gradient);
                tensor.Gradient = null;
            }
        }

        (_lane, _transient) = (null, null);
    }
}
