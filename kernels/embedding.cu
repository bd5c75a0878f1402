// Rows of a table [rows, columns] looked up by ids, and the table's gradient: for each row the sum of the gradients at the positions that ask for it.
//
// Ids are bytes or 32-bit integers. An id that is no row of the table gives a row of NaN, so that the loss shows it, and counts nowhere in the gradient.
//
// The gradient has no atomics and one order. The positions are cut into chunks; a warp owns a row (and 32 columns) of a chunk: it reads the chunk's ids, 32 at a time, votes on which
// are its own, and adds their gradients in the order of the positions in double precision. A second kernel adds up the chunks. That is rows * positions comparisons, a warp's 32
// in two instructions, and needs no sorting: 1000 rows and 131072 positions are 4 million votes.
// Bytes: forward 4 an element and as many of the table, from the caches; backward 4 an element, the ids once a row from the first-level cache, 16 a chunk and element of the table.
#include "element.cuh"
#include "reduce.cuh"

__device__ __forceinline__ int id_at(const void* ids, int bytes, u32 position)
{
    return bytes ? static_cast<const u8*>(ids)[position] : static_cast<const int*>(ids)[position];
}

template<int N>
__device__ __forceinline__ void look_up(const void* ids, int bytes, const Element* table, u32 rows, u32 columns, Element* output, u32 items)
{
    u32 vectors = columns / N;
    each(items, [=](u32 item) {
        u32 position = item / vectors, column = (item - position * vectors) * N;
        u32 row = (u32)id_at(ids, bytes, position);
        Pack<N> values;
        if (row < rows)
        {
            values = load<N>(table + (size_t)row * columns + column);
        }
        else
        {
#pragma unroll
            for (int j = 0; j < N; j++)
            {
                values.at[j] = NAN;
            }
        }

        store(output + (size_t)item * N, values);
    });
}

// output[p, :] = table[ids[p], :]. bytes: whether ids are bytes, else 32-bit integers. width: 4 if columns % 4 == 0 and the pointers are aligned, else 1.
// Launch: LINEAR, items = elements of the output / width.
KERNEL embedding(const void* ids, int bytes, const Element* table, u32 rows, u32 columns, int width, Element* output, u32 items)
{
    if (width == 4)
    {
        look_up<4>(ids, bytes, table, rows, columns, output, items);
    }
    else
    {
        look_up<1>(ids, bytes, table, rows, columns, output, items);
    }
}

// partials[chunk, row, column], double: the sums over the positions of each chunk. A chunk is `length` positions. padding: a row whose sums are 0, or -1.
// Launch: block (256), grid (ceil(rows * ceil(columns / 32) / 8), chunks).
KERNEL embedding_partials(
    const void* ids, int bytes, const Element* grad_output, u32 positions, u32 rows, u32 columns, u32 length, int padding, double* partials)
{
    u32 lane = threadIdx.x % WARP, tiles = (columns + WARP - 1) / WARP;
    u32 item = blockIdx.x * WARPS + threadIdx.x / WARP, row = item / tiles, column = item % tiles * WARP + lane;
    if (row >= rows)
    {
        return;
    }

    u32 start = blockIdx.y * length, end = min(start + length, positions);
    double sum = 0;
    for (u32 first = start; first < end && (int)row != padding; first += WARP)
    {
        u32 position = first + lane;
        bool mine = position < end && id_at(ids, bytes, position) == (int)row;
        for (u32 left = __ballot_sync(0xffffffffu, mine); left != 0; left &= left - 1)
        {
            if (column < columns)
            {
                sum += read(grad_output + (size_t)(first + __ffs(left) - 1) * columns + column);
            }
        }
    }

    if (column < columns)
    {
        partials[((size_t)blockIdx.y * rows + row) * columns + column] = sum;
    }
}

// The gradient: the sum of the chunks in order. The type of the elements is the gradient's, whatever that of the output. Launch: LINEAR, items = elements of the table.
KERNEL embedding_finish(const double* partials, u32 chunks, Element* grad_table, int accumulate, u32 items)
{
    each(items, [=](u32 i) {
        double sum = 0;
        for (u32 chunk = 0; chunk < chunks; chunk++)
        {
            sum += partials[(size_t)chunk * items + i];
        }

        float gradient = (float)sum;
        write(grad_table + i, accumulate ? read(grad_table + i) + gradient : gradient);
    });
}
