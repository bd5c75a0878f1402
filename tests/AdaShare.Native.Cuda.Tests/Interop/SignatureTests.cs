using System.Reflection;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Tests.Interop;

/// <summary>Every member of the seam has the arguments of its C function, in order and size, and the function is in the headers of CUDA 12 and 13.</summary>
[TestFixture]
internal sealed class SignatureTests
{
    private const int Cuda12 = 12000, Cuda13 = 13000;

    /// <summary>The one function whose name the headers of CUDA 13 turn into its second version; drivers keep the first, which is the only one of CUDA 12.</summary>
    private const string Redirected = "cuEventElapsedTime";

    /// <summary>The C types that arguments of a managed type may stand for; handles are pointers to opaque structures.</summary>
    private static readonly Dictionary<Type, string[]> CTypes = new()
    {
        [typeof(int)] = ["int", "CUdevice"],
        [typeof(uint)] = ["unsigned"],
        [typeof(ulong)] = ["CUdeviceptr", "c_ulonglong", "void*"],
        [typeof(long)] = ["i64", "c_longlong"],
        [typeof(nuint)] = ["size_t"],
        [typeof(byte)] = ["c_uchar"],
        [typeof(ushort)] = ["c_ushort"],
        [typeof(float)] = ["f32"],
        [typeof(nint)] =
        [
            "void*", "char*", "const char*", "CUcontext", "CUstream", "CUevent", "CUmodule", "CUfunction", "CUgraph", "CUgraphExec", "CUgraphNode", "cudnnHandle_t", "cudnnBackendDescriptor_t",
            "cudaStream_t", "cublasHandle_t",
        ],
        [typeof(CudaResult)] = ["CUresult"],
        [typeof(CudaDeviceAttribute)] = ["CUdevice_attribute"],
        [typeof(CudaFunctionAttribute)] = ["CUfunction_attribute"],
        [typeof(CudaJitOption)] = ["CUjit_option"],
        [typeof(CudaCaptureMode)] = ["CUstreamCaptureMode"],
        [typeof(CudaStreamFlags)] = ["unsigned"],
        [typeof(CudaEventFlags)] = ["unsigned"],
        [typeof(CudaHostAllocFlags)] = ["unsigned"],
        [typeof(CudnnStatus)] = ["cudnnStatus_t"],
        [typeof(CudnnDescriptorType)] = ["cudnnBackendDescriptorType_t"],
        [typeof(CudnnAttribute)] = ["cudnnBackendAttributeName_t"],
        [typeof(CudnnAttributeType)] = ["cudnnBackendAttributeType_t"],
        [typeof(CublasStatus)] = ["cublasStatus_t"],
        [typeof(CublasOperation)] = ["cublasOperation_t"],
        [typeof(CublasDataType)] = ["cudaDataType"],
        [typeof(CublasCompute)] = ["cublasComputeType_t"],
        [typeof(CublasMath)] = ["cublasMath_t"],
        [typeof(CublasAlgorithm)] = ["cublasGemmAlgo_t"],
    };

    [Test]
    public void The_driver_has_the_arguments_of_C() => Check(typeof(ICudaDriver), Signature.Read("sig_driver.txt"));

    [Test]
    public void CuDNN_has_the_arguments_of_C() => Check(typeof(ICudnn), Signature.Read("sig_cudnn.txt"));

    [Test]
    public void CuBLAS_has_the_arguments_of_C() => Check(typeof(ICublas), Signature.Read("sig_cublas.txt"));

    /// <summary>The first names of these functions are still exported, with 32-bit pointers or other arguments; a binding without the suffix would load and corrupt memory.</summary>
    [TestCase("sig_driver.txt", typeof(ICudaDriver))]
    [TestCase("sig_cublas.txt", typeof(ICublas))]
    public void Functions_that_have_a_later_version_are_bound_by_its_name(string file, Type seam)
    {
        Dictionary<string, Signature> signatures = Signature.Read(file);
        foreach (string export in seam.GetMethods().Select(Export).Where(export => !export.EndsWith("_v2", StringComparison.Ordinal)))
        {
            bool later = signatures.TryGetValue(export + "_v2", out Signature? second) && second.First <= Cuda12;
            Assert.That(later, Is.False, export);
        }
    }

    [Test]
    public void Bindings_pass_arguments_on_as_the_seam_has_them()
    {
        foreach ((Type seam, Type binding) in ((Type, Type)[])[(typeof(ICudaDriver), typeof(NativeCudaDriver)), (typeof(ICudnn), typeof(NativeCudnn)), (typeof(ICublas), typeof(NativeCublas))])
        {
            Dictionary<string, FieldInfo> fields = binding.GetFields(BindingFlags.Instance | BindingFlags.NonPublic).ToDictionary(field => field.Name, StringComparer.OrdinalIgnoreCase);
            foreach (MethodInfo method in seam.GetMethods())
            {
                Type pointer = fields["_" + method.Name].FieldType;
                Assert.That(pointer.IsUnmanagedFunctionPointer, method.Name);
                Assert.That(pointer.GetFunctionPointerReturnType(), Is.EqualTo(method.ReturnType), method.Name);
                Assert.That(pointer.GetFunctionPointerParameterTypes(), Is.EqualTo(method.GetParameters().Select(parameter => parameter.ParameterType)), method.Name);
            }
        }
    }

    private static void Check(Type seam, Dictionary<string, Signature> signatures)
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (MethodInfo method in seam.GetMethods())
            {
                string export = Export(method);
                Assert.That(signatures, Does.ContainKey(export));
                Signature c = signatures[export];
                Assert.That((c.First <= Cuda12, c.Last >= Cuda13), Is.EqualTo((true, export != Redirected)), $"{export} is in the headers of CUDA 12 and 13");
                Assert.That(Fits(method.ReturnType, c.Result), $"{export} gives {c.Result}, {method.ReturnType}");
                Type[] parameters = [.. method.GetParameters().Select(parameter => parameter.ParameterType)];
                Assert.That(parameters, Has.Length.EqualTo(c.Parameters.Count), export);
                for (int index = 0; index < parameters.Length; index++)
                {
                    Assert.That(Fits(parameters[index], c.Parameters[index]), $"{export}, argument {index}: {c.Parameters[index]}, {parameters[index]}");
                }
            }
        }
    }

    private static string Export(MethodInfo method) => method.GetCustomAttribute<EntryPointAttribute>()!.Name;

    private static bool Fits(Type type, string c) => type switch
    {
        { IsByRef: true } or { IsPointer: true } when c.EndsWith('*') && type.GetElementType() != typeof(void) && type.GetElementType() != typeof(byte) => Fits(type.GetElementType()!, c[..^1]),
        { IsPointer: true } when type == typeof(byte*) => c == "char*",
        { IsPointer: true } => c.EndsWith('*'),
        _ => type == typeof(void) ? c == "void" : CTypes.TryGetValue(type, out string[]? names) && names.Contains(c),
    };
}
