using AdaShare.Native.KernelCompiler;

namespace AdaShare.Native.Kernels.Tests;

/// <summary>How the compiler's text becomes the committed one, and how the assembler's log is read.</summary>
internal sealed class PtxTextTests
{
    [Test]
    public void FoldersChainsOfCallsAndRepeatedPlacesGo()
    {
        const string Raw =
            """
            .version 7.8


            {
            	.loc	1 8 0
            	.loc	1 9 3, function_name $L__info_string0, inlined_at 1 10 5
            	mov.u32 	%r1, %tid.x;
            	.loc	1 9 17
            	mov.u32 	%r2, %tid.y;
            	.loc	2 0 4
            	ret;

            }
            	.file	1 "/somewhere/deep/one.cu"
            	.file	2 "two.cuh"
            	.section	.debug_str
            	{
            $L__info_string0:
            .b8 95,90,0
            	}
            """;
        const string Expected =
            """
            .version 7.8

            {
            	.loc	1 9 0
            	mov.u32 	%r1, %tid.x;
            	mov.u32 	%r2, %tid.y;
            	ret;

            }
            	.file	1 "one.cu"
            	.file	2 "two.cuh"

            """;
        Assert.That(PtxText.Trim(Raw.ReplaceLineEndings("\n")), Is.EqualTo(Expected.ReplaceLineEndings("\n")));
    }

    [Test]
    public void TheCompilersVersionIsInItsComment() =>
        Assert.That(PtxText.CompilerVersion("// Cuda compilation tools, release 11.8, V11.8.89\n"), Is.EqualTo("11.8.89"));

    [Test]
    public void TheAssemblersLogGivesFiguresByKernel()
    {
        const string Log =
            """
            ptxas info    : 0 bytes gmem
            ptxas info    : Compiling entry function 'one' for 'sm_80'
            ptxas info    : Function properties for one
                8 bytes stack frame, 12 bytes spill stores, 16 bytes spill loads
            ptxas info    : Used 64 registers, 8192 bytes smem, 408 bytes cmem[0]
            ptxas info    : Compiling entry function 'two' for 'sm_80'
            ptxas info    : Function properties for two
                0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
            ptxas info    : Used 10 registers, 368 bytes cmem[0]
            """;
        IReadOnlyDictionary<string, KernelFigures> figures = Ptxas.Parse(Log);
        Assert.That(figures["one"], Is.EqualTo(new KernelFigures(64, 8192, 8, 28)));
        Assert.That(figures["two"], Is.EqualTo(new KernelFigures(10, 0, 0, 0)));
    }
}
