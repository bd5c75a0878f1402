// The gate of a feed-forward block (Shazeer: "GLU variants improve transformer", 2020): y = silu(gate) up, with silu(x) = x sigmoid(x). One kernel forward and one backward, instead of three and five from the
// engine's ops, and nothing kept but the two inputs.
//
// Threads step through the elements by the size of the grid: block (256), grid (min(ceil(count / 256), 8192)).

typedef unsigned int u32;

__device__ __forceinline__ float sigmoid(float x) { return 1 / (1 + expf(-x)); }

extern "C" __global__ void __launch_bounds__(256) swiglu_forward(const float* gate, const float* up, float* output, u32 count)
{
    for (u32 i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x)
    {
        float x = gate[i];
        output[i] = x * sigmoid(x) * up[i];
    }
}

// A gradient that nobody wants has a null pointer. Where a gradient is not the first one of its tensor it is added to what is there.
extern "C" __global__ void __launch_bounds__(256) swiglu_backward(
    const float* gate, const float* up, const float* gradOutput, float* gradGate, bool addToGate, float* gradUp, bool addToUp, u32 count)
{
    for (u32 i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x)
    {
        float x = gate[i], s = sigmoid(x), dy = gradOutput[i];
        if (gradGate)
        {
            float gradient = dy * up[i] * s * (1 + x * (1 - s));
            gradGate[i] = addToGate ? gradGate[i] + gradient : gradient;
        }

        if (gradUp)
        {
            float gradient = dy * x * s;
            gradUp[i] = addToUp ? gradUp[i] + gradient : gradient;
        }
    }
}
