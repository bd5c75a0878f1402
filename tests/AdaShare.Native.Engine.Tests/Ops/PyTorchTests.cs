using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Ops;

/// <summary>
/// Ops on the reference backend against numbers that PyTorch 1.13 computed in double precision. Inputs are waves:
/// <code>
/// def wave(phase, *shape): return torch.tensor([math.sin(0.7 * i + phase) for i in range(math.prod(shape))]).reshape(*shape)
/// nchw = lambda x: x.permute(0, 3, 1, 2);  nhwc = lambda x: x.permute(0, 2, 3, 1)
/// # gradients: (y * wave(3, *y.shape)).sum().backward(); losses: l.backward()
/// </code>
/// </summary>
[TestFixture]
public sealed class PyTorchTests
{
    private const double Tolerance = 2e-11;

    private ReferenceBackend _backend = null!;
    private Step _step = null!;

    [SetUp]
    public void SetUp()
    {
        _backend = new ReferenceBackend();
        _step = new Step(_backend);
    }

    [TearDown]
    public void TearDown()
    {
        _step.Dispose();
        Assert.That(_backend.Memory.LiveBuffers, Is.Zero);
        _backend.Dispose();
    }

    // nhwc(F.conv2d(nchw(wave(0,1,4,5,2)), wave(1,2,2,3,2), wave(2,2), stride=(2,1), padding=(1,0), dilation=(1,2)))
    [Test]
    public void Conv2d()
    {
        Tensor x = Wave(0, 1, 4, 5, 2), w = _step.Watch(_step.Filter(new Shape(2, 2, 3, 2), DType.Float64, WaveValues(1, 24))), b = Wave(2, 2);
        Tensor y = _step.Conv2d(x, w, b, new Conv2dOptions(2, 1, 1, 0, 1, 2));
        Check(y, [1.17631113218, 0.430004026979, 1.31228282719, 0.555120818509, 0.779272275732, 0.468179258109, 0.950588184682, 0.781989621533, 0.462144290198, 0.761459402466, 0.716003986826, 0.186335222725]);
        Backward(y);
        CheckGradient(w, [1.34841649134, -1.02825963775, 0.398285437601, -0.349668808438, 0.350484686487, -0.398586858859, 1.49719534713, -1.51640444182, 0.353865917975, -0.399788978097, 0.136616652988, -0.25663847881, 1.11323645671, -0.520119137249, 1.03607958324, -1.120661056, 0.497816318195, -0.805973325569, 1.86838307189, -1.59622824118, 0.51465679337, -0.818989240108, -0.267181280874, -0.113377600326]);
        CheckGradient(b, [-0.29104039441, -1.07377008607]);
        CheckGradient(x, [0.615056836099, -0.300581279979, 0.265393000774, -0.898509437778, -0.05512659072, 0.110941556153, 0.770938232397, -0.816649684369, -0.207645727778, -0.393401667396, 0.79605510571, 0.634792912578, 1.53495642756, -0.892586870794, -0.423084060918, 0.365731050935, 1.27752199502, 0.128413134131, 0.583086799118, -1.26029281691, -0.443804334305, 0.896859776109, 0.373976346507, 0.309726271492, -0.270592418008, -0.108654227686, -0.0784171778902, 0.625549239563, 0.814867447208, -0.470273335546, -0.843461985168, 0.147790700678, -0.493929878224, 0.64716662579, 0.226851800093, -0.384642419942, -0.677139638962, 0.364411435651, 0.218523505127, 0.580721785112]);
    }

    // F.max_pool2d(nchw(wave(0,1,5,4,1)), 3, 2, 1, ceil_mode=True) and (…, 2, 2, 0, ceil_mode=True)
    [Test]
    public void MaxPool2d()
    {
        Tensor x = Wave(0, 1, 5, 4, 1);
        Check(_step.MaxPool2d(x, 3, 2, 1, ceilMode: true), [0.644217687238, 0.985449729988, 0.863209366649, 0.854598908088, 0.988168233877, 0.988168233877, 0.854598908088, 0.669569762197, 0.669569762197]);
        Check(_step.MaxPool2d(x, 2, 2, 0, ceilMode: true), [0.644217687238, 0.985449729988, 0.854598908088, 0.988168233877, -0.618137112237, 0.669569762197]);
    }

    // F.avg_pool2d(nchw(wave(0,1,6,5,1)), 3, 2, 1, ceil_mode=True, count_include_pad=True) and False
    [Test]
    public void AveragePool2d()
    {
        Tensor x = Wave(0, 1, 6, 5, 1);
        Check(_step.AveragePool2d(x, 3, 2, 1, ceilMode: true, countPadding: true), [-0.0642379236517, 0.000842417884976, 0.0648605310463, -0.15956418407, -0.209680145863, 0.00459547834747, -0.178108681129, -0.0743716153327, 0.123142709395, -0.263409804646, 0.0212589142448, 0.279121670984]);
        Check(_step.AveragePool2d(x, 3, 2, 1, ceilMode: true, countPadding: false), [-0.144535328216, 0.00126362682746, 0.145936194854, -0.239346276105, -0.209680145863, 0.0068932175212, -0.267163021693, -0.0743716153327, 0.184714064093, -0.790229413937, 0.0425178284896, 0.837365012952]);
    }

    // F.interpolate(nchw(wave(0,1,3,4,1)), size=(5,3), mode='nearest' | 'bilinear' | 'bilinear', align_corners=True)
    [Test]
    public void Resize()
    {
        Tensor x = Wave(0, 1, 3, 4, 1);
        Check(_step.ResizeNearest(x, 5, 3), [0, 0.644217687238, 0.985449729988, 0, 0.644217687238, 0.985449729988, 0.334988150156, -0.35078322769, -0.871575772414, 0.334988150156, -0.35078322769, -0.871575772414, -0.631266637872, 0.0168139004843, 0.656986598719]);
        Check(_step.ResizeBilinear(x, 5, 3), [0.10736961454, 0.814833708613, 0.883582760539, 0.15269893693, 0.244428425147, 0.144560400621, 0.220692920515, -0.611179500052, -0.963973139256, -0.225674760682, -0.0423316502597, 0.174193521108, -0.523253214813, 0.336900249602, 0.932971294684]);
        Check(_step.ResizeBilinear(x, 5, 3, alignCorners: true), [0, 0.814833708613, 0.863209366649, 0.167494075078, 0.101827104281, -0.0596216229877, 0.334988150156, -0.611179500052, -0.982452612624, -0.148139243858, -0.137139625225, 0.00285781062633, -0.631266637872, 0.336900249602, 0.988168233877]);
    }

    // sum(k * v for k, v in enumerate(F.interpolate(torch.arange(41.).reshape(1,1,41,1), size=(321,1), mode='nearest').reshape(-1).int().tolist()))
    [Test]
    public void Resize_picks_the_pixels_of_an_output_stride_of_8()
    {
        Tensor x = _step.FromDoubles(new Shape(1, 41, 1, 1), DType.Float64, [.. Enumerable.Range(0, 41).Select(i => (double)i)]);
        double[] y = _step.ResizeNearest(x, 321, 1).ToDoubles();
        Assert.That(y.Select((v, k) => k * v).Sum(), Is.EqualTo(1375645));
    }

    // nhwc(F.batch_norm(nchw(wave(0,3,2,1,2)), rm, rv, wave(1,2), wave(2,2), training=True, momentum=0.1, eps=1e-5)), rm = [0.1, -0.2], rv = [0.9, 1.3]
    [Test]
    public void BatchNorm()
    {
        Tensor x = Wave(0, 3, 2, 1, 2), gamma = Wave(1, 2), beta = Wave(2, 2);
        Tensor mean = _step.FromDoubles(new Shape(2), DType.Float64, [0.1, -0.2]), variance = _step.FromDoubles(new Shape(2), DType.Float64, [0.9, 1.3]);
        Tensor y = _step.BatchNorm(x, gamma, beta, 1e-5, running: new RunningStatistics(mean, variance, 0.1, [0]));
        Check(y, [0.808874434005, 1.05591291688, 2.0600191912, 1.36336645719, 1.23418143348, -0.341019399118, -0.297693892082, -1.22785212822, 0.00740692091581, 0.175068877697, 1.64299647344, 1.53880255698]);
        Check(mean, [0.097909701143, -0.160347110868]);
        Check(variance, [0.862711269876, 1.22986852766]);
        Backward(y);
        CheckGradient(x, [0.142330713528, 0.122502587126, -0.0187838800968, -0.132542779076, -0.209869158638, -0.198721713204, -0.113711002701, 0.0338271642902, 0.110061729903, 0.179057435003, 0.0899715980047, -0.00412269413976]);
        CheckGradient(gamma, [-3.8974445347, -4.14754500597]);
        CheckGradient(beta, [-0.29104039441, -1.07377008607]);
    }

    // F.cross_entropy(wave(0,6,3), [0, 2, 255, 1, 1, 0], weight=[1, 0.5, 2], ignore_index=255)
    [Test]
    public void CrossEntropy()
    {
        Tensor x = Wave(0, 6, 3), labels = _step.FromHost<int>(new Shape(6), [0, 2, 255, 1, 1, 0]);
        Tensor loss = _step.Keep(_step.CrossEntropy(x, labels, 255, _step.FromDoubles(new Shape(3), DType.Float64, [1, 0.5, 2])));
        _step.Backward(loss);
        Check(loss, [1.54022506991]);
        CheckGradient(x, [-0.164180257009, 0.0682185763887, 0.0959616806204, 0.21201466156, 0.125015060506, -0.337029722066, 0, 0, 0, 0.0180559910279, -0.0657512440698, 0.0476952530419, 0.0531833342489, -0.068867741403, 0.0156844071541, -0.137583080687, 0.0565064286042, 0.0810766520825]);
    }

    // m = [True, False, True]; 1 - F.cosine_similarity(wave(0,3,3)[m], wave(2,3,3)[m], dim=-1).mean()
    [Test]
    public void CosineLoss()
    {
        Tensor x = Wave(0, 3, 3);
        Tensor loss = _step.Keep(_step.CosineLoss(x, Wave(2, 3, 3), _step.FromHost<byte>(new Shape(3), [1, 0, 1])));
        _step.Backward(loss);
        Check(loss, [1.32629096995]);
        CheckGradient(x, [-0.372490545768, -0.170600053408, 0.11152630977, 0, 0, 0, 0.16310098383, -0.020119516867, -0.193877494406]);
    }

    // F.l1_loss(wave(0,3,2)[m], wave(2,3,2)[m]); PyTorch leaves out the masked pixel, here it has gradient 0
    [Test]
    public void L1Loss()
    {
        Tensor x = Wave(0, 3, 2);
        Tensor loss = _step.Keep(_step.L1Loss(x, Wave(2, 3, 2), _step.FromHost<byte>(new Shape(3), [1, 0, 1])));
        _step.Backward(loss);
        Check(loss, [0.703011272676]);
        CheckGradient(x, [-0.25, 0.25, 0, 0, 0.25, 0.25]);
    }

    // ((wave(0,2,3) + wave(2,2,3)) / 0.7).softmax(-1)
    [Test]
    public void GumbelSoftmax()
    {
        Tensor x = Wave(0, 2, 3);
        Tensor y = _step.GumbelSoftmax(x, Wave(2, 2, 3), 0.7);
        Check(y, [0.329503075777, 0.41548355403, 0.255013370193, 0.636108505671, 0.231977972381, 0.131913521947]);
        Backward(y);
        CheckGradient(x, [0.262392707106, -0.0673832194187, -0.195009487688, -0.233993288, 0.0675111080445, 0.166482179955]);
    }

    [Test]
    public void Straight_through_samples_have_the_gradient_of_the_soft_sample()
    {
        Tensor x = Wave(0, 2, 3);
        Tensor y = _step.GumbelSoftmax(x, Wave(2, 2, 3), 0.7, straightThrough: true);
        Check(y, [0, 1, 0, 1, 0, 0]);
        Backward(y);
        CheckGradient(x, [0.262392707106, -0.0673832194187, -0.195009487688, -0.233993288, 0.0675111080445, 0.166482179955]);
    }

    private static double[] WaveValues(double phase, long count) => [.. Enumerable.Range(0, (int)count).Select(i => Math.Sin((0.7 * i) + phase))];

    private static void Check(Tensor actual, double[] expected) =>
        Assert.That(Comparison(actual, expected), Is.Empty);

    private static IEnumerable<string> Comparison(Tensor actual, double[] expected) =>
        AdaShare.Native.Conformance.Checks.Comparison.Differences("tensor", new HostArray(new Shape((int)actual.Count), actual.ToDoubles()), new HostArray(new Shape(expected.Length), expected), Tolerance);

    private Tensor Wave(double phase, params int[] shape)
    {
        var sizes = new Shape(shape);
        return _step.Watch(_step.FromDoubles(sizes, DType.Float64, WaveValues(phase, sizes.Count)));
    }

    private void Backward(Tensor y)
    {
        Tensor weights = _step.FromDoubles(y.Shape, DType.Float64, WaveValues(3, y.Count));
        _step.Backward(_step.Sum(_step.Multiply(y, weights)));
    }

    private void CheckGradient(Tensor input, double[] expected) => Check(_step.GradientOf(input)!, expected);
}
