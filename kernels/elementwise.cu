// Element-wise arithmetic, copies and casts. Every kernel may write over an input of the output's own shape.
//
// Bytes an element: functions of two numbers 12, of one number 8, their gradients 16, copies 8. The kernels without `_broadcast` are for operands of the
// output's shape. Broadcasting kernels take the output's last four sizes (size0 is that of the last dimension; 1 where there is none) and for each operand the
// strides of all five dimensions in elements, 0 where it repeats. rank is the number of dimensions that are left after the launcher has merged what it can,
// which saves divisions: one dimension costs none, two cost one.
#include "element.cuh"

// BinaryOp of the engine.
#define ADD 0
#define SUBTRACT 1
#define MULTIPLY 2
#define DIVIDE 3
#define MAXIMUM 4
#define MINIMUM 5

// UnaryOp of the engine. c and d are the function's constants.
#define EXP 0
#define LOG 1
#define SQRT 2
#define ABS 3
#define SQUARE 4
#define SIGMOID 5
#define TANH 6
#define GELU 7
#define GELU_TANH 8
#define SILU 9
#define SOFTPLUS 10
#define LEAKY_RELU 11
#define ELU 12
#define CLAMP 13
#define POW 14

// CompareOp of the engine.
#define EQUAL 0
#define NOT_EQUAL 1
#define LESS 2

// NaN where either operand is.
__device__ __forceinline__ float binary_function(int op, float a, float b)
{
    switch (op)
    {
        case ADD: return a + b;
        case SUBTRACT: return a - b;
        case MULTIPLY: return a * b;
        case DIVIDE: return a / b;
        case MAXIMUM: return a > b || a != a ? a : b;
        case MINIMUM: return a < b || a != a ? a : b;
        default: return a > b ? 1.0f : a == b ? 0.5f : 0.0f;
    }
}

__device__ __forceinline__ float sigmoid(float x)
{
    float e = expf(-fabsf(x));
    return (x < 0 ? e : 1) / (1 + e);
}

// The normal distribution's function.
__device__ __forceinline__ float normal_cdf(float x) { return 0.5f * erfcf(-0.70710678f * x); }

// Twice the argument of the tanh in GELU's approximation: x / 2 (1 + tanh u) is x sigmoid(2 u).
__device__ __forceinline__ float gelu_argument(float x) { return x * (1.59576912f + 0.0713548163f * x * x); }

__device__ __forceinline__ float unary_function(int op, float c, float d, float x)
{
    switch (op)
    {
        case EXP: return expf(x);
        case LOG: return logf(x);
        case SQRT: return sqrtf(x);
        case ABS: return fabsf(x);
        case SQUARE: return x * x;
        case SIGMOID: return sigmoid(x);
        case TANH: return tanhf(x);
        case GELU: return x * normal_cdf(x);
        case GELU_TANH: return x * sigmoid(gelu_argument(x));
        case SILU: return x * sigmoid(x);
        case SOFTPLUS: return relu(x) + log1pf(expf(-fabsf(x)));
        case LEAKY_RELU: return x > 0 ? x : c * x;
        case ELU: return x > 0 ? x : c * expm1f(x);
        case CLAMP: return x < c ? c : x > d ? d : x;
        case POW: return powf(x, c);
        default:
        {
            float magnitude = fabsf(x), near = magnitude > c ? c : magnitude;
            return near * (magnitude - 0.5f * near);
        }
    }
}

// The derivative at x, where y is the function of x.
__device__ __forceinline__ float unary_derivative(int op, float c, float d, float x, float y)
{
    switch (op)
    {
        case EXP: return y;
        case LOG: return 1 / x;
        case SQRT: return 0.5f / y;
        case ABS: return x > 0 ? 1.0f : x < 0 ? -1.0f : 0.0f;
        case SQUARE: return 2 * x;
        case SIGMOID: return sigmoid(x) * sigmoid(-x);
        case TANH: return (1 - y) * (1 + y);
        case GELU: return normal_cdf(x) + x * 0.39894228f * expf(-0.5f * x * x);
        case GELU_TANH:
        {
            float share = sigmoid(gelu_argument(x));
            return share + x * (1.59576912f + 0.214064449f * x * x) * share * (1 - share);
        }
        case SILU:
        {
            float share = sigmoid(x);
            return share + x * share * (1 - share);
        }
        case SOFTPLUS: return sigmoid(x);
        case LEAKY_RELU: return x > 0 ? 1 : c;
        case ELU: return x > 0 ? 1 : y + c;
        case CLAMP: return x >= c && x <= d ? 1 : 0;
        case POW: return c == 0 ? 0 : c * powf(x, c - 1);
        default: return x > c ? c : x < -c ? -c : x;
    }
}

// output = op(left, right); op is BinaryOp. Launch: LINEAR.
KERNEL binary(int op, const Element* left, const Element* right, Element* output, u32 vectors, u32 count)
{
    each(vectors, count, [=](auto width, u32 i) {
        constexpr int N = decltype(width)::value;
        Pack<N> a = load<N>(left + i), b = load<N>(right + i);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            a.at[j] = binary_function(op, a.at[j], b.at[j]);
        }

        store(output + i, a);
    });
}

// The place in an operand of element i of the output.
__device__ __forceinline__ u32 broadcast_index(u32 i, int rank, u32 size0, u32 size1, u32 size2, u32 size3, u32 s0, u32 s1, u32 s2, u32 s3, u32 s4)
{
    if (rank == 1)
    {
        return i * s0;
    }

    u32 rest = i / size0, at = (i - rest * size0) * s0;
    if (rank == 2)
    {
        return at + rest * s1;
    }

    u32 next = rest / size1;
    at += (rest - next * size1) * s1;
    rest = next / size2;
    at += (next - rest * size2) * s2;
    next = rest / size3;
    return at + (rest - next * size3) * s3 + next * s4;
}

// output = op(left, right), both broadcast. Launch: LINEAR over count, one element an item.
KERNEL binary_broadcast(
    int op, const Element* left, const Element* right, Element* output, u32 count, int rank, u32 size0, u32 size1, u32 size2, u32 size3,
    u32 left0, u32 left1, u32 left2, u32 left3, u32 left4, u32 right0, u32 right1, u32 right2, u32 right3, u32 right4)
{
    each(count, [=](u32 i) {
        float a = read(left + broadcast_index(i, rank, size0, size1, size2, size3, left0, left1, left2, left3, left4));
        float b = read(right + broadcast_index(i, rank, size0, size1, size2, size3, right0, right1, right2, right3, right4));
        write(output + i, binary_function(op, a, b));
    });
}

// output = op(input); op is UnaryOp, c and d its constants. Launch: LINEAR.
KERNEL unary(int op, float c, float d, const Element* input, Element* output, u32 vectors, u32 count)
{
    each(vectors, count, [=](auto width, u32 i) {
        constexpr int N = decltype(width)::value;
        Pack<N> v = load<N>(input + i);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            v.at[j] = unary_function(op, c, d, v.at[j]);
        }

        store(output + i, v);
    });
}

// grad_input (+)= grad_output * op'(input). Launch: LINEAR.
KERNEL unary_backward(
    int op, float c, float d, const Element* input, const Element* output, const Element* grad_output, Element* grad_input, int accumulate, u32 vectors, u32 count)
{
    each(vectors, count, [=](auto width, u32 i) {
        constexpr int N = decltype(width)::value;
        Pack<N> x = load<N>(input + i), y = load<N>(output + i), dy = load<N>(grad_output + i);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            dy.at[j] *= unary_derivative(op, c, d, x.at[j], y.at[j]);
        }

        store(grad_input + i, dy, accumulate);
    });
}

// output (+)= scale * input + shift. Launch: LINEAR.
KERNEL affine(const Element* input, float scale, float shift, Element* output, int accumulate, u32 vectors, u32 count)
{
    each(vectors, count, [=](auto width, u32 i) {
        constexpr int N = decltype(width)::value;
        Pack<N> v = load<N>(input + i);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            v.at[j] = scale * v.at[j] + shift;
        }

        store(output + i, v, accumulate);
    });
}

// output (+)= scale * input + shift, input broadcast. Launch: LINEAR over count, one element an item.
KERNEL affine_broadcast(
    const Element* input, float scale, float shift, Element* output, int accumulate, u32 count, int rank, u32 size0, u32 size1, u32 size2, u32 size3,
    u32 stride0, u32 stride1, u32 stride2, u32 stride3, u32 stride4)
{
    each(count, [=](u32 i) {
        float value = scale * read(input + broadcast_index(i, rank, size0, size1, size2, size3, stride0, stride1, stride2, stride3, stride4)) + shift;
        write(output + i, accumulate ? read(output + i) + value : value);
    });
}

template<class T> __device__ __forceinline__ bool holds(int op, T a, T b)
{
    return op == EQUAL ? a == b : op == NOT_EQUAL ? a != b : op == LESS ? a < b : a <= b;
}

// output = 1 where the comparison holds, else 0; both operands broadcast. Launch: LINEAR over count, one element an item.
KERNEL compare(
    int op, const Element* left, const Element* right, u8* output, u32 count, int rank, u32 size0, u32 size1, u32 size2, u32 size3,
    u32 left0, u32 left1, u32 left2, u32 left3, u32 left4, u32 right0, u32 right1, u32 right2, u32 right3, u32 right4)
{
    each(count, [=](u32 i) {
        float a = read(left + broadcast_index(i, rank, size0, size1, size2, size3, left0, left1, left2, left3, left4));
        float b = read(right + broadcast_index(i, rank, size0, size1, size2, size3, right0, right1, right2, right3, right4));
        output[i] = holds(op, a, b);
    });
}

// output = left where the mask is not 0, else right; all three broadcast, left and right may be null, which is zeros. Launch: LINEAR over count, one element an item.
KERNEL select(
    const u8* mask, const Element* left, const Element* right, Element* output, u32 count, int rank, u32 size0, u32 size1, u32 size2, u32 size3,
    u32 mask0, u32 mask1, u32 mask2, u32 mask3, u32 mask4, u32 left0, u32 left1, u32 left2, u32 left3, u32 left4,
    u32 right0, u32 right1, u32 right2, u32 right3, u32 right4)
{
    each(count, [=](u32 i) {
        bool chosen = mask[broadcast_index(i, rank, size0, size1, size2, size3, mask0, mask1, mask2, mask3, mask4)] != 0;
        const Element* from = chosen ? left : right;
        u32 at = chosen
            ? broadcast_index(i, rank, size0, size1, size2, size3, left0, left1, left2, left3, left4)
            : broadcast_index(i, rank, size0, size1, size2, size3, right0, right1, right2, right3, right4);
        write(output + i, from ? read(from + at) : 0);
    });
}

// target[steps of i] (+)= source[steps of i]; steps may go backwards, as numbers that wrap. Launch: LINEAR over count, one element an item.
KERNEL copy_strided(
    const Element* source, Element* target, int accumulate, u32 count, int rank, u32 size0, u32 size1, u32 size2, u32 size3,
    u32 source0, u32 source1, u32 source2, u32 source3, u32 source4, u32 target0, u32 target1, u32 target2, u32 target3, u32 target4)
{
    each(count, [=](u32 i) {
        int from = (int)broadcast_index(i, rank, size0, size1, size2, size3, source0, source1, source2, source3, source4);
        int to = (int)broadcast_index(i, rank, size0, size1, size2, size3, target0, target1, target2, target3, target4);
        store(target + to, load<1>(source + from), accumulate);
    });
}

// Copies blocks: run b of `length` elements goes from source + b source_stride to target + b target_stride, added there if asked; source and target point at
// the first run. Launch: LINEAR over count = blocks * length, one element an item.
KERNEL copy_blocks(const Element* source, u64 source_stride, Element* target, u64 target_stride, u32 length, u32 count, int accumulate)
{
    each(count, [=](u32 i) {
        u32 block = i / length, column = i - block * length;
        store(target + block * target_stride + column, load<1>(source + block * source_stride + column), accumulate);
    });
}

// copy_blocks, four elements at a time: length, strides and the addresses of both first runs are multiples of 4 elements. lengths and strides are in vectors
// of 4. Launch: LINEAR over vectors = blocks * length, one vector an item.
KERNEL copy_blocks_vectors(const Element* source, u64 source_stride, Element* target, u64 target_stride, u32 length, u32 vectors, int accumulate)
{
    each(vectors, [=](u32 i) {
        u32 block = i / length, column = i - block * length;
        Pack<4> value = load<4>(source + (block * source_stride + column) * 4);
        store(target + (block * target_stride + column) * 4, value, accumulate);
    });
}

#ifndef BFLOAT16_ELEMENTS
// Numbers beyond a type's range become its nearest one, NaN becomes 0, fractions are cut off.
__device__ __forceinline__ void convert(float x, float& y) { y = x; }
__device__ __forceinline__ void convert(int x, float& y) { y = (float)x; }
__device__ __forceinline__ void convert(u8 x, float& y) { y = (float)x; }
__device__ __forceinline__ void convert(float x, int& y) { y = __float2int_rz(x); }
__device__ __forceinline__ void convert(double x, int& y) { y = x != x ? 0 : __double2int_rz(x); }
__device__ __forceinline__ void convert(u8 x, int& y) { y = x; }
__device__ __forceinline__ void convert(float x, u8& y) { y = (u8)min(max(__float2int_rz(x), 0), 255); }
__device__ __forceinline__ void convert(double x, u8& y) { y = (u8)min(max(x != x ? 0 : __double2int_rz(x), 0), 255); }
__device__ __forceinline__ void convert(int x, u8& y) { y = (u8)min(max(x, 0), 255); }

template<class T>
__device__ __forceinline__ void affine_integers(
    const T* input, double scale, double shift, T* output, int accumulate, u32 count, int rank, u32 size0, u32 size1, u32 size2, u32 size3,
    u32 stride0, u32 stride1, u32 stride2, u32 stride3, u32 stride4)
{
    each(count, [=](u32 i) {
        double value = input[broadcast_index(i, rank, size0, size1, size2, size3, stride0, stride1, stride2, stride3, stride4)] * scale + shift;
        convert(accumulate ? output[i] + value : value, output[i]);
    });
}

// affine_broadcast of integers, in double precision, saturating. Launch: LINEAR over count, one element an item.
KERNEL affine_int32(
    const int* input, double scale, double shift, int* output, int accumulate, u32 count, int rank, u32 size0, u32 size1, u32 size2, u32 size3,
    u32 stride0, u32 stride1, u32 stride2, u32 stride3, u32 stride4)
{
    affine_integers(input, scale, shift, output, accumulate, count, rank, size0, size1, size2, size3, stride0, stride1, stride2, stride3, stride4);
}

// affine_broadcast of bytes, in double precision, saturating. Launch: LINEAR over count, one element an item.
KERNEL affine_uint8(
    const u8* input, double scale, double shift, u8* output, int accumulate, u32 count, int rank, u32 size0, u32 size1, u32 size2, u32 size3,
    u32 stride0, u32 stride1, u32 stride2, u32 stride3, u32 stride4)
{
    affine_integers(input, scale, shift, output, accumulate, count, rank, size0, size1, size2, size3, stride0, stride1, stride2, stride3, stride4);
}

template<class From, class To> __device__ __forceinline__ void cast(const From* input, To* output, u32 count)
{
    each(count, [=](u32 i) { convert(input[i], output[i]); });
}

// The casts between different types. Launch: LINEAR over count, one element an item.
KERNEL cast_float32_int32(const float* input, int* output, u32 count) { cast(input, output, count); }
KERNEL cast_float32_uint8(const float* input, u8* output, u32 count) { cast(input, output, count); }
KERNEL cast_int32_float32(const int* input, float* output, u32 count) { cast(input, output, count); }
KERNEL cast_int32_uint8(const int* input, u8* output, u32 count) { cast(input, output, count); }
KERNEL cast_uint8_float32(const u8* input, float* output, u32 count) { cast(input, output, count); }
KERNEL cast_uint8_int32(const u8* input, int* output, u32 count) { cast(input, output, count); }

template<class From, class To> __device__ __forceinline__ void cast_vectors(const From* input, To* output, int accumulate, u32 vectors, u32 count)
{
    each(vectors, count, [=](auto width, u32 i) { store(output + i, load<decltype(width)::value>(input + i), accumulate); });
}

// Casts between float32 and bfloat16, added to the output if asked. Launch: LINEAR; vectors needs the float32 side 16-byte and the other 8-byte aligned.
KERNEL cast_float32_bfloat16(const float* input, bfloat16* output, int accumulate, u32 vectors, u32 count) { cast_vectors(input, output, accumulate, vectors, count); }
KERNEL cast_bfloat16_float32(const bfloat16* input, float* output, int accumulate, u32 vectors, u32 count) { cast_vectors(input, output, accumulate, vectors, count); }

template<class T>
__device__ __forceinline__ void copy_integers(const T* source, u64 source_stride, T* target, u64 target_stride, u32 length, u32 count, int accumulate)
{
    each(count, [=](u32 i) {
        u32 block = i / length, column = i - block * length;
        T value = source[block * source_stride + column];
        T* element = target + block * target_stride + column;
        *element = accumulate ? (T)(*element + value) : value;
    });
}

// copy_blocks of integers; sums wrap. A copy of int32 takes the u32 kernel.
KERNEL copy_blocks_int32(const u32* source, u64 source_stride, u32* target, u64 target_stride, u32 length, u32 count, int accumulate)
{
    copy_integers(source, source_stride, target, target_stride, length, count, accumulate);
}

KERNEL copy_blocks_uint8(const u8* source, u64 source_stride, u8* target, u64 target_stride, u32 length, u32 count, int accumulate)
{
    copy_integers(source, source_stride, target, target_stride, length, count, accumulate);
}

// compare of integers.
KERNEL compare_int32(
    int op, const int* left, const int* right, u8* output, u32 count, int rank, u32 size0, u32 size1, u32 size2, u32 size3,
    u32 left0, u32 left1, u32 left2, u32 left3, u32 left4, u32 right0, u32 right1, u32 right2, u32 right3, u32 right4)
{
    each(count, [=](u32 i) {
        int a = left[broadcast_index(i, rank, size0, size1, size2, size3, left0, left1, left2, left3, left4)];
        int b = right[broadcast_index(i, rank, size0, size1, size2, size3, right0, right1, right2, right3, right4)];
        output[i] = holds(op, a, b);
    });
}

// select of integers.
KERNEL select_int32(
    const u8* mask, const int* left, const int* right, int* output, u32 count, int rank, u32 size0, u32 size1, u32 size2, u32 size3,
    u32 mask0, u32 mask1, u32 mask2, u32 mask3, u32 mask4, u32 left0, u32 left1, u32 left2, u32 left3, u32 left4,
    u32 right0, u32 right1, u32 right2, u32 right3, u32 right4)
{
    each(count, [=](u32 i) {
        bool chosen = mask[broadcast_index(i, rank, size0, size1, size2, size3, mask0, mask1, mask2, mask3, mask4)] != 0;
        const int* from = chosen ? left : right;
        u32 at = chosen
            ? broadcast_index(i, rank, size0, size1, size2, size3, left0, left1, left2, left3, left4)
            : broadcast_index(i, rank, size0, size1, size2, size3, right0, right1, right2, right3, right4);
        output[i] = from ? from[at] : 0;
    });
}

template<class T>
__device__ __forceinline__ void copy_strided_integers(
    const T* source, T* target, int accumulate, u32 count, int rank, u32 size0, u32 size1, u32 size2, u32 size3,
    u32 source0, u32 source1, u32 source2, u32 source3, u32 source4, u32 target0, u32 target1, u32 target2, u32 target3, u32 target4)
{
    each(count, [=](u32 i) {
        T value = source[(int)broadcast_index(i, rank, size0, size1, size2, size3, source0, source1, source2, source3, source4)];
        T* element = target + (int)broadcast_index(i, rank, size0, size1, size2, size3, target0, target1, target2, target3, target4);
        *element = accumulate ? (T)(*element + value) : value;
    });
}

// copy_strided of integers; sums wrap.
KERNEL copy_strided_int32(
    const u32* source, u32* target, int accumulate, u32 count, int rank, u32 size0, u32 size1, u32 size2, u32 size3,
    u32 source0, u32 source1, u32 source2, u32 source3, u32 source4, u32 target0, u32 target1, u32 target2, u32 target3, u32 target4)
{
    copy_strided_integers(source, target, accumulate, count, rank, size0, size1, size2, size3, source0, source1, source2, source3, source4,
        target0, target1, target2, target3, target4);
}

KERNEL copy_strided_uint8(
    const u8* source, u8* target, int accumulate, u32 count, int rank, u32 size0, u32 size1, u32 size2, u32 size3,
    u32 source0, u32 source1, u32 source2, u32 source3, u32 source4, u32 target0, u32 target1, u32 target2, u32 target3, u32 target4)
{
    copy_strided_integers(source, target, accumulate, count, rank, size0, size1, size2, size3, source0, source1, source2, source3, source4,
        target0, target1, target2, target3, target4);
}
#endif
