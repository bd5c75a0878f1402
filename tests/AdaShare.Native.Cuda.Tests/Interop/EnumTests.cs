using System.Text.RegularExpressions;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Tests;

namespace AdaShare.Native.Cuda.Tests.Interop;

/// <summary>The numbers of the enumerations against the notes taken from NVIDIA's headers. (The driver itself names its statuses: <see cref="RealDriverTests"/>.)</summary>
[TestFixture]
internal sealed class EnumTests
{
    private static readonly Dictionary<Type, (string Line, string[] CNames)> Sources = new()
    {
        [typeof(CudnnDescriptorType)] = ("`cudnnBackendDescriptorType_t`",
            ["CONVOLUTION", "ENGINE", "ENGINECFG", "ENGINEHEUR", "EXECUTION_PLAN", "KNOB_CHOICE", "OP_CONVOLUTION_FORWARD", "OP_CONVOLUTION_BACKWARD_FILTER", "OP_CONVOLUTION_BACKWARD_DATA", "OPERATIONGRAPH", "VARIANT_PACK", "TENSOR"]),
        [typeof(CudnnAttributeType)] = ("`cudnnBackendAttributeType_t`",
            ["HANDLE", "DATA_TYPE", "BOOLEAN", "INT64", "FLOAT", "DOUBLE", "VOID_PTR", "CONVOLUTION_MODE", "HEUR_MODE", "KNOB_TYPE", "NUMERICAL_NOTE", "BACKEND_DESCRIPTOR", "BEHAVIOR_NOTE"]),
        [typeof(CudnnDataType)] = ("`cudnnDataType_t`", ["FLOAT", "BFLOAT16"]),
        [typeof(CudnnConvolutionMode)] = ("`cudnnConvolutionMode_t`", ["CONVOLUTION", "CROSS_CORRELATION"]),
        [typeof(CudnnHeuristicMode)] = ("HEUR_MODE (", ["INSTANT", "B", "FALLBACK", "A"]),
        [typeof(CudnnNumericalNote)] = ("Notes: numerical",
            ["TENSOR_CORE", "DOWN_CONVERT_INPUTS", "REDUCED_PRECISION_REDUCTION", "FFT", "NONDETERMINISTIC", "WINOGRAD", "4x4", "6x6", "13x13", "STRICT_NAN_PROP"]),
        [typeof(CudnnBehaviorNote)] = ("Notes: numerical", ["RUNTIME_COMPILATION", "INT8x32 filter", "bias", "SUPPORTS_CUDA_GRAPH_NATIVE_API"]),
        [typeof(CublasOperation)] = ("Values [V]: op", ["N", "T"]),
        [typeof(CublasCompute)] = ("Values [V]: op", ["32F", "32F_FAST_TF32"]),
        [typeof(CublasDataType)] = ("Values [V]: op", ["R_32F", "R_16BF"]),
        [typeof(CublasMath)] = ("Values [V]: op", ["math DEFAULT", "TF32_TENSOR_OP", "DISALLOW_REDUCED_PRECISION_REDUCTION"]),
        [typeof(CublasAlgorithm)] = ("Values [V]: op", ["algo DEFAULT"]),
        [typeof(CudaJitOption)] = ("JIT options (", ["INFO_LOG_BUFFER", "INFO_LOG_SIZE", "ERROR_LOG_BUFFER", "ERROR_LOG_SIZE"]),
        [typeof(CudaCaptureMode)] = ("Stream NON_BLOCKING", ["GLOBAL", "THREAD_LOCAL", "RELAXED"]),
        [typeof(CudaFunctionAttribute)] = ("Device attrs:", ["Func attrs: MAX_THREADS", "SHARED", "LOCAL", "NUM_REGS", "MAX_DYNAMIC_SHARED"]),
    };

    /// <summary>The attributes' names in the notes, in the order of the numbers; the line says which descriptor's.</summary>
    private static readonly (string Line, string Names)[] Attributes =
    [
        ("| 2 | CONVOLUTION(1)", "COMP_TYPE CONV_MODE DILATIONS FILTER_STRIDES POST_PADDINGS PRE_PADDINGS SPATIAL_DIMS"),
        ("| 5 | ENGINEHEUR(4)", "MODE OPERATION_GRAPH RESULTS"),
        ("| explicit engine", "ENGINE KNOB_CHOICES"),
        ("| 6 | EXECUTION_PLAN(5)", "HANDLE ENGINE_CONFIG WORKSPACE_SIZE"),
        ("| explicit engine", "KNOB_TYPE KNOB_VALUE"),
        ("| 3 fwd", "ALPHA BETA CONV_DESC W X Y"),
        ("| 3 dgrad", "ALPHA BETA CONV_DESC W DX DY"),
        ("| 3 wgrad", "ALPHA BETA CONV_DESC DW X DY"),
        ("| 4 | OPERATIONGRAPH(15)", "HANDLE OPS"),
        ("| 1 per tensor", "BYTE_ALIGNMENT DATA_TYPE DIMENSIONS STRIDES UNIQUE_ID IS_VIRTUAL"),
        ("| 7 per launch", "UNIQUE_IDS DATA_POINTERS WORKSPACE"),
        ("| explicit engine", "OPERATION_GRAPH GLOBAL_INDEX"),
        ("| 5b notes", "NUMERICAL_NOTE BEHAVIOR_NOTE"),
    ];

    private static IEnumerable<Type> Types => Sources.Keys;

    [TestCaseSource(nameof(Types))]
    public void Numbers_are_those_of_the_headers(Type type)
    {
        (string marker, string[] names) = Sources[type];
        Array values = type.GetEnumValuesAsUnderlyingType();
        long[] numbers = [.. values.Cast<object>().Select(Convert.ToInt64)];
        if (type == typeof(CublasAlgorithm))
        {
            Assert.That(numbers, Is.EqualTo(new[] { -1L }));
        }

        Check(Line(marker), names, numbers, type.Name);
    }

    [Test]
    public void Attributes_have_the_numbers_of_the_headers()
    {
        Queue<long> numbers = new(Enum.GetValues<CudnnAttribute>().Select(value => (long)value));
        foreach ((string marker, string joined) in Attributes)
        {
            string[] names = joined.Split(' ');
            Check(Line(marker), names, [.. names.Select(_ => numbers.Dequeue())], marker);
        }

        Assert.That(numbers, Is.Empty, "attributes that the notes don't have");
    }

    private static void Check(string line, string[] names, long[] numbers, string what)
    {
        Assert.That(numbers, Has.Length.EqualTo(names.Length), what);
        using (Assert.EnterMultipleScope())
        {
            foreach ((string name, long number) in names.Zip(numbers))
            {
                Assert.That(line, Does.Match($@"(?<!\w){Regex.Escape(name)}[ =]{number}(?!\d)"), $"{what}: {name}");
            }
        }
    }

    private static string Line(string marker) => File.ReadLines(TestData.File("signatures", "enumerations.md")).First(line => line.Contains(marker, StringComparison.Ordinal));
}
