using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>Matrix product, linear layer, and the inner products of filters.</summary>
public static class MatrixOps
{
    /// <summary>The product of two matrices.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="left">[M, K].</param>
    /// <param name="right">[K, N].</param>
    /// <returns>[M, N].</returns>
    /// <remarks>PyTorch: <c>torch.mm</c>.</remarks>
    public static Tensor MatMul(this Step step, Tensor left, Tensor right)
    {
        const string Op = "matmul";
        using BackendScope scope = Check.Enter(step, Op, [left, right]);
        Check.SameType(Op, left, right);
        if (left.Shape.Rank != 2 || right.Shape.Rank != 2 || left.Shape[1] != right.Shape[0])
        {
            throw new ShapeException($"{Op}: {left.Shape} times {right.Shape}; the shapes must be [M, K] and [K, N]");
        }

        Tensor output = step.New(new Shape(left.Shape[0], right.Shape[1]), left.DType);
        IMatrixKernels kernels = step.Backend.Matrix;
        kernels.Multiply(left, false, right, false, output, accumulate: false);
        if (step.Wants(left, right))
        {
            step.Record(Op, output, [left, right], gradOutput =>
            {
                if (step.TargetFor(left) is { Tensor: { } gradLeft } leftTarget)
                {
                    kernels.Multiply(gradOutput, false, right, true, gradLeft, leftTarget.Accumulate);
                }

                if (step.TargetFor(right) is { Tensor: { } gradRight } rightTarget)
                {
                    kernels.Multiply(left, true, gradOutput, false, gradRight, rightTarget.Accumulate);
                }
            });
        }

        return output;
    }

    /// <summary>The linear layer: y = x Wᵀ + b.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[N, in].</param>
    /// <param name="weight">[out, in].</param>
    /// <param name="bias">[out], or null.</param>
    /// <returns>[N, out].</returns>
    /// <remarks>PyTorch: <c>F.linear</c>.</remarks>
    public static Tensor Linear(this Step step, Tensor input, Tensor weight, Tensor? bias = null)
    {
        const string Op = "linear";
        using BackendScope scope = Check.Enter(step, Op, [input, weight], [bias]);
        Check.SameType(Op, input, weight, bias);
        if (input.Shape.Rank != 2 || weight.Shape.Rank != 2 || input.Shape[1] != weight.Shape[1])
        {
            throw new ShapeException($"{Op}: input {input.Shape} and weight {weight.Shape} must be [N, in] and [out, in]");
        }

        if (bias is not null)
        {
            Check.Shape(Op, "the bias", bias, new Shape(weight.Shape[0]));
        }

        Tensor output = step.New(new Shape(input.Shape[0], weight.Shape[0]), input.DType);
        Backend backend = step.Backend;
        if (bias is not null)
        {
            backend.Elementwise.Affine(bias, 1, 0, output, accumulate: false);
        }

        backend.Matrix.Multiply(input, false, weight, true, output, accumulate: bias is not null);
        if (step.Wants(input, weight, bias))
        {
            step.Record(Op, output, [input, weight], gradOutput =>
            {
                if (step.TargetFor(bias) is { Tensor: { } gradBias } biasTarget)
                {
                    backend.Reduction.Sum(gradOutput, gradBias, 1, biasTarget.Accumulate);
                }

                if (step.TargetFor(weight) is { Tensor: { } gradWeight } weightTarget)
                {
                    backend.Matrix.Multiply(gradOutput, true, input, false, gradWeight, weightTarget.Accumulate);
                }

                if (step.TargetFor(input) is { Tensor: { } gradInput } inputTarget)
                {
                    backend.Matrix.Multiply(gradOutput, false, weight, false, gradInput, inputTarget.Accumulate);
                }
            });
        }

        return output;
    }

    /// <summary>The inner products of all pairs of a convolution's filters: W Wᵀ, where row o of W holds the elements of filter o.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="filter">A filter tensor of shape [out, in, kh, kw], in the backend's layout.</param>
    /// <returns>[out, out].</returns>
    /// <remarks>PyTorch: <c>w.flatten(1) @ w.flatten(1).T</c>. Every layout keeps a filter as a matrix, or its transpose, whose other axis is summed over, so nothing is moved in memory.</remarks>
    public static Tensor FilterGram(this Step step, Tensor filter)
    {
        const string Op = "filter_gram";
        using BackendScope scope = Check.Enter(step, Op, [filter]);
        Check.Floating(Op, "the filter", filter);
        if (!filter.IsFilter)
        {
            throw new ShapeException($"{Op}: the filter {filter.Shape} is a plain tensor; make it with step.Filter or as a filter parameter, so that it lies in the backend's layout");
        }

        int outputs = filter.Shape[0], elements = outputs == 0 ? 0 : Check.Size(Op, filter.Count / outputs);
        bool isTransposed = step.Backend.FilterLayout == FilterLayout.Hwio;
        Shape stored = isTransposed ? new Shape(elements, outputs) : new Shape(outputs, elements);
        IMatrixKernels kernels = step.Backend.Matrix;
        Tensor output = step.New(new Shape(outputs, outputs), filter.DType);
        Tensor matrix = filter.Part(0, stored);
        kernels.Multiply(matrix, isTransposed, matrix, !isTransposed, output, accumulate: false);
        if (step.Wants(filter))
        {
            step.Record(Op, output, [filter], gradOutput =>
            {
                if (step.TargetFor(filter) is { Tensor: { } gradFilter } target)
                {
                    // dW = (dG + dGᵀ) W
                    Tensor gradMatrix = gradFilter.Part(0, stored);
                    Multiply(gradOutput, false, gradMatrix, target.Accumulate);
                    Multiply(gradOutput, true, gradMatrix, accumulate: true);
                }
            });
        }

        return output;

        void Multiply(Tensor gradOutput, bool transpose, Tensor gradMatrix, bool accumulate)
        {
            if (isTransposed)
            {
                kernels.Multiply(matrix, false, gradOutput, transpose, gradMatrix, accumulate);
            }
            else
            {
                kernels.Multiply(gradOutput, transpose, matrix, false, gradMatrix, accumulate);
            }
        }
    }
}
