namespace AdaShare.Native.Reports.Onnx.Graphs;

/// <summary>A convolution whose filter and bias are constants; what follows it channel by channel is folded in.</summary>
internal sealed class ConvolutionNode : GraphNode
{
    private readonly float[] _filter;
    private readonly long[] _filterShape;
    private readonly double[] _scale;
    private double[]? _shift;

    /// <summary>Makes a convolution.</summary>
    /// <param name="input">What it reads.</param>
    /// <param name="size">What an image of the output has.</param>
    /// <param name="name">Whose filter it is, without <c>.weight</c>.</param>
    /// <param name="filterShape">[out, in, kh, kw].</param>
    /// <param name="filter">The filter in that order; several convolutions may have one array.</param>
    /// <param name="bias">A number for each filter, or null.</param>
    /// <param name="attributes">Strides, pads and the like.</param>
    public ConvolutionNode(GraphValue input, ImageSize size, string name, long[] filterShape, float[] filter, double[]? bias, params GraphAttribute[] attributes)
        : base(OnnxOperators.Conv, size, [input], attributes)
    {
        (Layer, _filterShape, _filter, _shift) = (name, filterShape, filter, bias);
        _scale = new double[filterShape[0]];
        Array.Fill(_scale, 1);
    }

    /// <summary>Whose filter it is.</summary>
    public string Layer { get; }

    /// <summary>Folds what comes next into filter and bias: W s, and b s + t.</summary>
    public void Fold(ChannelMap map)
    {
        double[] shift = _shift ?? new double[_scale.Length];
        for (int o = 0; o < _scale.Length; o++)
        {
            _scale[o] *= map.Scale[o];
            shift[o] = (shift[o] * map.Scale[o]) + map.Shift[o];
        }

        _shift = shift;
    }

    /// <summary>Makes filter and bias inputs of the node, once nothing more is folded in.</summary>
    public void AddConstants()
    {
        int row = _filter.Length / _scale.Length;
        float[] folded = _filter;
        if (Array.Exists(_scale, static factor => factor != 1))
        {
            folded = new float[_filter.Length];
            for (int i = 0; i < folded.Length; i++)
            {
                folded[i] = (float)(_filter[i] * _scale[i / row]);
            }
        }

        Inputs.Add(GraphValue.Of(new GraphConstant(_filterShape, folded, null, Layer + ".weight")));
        if (_shift is not null)
        {
            Inputs.Add(GraphValue.Of(new GraphConstant([_shift.Length], Array.ConvertAll(_shift, static value => (float)value), null, Layer + ".bias")));
        }
    }
}
