// ReLU and inverted dropout (kept elements are divided by the probability of being kept).
//
// Bytes an element: ReLU 8, its backward 12; dropout 8, also as its own backward: the mask is drawn again from the counter, never stored. 4 more to accumulate.
// All three may write over an input.
#include "philox.cuh"

// output = max(input, 0). Launch: LINEAR.
KERNEL relu_forward(const float* input, float* output, u32 vectors, u32 count)
{
    each(vectors, count, [=](auto width, u32 i) {
        constexpr int N = decltype(width)::value;
        Pack<N> v = load<N>(input + i);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            v.at[j] = relu(v.at[j]);
        }

        store(output + i, v);
    });
}

// grad_input (+)= grad_output where output is positive. Launch: LINEAR.
KERNEL relu_backward(const float* output, const float* grad_output, float* grad_input, int accumulate, u32 vectors, u32 count)
{
    each(vectors, count, [=](auto width, u32 i) {
        constexpr int N = decltype(width)::value;
        Pack<N> y = load<N>(output + i), v = load<N>(grad_output + i);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            v.at[j] = y.at[j] > 0 ? v.at[j] : 0;
        }

        store(grad_input + i, v, accumulate);
    });
}

// output (+)= input * scale where uniform number i of the stream is at least probability; scale is 1 / (1 - probability).
// One Philox block serves four elements. Launch: LINEAR with items = ceil(count / 4); vectors = count / 4 if the pointers are aligned, else 0.
KERNEL dropout(const float* input, float probability, float scale, const RandomStream* stream, float* output, int accumulate, u32 vectors, u32 count)
{
    RandomStream numbers = *stream;
    each((count + 3) / 4, [=](u32 block) {
        Pack<4> u = random_uniforms(numbers, block);
        u32 start = block * 4;
        if (block < vectors)
        {
            Pack<4> v = load<4>(input + start);
#pragma unroll
            for (int j = 0; j < 4; j++)
            {
                v.at[j] = u.at[j] >= probability ? v.at[j] * scale : 0;
            }

            store(output + start, v, accumulate);
            return;
        }

#pragma unroll
        for (int j = 0; j < 4; j++)
        {
            if (start + j < count)
            {
                Pack<1> v = load<1>(input + start + j);
                v.at[0] = u.at[j] >= probability ? v.at[0] * scale : 0;
                store(output + start + j, v, accumulate);
            }
        }
    });
}
