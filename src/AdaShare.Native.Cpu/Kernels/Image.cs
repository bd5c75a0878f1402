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
        long rowBytes = (((long)length * sizeof(T)) + 63) & ~63L, meanBytes = 2 * rowBytes;
        long sourceBytes = (long)windows.Length * sizeof(CropSource), layoutBytes = CropColumns.Bytes(width);
        byte* memory = threads.Scratch.Shared<byte>(ScratchSlot.Small, meanBytes + (windows.Length * layoutBytes) + sourceBytes + ((long)windows.Length * (height + width) * sizeof(CropTap)));
        T* means = (T*)memory, factors = (T*)(memory + rowBytes);
        for (int i = 0; i < length; i++)
        {
            means[i] = Lanes.Round<T>(normalization.Mean[i % Channels]);
            factors[i] = Lanes.Round<T>(normalization.Scale[i % Channels]);
        }

        byte* pixels = images.Pointer<byte>();
        byte* layouts = memory + meanBytes;
        var sources = (CropSource*)(layouts + (windows.Length * layoutBytes));
        var taps = (CropTap*)((byte*)sources + sourceBytes);
        for (int n = 0; n < windows.Length; n++, taps += height + width, layouts += layoutBytes)
        {
            long pitch = (long)parts[n].Columns * Channels;
            Fill(taps, height, windows[n].Rows, parts[n].Row);
            Fill(taps + height, width, windows[n].Columns, parts[n].Column);
            sources[n] = new() { Pixels = pixels + parts[n].Start, Pitch = pitch, Rows = taps, Columns = taps + height };
            if (typeof(T) == typeof(float))
            {
                sources[n].Layout = new CropColumns(taps + height, width, pitch, normalization.ReversesChannels, layouts);
            }
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
        public CropColumns Layout;
    }

    private readonly struct CropBody<T>(CropSource* sources, T* output, int height, int width, T* means, T* factors, bool reverses, CpuScratch scratch) : IRangeBody
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(long start, long end)
        {
            int length = width * Channels;
            T* upper = scratch.Local<T>(ScratchSlot.Rows, 2L * length), lower = upper + length;
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
                    Pad(target, means, factors, length);
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
                    Along(top, source, upper, width, reverses);
                    upperSource = top;
                }

                if (bottom != lowerSource)
                {
                    Along(bottom, source, lower, width, reverses);
                    lowerSource = bottom;
                }

                Between(upper, lower, T.CreateTruncating(tap.Share), means, factors, target, length);
            }
        }

        /// <summary>One stored row at the columns of the crop, its channels turned round if asked.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Along(byte* source, in CropSource image, T* target, int width, bool reverses)
        {
            if (typeof(T) == typeof(float))
            {
                image.Layout.Interpolate(source, (float*)target);
                return;
            }

            CropTap* columns = image.Columns;
            for (int x = 0; x < width; x++, target += Channels)
            {
                CropTap tap = columns[x];
                if (tap.Low < 0)
                {
                    target[0] = target[1] = target[2] = T.Zero;
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

        /// <summary>target = (upper + share (lower - upper) - means) factors, each step rounded by itself; a factor of 1 changes nothing.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Between(T* upper, T* lower, T share, T* means, T* factors, T* target, int length)
        {
            Vector256<T> shares = Vector256.Create(share);
            int i = 0;
            for (; i <= length - Vector256<T>.Count; i += Vector256<T>.Count)
            {
                Vector256<T> first = Vector256.Load(upper + i);
                ((first + (shares * (Vector256.Load(lower + i) - first)) - Vector256.Load(means + i)) * Vector256.Load(factors + i)).Store(target + i);
            }

            for (; i < length; i++)
            {
                target[i] = (upper[i] + (share * (lower[i] - upper[i])) - means[i]) * factors[i];
            }
        }

        private static void Pad(T* target, T* means, T* factors, int length)
        {
            for (int i = 0; i < length; i++)
            {
                target[i] = (T.Zero - means[i]) * factors[i];
            }
        }
    }
}
