using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>Characters as vectors: a row of a table for each number of <see cref="TextAlphabet"/>. It has parameters and no multiply-adds.</summary>
/// <remarks>PyTorch: <c>nn.Embedding(72, 16, padding_idx=0)</c>: rows start normal with deviation 1, that of padding is zero and stays so.</remarks>
public sealed class CharacterEmbedding
{
    /// <summary>Values a character (Conneau et al. 2017, section 3.1).</summary>
    public const int Size = 16;

    private readonly Parameter _table;
    private readonly DType _activations;

    /// <summary>Declares an embedding.</summary>
    /// <param name="builder">Where.</param>
    /// <param name="prefix">What the name of its parameter, <c>PREFIX.embedding.weight</c> [72, 16], begins with.</param>
    public CharacterEmbedding(NetworkBuilder builder, string prefix)
    {
        ArgumentNullException.ThrowIfNull(builder);
        _activations = builder.Activations;
        _table = builder.Backbone.Add(prefix + ".embedding.weight", new Shape(TextAlphabet.Count, Size), Start);
    }

    /// <summary>The shape of the embedded form of texts [N, 1, L, 1].</summary>
    public static Shape OutputShape(Shape texts) => texts.With(3, Size);

    /// <summary>Looks characters up.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="texts">[N, 1, L, 1] of bytes.</param>
    /// <returns>[N, 1, L, 16] in the type of the activations.</returns>
    public Tensor Forward(Step step, Tensor texts)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(texts);
        Tensor numbers = step.Reshape(texts, new Shape(texts.Shape[0], texts.Shape[1], texts.Shape[2]));
        Tensor embedded = step.Embedding(numbers, _table.For(_activations), TextAlphabet.Padding);
        step.Release(numbers);
        return embedded;
    }

    private static Func<long, double> Start(Shape shape, Engine.Random.RandomStream stream)
    {
        Func<long, double> normal = Initializers.Normal(0, 1)(shape, stream);
        return i => i / Size == TextAlphabet.Padding ? 0 : normal(i);
    }
}
