// Gumbel-softmax sampling (Jang, Gu, Poole, ICLR 2017, equation 2) and the gated residual of AdaShare (Sun et al., NeurIPS 2020).
//
//   noise     g = -log(-log u)
//   sample    y = softmax((logits + g) / temperature), dlogits = y (dy - sum(dy y)) / temperature
//   residual  out = p_select ReLU(residual + branch) + p_skip residual
//
// The stream and the temperature are read from device memory: they change from step to step, and a captured graph must see it. Noise is computed in double
// precision, so that it is the CPU's to the last bit but one and the same gates open on every device.
// Bytes an element: residual forward 12 a stream, or 8 + 4 S where S streams share the input; backward 8 + 4 S + 8. Policies are a few hundred numbers.
#include "element.cuh"
#include "philox.cuh"
#include "reduce.cuh"

#ifndef BFLOAT16_ELEMENTS
// Gumbel(0, 1) noise, element i from uniform number i of the stream. Launch: LINEAR with items = ceil(count / 4).
KERNEL gumbel_noise(const RandomStream* stream, float* output, u32 count)
{
    RandomStream numbers = *stream;
    each((count + 3) / 4, [=](u32 block) {
        Pack<4> u = random_uniforms(numbers, block);
#pragma unroll
        for (int j = 0; j < 4; j++)
        {
            if (block * 4 + j < count)
            {
                output[block * 4 + j] = (float)-log(-log((double)u.at[j]));
            }
        }
    });
}

// soft = softmax((logits + noise) / *temperature) over rows of `length`; hard, if not null, is its one-hot maximum, the first of equals.
// Launch: LINEAR over rows, a row a thread: rows are short (select, skip).
KERNEL gumbel_softmax(const float* logits, const float* noise, const double* temperature, u32 length, float* soft, float* hard, u32 count)
{
    float divisor = (float)*temperature;
    each(count, [=](u32 row) {
        size_t start = (size_t)row * length;
        float largest = -INFINITY, sum = 0;
        u32 at = 0;
        for (u32 i = 0; i < length; i++)
        {
            float x = (logits[start + i] + noise[start + i]) / divisor;
            if (x > largest)
            {
                largest = x;
                at = i;
            }
        }

        for (u32 i = 0; i < length; i++)
        {
            sum += expf((logits[start + i] + noise[start + i]) / divisor - largest);
        }

        for (u32 i = 0; i < length; i++)
        {
            soft[start + i] = expf((logits[start + i] + noise[start + i]) / divisor - largest) / sum;
            if (hard != nullptr)
            {
                hard[start + i] = i == at ? 1 : 0;
            }
        }
    });
}

// The gates of all tasks and blocks: soft[block * tasks + task, 2] = softmax((logits[task][block] + noise) / *temperature), hard its one-hot maximum or null.
// logits: each task's address, in device memory. noise: [tasks, blocks, 2], or null: then streams, one a task, give number 2 block + c.
// Launch: LINEAR over count = tasks * blocks, a block of a task an item.
KERNEL gumbel_gates(
    const u64* logits, const float* noise, const RandomStream* streams, const double* temperature, u32 tasks, u32 blocks, float* soft, float* hard, u32 count)
{
    float divisor = (float)*temperature;
    each(count, [=](u32 item) {
        u32 task = item / blocks, block = item - task * blocks;
        const float* x = (const float*)logits[task] + 2 * block;
        Pack<4> u = noise == nullptr ? random_uniforms(streams[task], block / 2) : zeros<4>();
        float scaled[2];
#pragma unroll
        for (int c = 0; c < 2; c++)
        {
            float uniform = block % 2 == 0 ? u.at[c] : u.at[2 + c];
            float g = noise != nullptr ? noise[item * 2 + c] : (float)-log(-log((double)uniform));
            scaled[c] = (x[c] + g) / divisor;
        }

        float largest = fmaxf(scaled[0], scaled[1]), select = expf(scaled[0] - largest), skip = expf(scaled[1] - largest), sum = select + skip;
        u32 row = (block * tasks + task) * 2;
        soft[row] = select / sum;
        soft[row + 1] = skip / sum;
        if (hard != nullptr)
        {
            hard[row] = scaled[1] > scaled[0] ? 0 : 1;
            hard[row + 1] = scaled[1] > scaled[0] ? 1 : 0;
        }
    });
}

// grad_logits[task][block] (+)= soft (dy - sum(dy soft)) / *temperature. grad_logits: each task's address, 0 where nobody wants its gradient, plus 1 where it is
// added to what is there. Launch: as gumbel_gates.
KERNEL gumbel_gates_backward(
    const float* soft, const double* temperature, const float* grad_output, const u64* grad_logits, u32 tasks, u32 blocks, u32 count)
{
    float divisor = (float)*temperature;
    each(count, [=](u32 item) {
        u32 task = item / blocks, block = item - task * blocks, row = (block * tasks + task) * 2;
        u64 address = grad_logits[task];
        if (address == 0)
        {
            return;
        }

        bool accumulate = address & 1;
        float* target = (float*)(address - accumulate) + 2 * block;
        float sum = grad_output[row] * soft[row] + grad_output[row + 1] * soft[row + 1];
#pragma unroll
        for (int c = 0; c < 2; c++)
        {
            float gradient = soft[row + c] * (grad_output[row + c] - sum) / divisor;
            target[c] = accumulate ? target[c] + gradient : gradient;
        }
    });
}

// Launch: LINEAR over rows.
KERNEL gumbel_softmax_backward(
    const float* soft, const double* temperature, const float* grad_output, u32 length, float* grad_logits, int accumulate, u32 count)
{
    float divisor = (float)*temperature;
    each(count, [=](u32 row) {
        size_t start = (size_t)row * length;
        float sum = 0;
        for (u32 i = 0; i < length; i++)
        {
            sum += grad_output[start + i] * soft[start + i];
        }

        for (u32 i = 0; i < length; i++)
        {
            float gradient = soft[start + i] * (grad_output[start + i] - sum) / divisor;
            grad_logits[start + i] = accumulate ? grad_logits[start + i] + gradient : gradient;
        }
    });
}
#endif

// gates: [streams, 2], select then skip. elements: those of one stream; where shared is 1 every stream reads the same ones, else stream s reads the s-th part.
// Launch: block (256), grid (LINEAR over the elements, shared ? 1 : streams); vectors = elements / 4 if elements % 4 == 0 and the pointers are aligned.
KERNEL gated_residual(
    const Element* branch, const Element* residual, const float* gates, Element* output, int shared, u32 streams, u32 vectors, u32 elements)
{
    u32 begin = blockIdx.y, end = shared ? streams : begin + 1;
    size_t source = (size_t)begin * elements;
    each(vectors, elements, [=](auto width, u32 i) {
        constexpr int N = decltype(width)::value;
        Pack<N> f = load<N>(branch + source + i), r = load<N>(residual + source + i);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            f.at[j] = relu(r.at[j] + f.at[j]);
        }

        for (u32 s = begin; s < end; s++)
        {
            float select = gates[2 * s], skip = gates[2 * s + 1];
            Pack<N> y;
#pragma unroll
            for (int j = 0; j < N; j++)
            {
                y.at[j] = select * f.at[j] + skip * r.at[j];
            }

            store(output + (size_t)s * elements + i, y);
        }
    });
}

// Streams that a launch of gated_residual_backward handles at once.
#define STREAMS 4

// Gradients of the branch, of the residual and, as partial sums, of the gates.
// shared 0: stream s is blockIdx.y; first and streams are not read. shared 1: streams first … first + streams - 1, at most 4; the launcher repeats the launch
// for the next four, with both accumulate flags 1, and adds the gradients up in grad_branch and grad_residual.
// grad_branch, grad_residual, partials: null where nobody wants them. partials: all streams * gridDim.x * 2 doubles [stream, chunk, 2], read by
// gated_residual_gates; each launch writes its streams' part.
// Launch: block (256), grid (min(ceil(max(vectors, elements - 4 vectors) / 1024), 512), at least 1, shared ? 1 : streams).
KERNEL gated_residual_backward(
    const Element* branch, const Element* residual, const float* gates, const Element* grad_output, int shared, u32 first, u32 streams,
    Element* grad_branch, int accumulate_branch, Element* grad_residual, int accumulate_residual, double* partials, u32 vectors, u32 elements)
{
    __shared__ double scratch[2 * STREAMS * WARPS];
    u32 begin = shared ? first : blockIdx.y, open_streams = shared ? streams : 1;
    size_t source = shared ? 0 : (size_t)begin * elements;
    float select[STREAMS], skip[STREAMS];
    double sums[2 * STREAMS] = {};
#pragma unroll
    for (int s = 0; s < STREAMS; s++)
    {
        bool used = s < open_streams;
        select[s] = used ? gates[2 * (begin + s)] : 0;
        skip[s] = used ? gates[2 * (begin + s) + 1] : 0;
    }

    each(vectors, elements, [&](auto width, u32 i) {
        constexpr int N = decltype(width)::value;
        Pack<N> f = load<N>(branch + source + i), r = load<N>(residual + source + i);
        Pack<N> df = zeros<N>(), dr = zeros<N>();
#pragma unroll
        for (int s = 0; s < STREAMS; s++)
        {
            if (s < open_streams)
            {
                Pack<N> dy = load<N>(grad_output + (size_t)(begin + s) * elements + i);
                float selected = 0, skipped = 0;
#pragma unroll
                for (int j = 0; j < N; j++)
                {
                    float sum = r.at[j] + f.at[j], through = sum > 0 ? dy.at[j] : 0;
                    df.at[j] += through * select[s];
                    dr.at[j] += through * select[s] + dy.at[j] * skip[s];
                    selected += through * sum;
                    skipped += dy.at[j] * r.at[j];
                }

                sums[2 * s] += selected;
                sums[2 * s + 1] += skipped;
            }
        }

        if (grad_branch != nullptr)
        {
            store(grad_branch + source + i, df, accumulate_branch);
        }

        if (grad_residual != nullptr)
        {
            store(grad_residual + source + i, dr, accumulate_residual);
        }
    });

    if (partials == nullptr)
    {
        return;
    }

    block_sum(sums, scratch);
    if (threadIdx.x == 0)
    {
#pragma unroll
        for (int s = 0; s < STREAMS; s++)
        {
            if (s < open_streams)
            {
                double* target = partials + ((size_t)(begin + s) * gridDim.x + blockIdx.x) * 2;
                target[0] = sums[2 * s];
                target[1] = sums[2 * s + 1];
            }
        }
    }
}

#ifndef BFLOAT16_ELEMENTS
// grad_gates[stream, 2] (+)= the sums of partials[stream, chunks, 2], a warp a gate. Launch: block (256), grid (ceil(streams / 4)).
KERNEL gated_residual_gates(const double* partials, u32 chunks, u32 streams, float* grad_gates, int accumulate)
{
    u32 gate = blockIdx.x * WARPS + threadIdx.x / WARP, lane = threadIdx.x % WARP;
    if (gate >= 2 * streams)
    {
        return;
    }

    double sum = 0;
    for (u32 k = lane; k < chunks; k += WARP)
    {
        sum += partials[((size_t)(gate / 2) * chunks + k) * 2 + gate % 2];
    }

    sum = warp_sum(sum);
    if (lane == 0)
    {
        grad_gates[gate] = (float)(accumulate ? grad_gates[gate] + sum : sum);
    }
}
#endif
