using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Crops of stored images. Each stored row is interpolated along its columns once; rows of the output are then interpolated between two of these.</summary>
internal sealed unsafe class ImageKernels(CpuThreads threads) : IImageKernels
{
    private const int Channels = 3;

    // Bytes that an element costs are those of about four reads and writes.
    private const int CostOfElement = 4;

    /// <inheritdoc/>
    public void Crop(Tensor images, ReadOnlySpan<ImagePart> parts, ReadOnlySpan<CropWindow> windows, in PixelNormalization normalization, Tensor output)
    {
        if (output.Count == 0)
        {
            return;
        }

        if (Lanes.IsSingle(output))
        {
            Crop<float>(images, parts, windows, normalization, output);
        }
        else
        {
            Crop<double>(images, parts, windows, normalization, output);
        }
    }

    private void Crop<T>(Tensor images, ReadOnlySpan<ImagePart> parts, ReadOnlySpan<CropWindow> windows, in PixelNormalization normalization, Tensor output)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int height = output.Shape[1], width = output.Shape[2], length = width * Channels;
        bool scales = normalization.Scale != Vector3.One;
        long rowBytes = (((long)length * sizeof(T)) + 63) & ~63L, meanBytes = scales ? 2 * rowBytes : rowBytes;
        long sourceBytes = (long)windows.Length * sizeof(CropSource);
        byte* memory = threads.Scratch.Shared<byte>(ScratchSlot.Small, meanBytes + sourceBytes + ((long)windows.Length * (height + width) * sizeof(CropTap)));
        T* means = (T*)memory, factors = scales ? (T*)(memory + rowBytes) : null;
        for (int i = 0; i < length; i++)
        {
            means[i] = Lanes.Round<T>(normalization.Mean[i % Channels]);
            if (scales)
            {
                factors[i] = Lanes.Round<T>(normalization.Scale[i % Channels]);
            }
        }

        byte* pixels = images.Pointer<byte>();
        var sources = (CropSource*)(memory + meanBytes);
        var taps = (CropTap*)(memory + meanBytes + sourceBytes);
        for (int n = 0; n < windows.Length; n++, taps += height + width)
        {
            sources[n] = new() { Pixels = pixels + parts[n].Start, Pitch = (long)parts[n].Columns * Channels, Rows = taps, Columns = taps + height };
            Fill(taps, height, windows[n].Rows, parts[n].Row);
            Fill(taps + height, width, windows[n].Columns, parts[n].Column);
        }

        var body = new CropBody<T>(sources, output.Pointer<T>(), height, width, means, factors, normalization.ReversesChannels, threads.Scratch);
        Ranges.For(threads, (long)windows.Length * height, (long)length * CostOfElement, body);
    }

    /// <summary>The taps of a dimension, counted from the part's first pixel.</summary>
    private static void Fill(CropTap* taps, int count, CropAxis axis, int first)
    {
        for (int i = 0; i < count; i++)
        {
            CropTap tap = axis.Tap(i);
            taps[i] = tap.Low < 0 ? tap : new CropTap(tap.Low - first, tap.High - first, tap.Share);
        }
    }

    /// <summary>One image: the part of it that is there, bytes from row to row, and for each row and column of the crop where to read.</summary>
    private struct CropSource
    {
        public byte* Pixels;
        public long Pitch;
        public CropTap* Rows;
        public CropTap* Columns;
    }

    private readonly struct CropBody<T>(CropSource* sources, T* output, int height, int width, T* means, T* factors, bool reverses, CpuScratch scratch) : IRangeBody
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(long start, long end)
        {
            int length = width * Channels;

            // Pixels are stored four numbers at a time, of which the last belongs to the next.
            T* upper = scratch.Local<T>(ScratchSlot.Rows, 2 * (length + 1L)), lower = upper + length + 1;
            byte* upperSource = null, lowerSource = null;
            long image = -1;
            for (long row = start; row < end; row++)
            {
                (long n, long y) = Math.DivRem(row, (long)height);
                CropSource source = sources[n];
                if (n != image)
                {
                    // Another image may be the same pixels through another window.
                    image = n;
                    upperSource = lowerSource = null;
                }

                CropTap tap = source.Rows[y];
                T* target = output + (row * length);
                if (tap.Low < 0)
                {
                    Pad(target, means, length);
                    Scale(target, factors, length);
                    continue;
                }

                byte* top = source.Pixels + (tap.Low * source.Pitch), bottom = source.Pixels + (tap.High * source.Pitch);
                if (top == lowerSource)
                {
                    T* values = upper;
                    upper = lower;
                    lower = values;
                    lowerSource = upperSource;
                    upperSource = top;
                }

                if (top != upperSource)
                {
                    Along(top, source.Columns, upper, width, reverses);
                    upperSource = top;
                }

                if (bottom != lowerSource)
                {
                    Along(bottom, source.Columns, lower, width, reverses);
                    lowerSource = bottom;
                }

                Between(upper, lower, T.CreateTruncating(tap.Share), means, target, length);
                Scale(target, factors, length);
            }
        }

        /// <summary>One stored row at the columns of the crop, its channels turned round if asked; writes one number more than it has.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Along(byte* source, CropTap* columns, T* target, int width, bool reverses)
        {
            for (int x = 0; x < width; x++, target += Channels)
            {
                CropTap tap = columns[x];
                if (tap.Low < 0)
                {
                    target[0] = target[1] = target[2] = T.Zero;
                }
                else if (typeof(T) == typeof(float) && tap.High > tap.Low)
                {
                    // Four bytes from the first of one pixel on and up to the last of the other: nothing outside of the two is read.
                    Vector128<float> low = Pixel(Unsafe.ReadUnaligned<uint>(source + (tap.Low * Channels)));
                    Vector128<float> high = Pixel(Unsafe.ReadUnaligned<uint>(source + (tap.High * Channels) - 1) >> 8);
                    Vector128<float> pixel = low + (Vector128.Create(tap.Share) * (high - low));
                    (reverses ? Vector128.Shuffle(pixel, Vector128.Create(2, 1, 0, 3)) : pixel).Store((float*)target);
                }
                else
                {
                    byte* low = source + (tap.Low * Channels), high = source + (tap.High * Channels);
                    T share = T.CreateTruncating(tap.Share);
                    for (int c = 0; c < Channels; c++)
                    {
                        T first = T.CreateTruncating(low[c]);
                        target[reverses ? Channels - 1 - c : c] = first + (share * (T.CreateTruncating(high[c]) - first));
                    }
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<float> Pixel(uint bytes) =>
            Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(bytes).AsByte())).AsInt32());

        /// <summary>target = upper + share (lower - upper) - means, each step rounded by itself.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Between(T* upper, T* lower, T share, T* means, T* target, int length)
        {
            Vector256<T> shares = Vector256.Create(share);
            int i = 0;
            for (; i <= length - Vector256<T>.Count; i += Vector256<T>.Count)
            {
                Vector256<T> first = Vector256.Load(upper + i);
                (first + (shares * (Vector256.Load(lower + i) - first)) - Vector256.Load(means + i)).Store(target + i);
            }

            for (; i < length; i++)
            {
                target[i] = upper[i] + (share * (lower[i] - upper[i])) - means[i];
            }
        }

        /// <summary>target = target factors; nothing where there are none.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Scale(T* target, T* factors, int length)
        {
            if (factors is null)
            {
                return;
            }

            int i = 0;
            for (; i <= length - Vector256<T>.Count; i += Vector256<T>.Count)
            {
                (Vector256.Load(target + i) * Vector256.Load(factors + i)).Store(target + i);
            }

            for (; i < length; i++)
            {
                target[i] *= factors[i];
            }
        }

        private static void Pad(T* target, T* means, int length)
        {
            for (int i = 0; i < length; i++)
            {
                target[i] = T.Zero - means[i];
            }
        }
    }
}
