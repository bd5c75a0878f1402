// The type in which activations and their gradients are stored. A source that includes this file is compiled twice: as a module of its own name for float32, and
// as NAME.bfloat16 with BFLOAT16_ELEMENTS defined. Parameters, statistics and sums are float32 or double in both.
// What has nothing to do with Element stands between #ifndef BFLOAT16_ELEMENTS and #endif, so that it is there once.
// Bytes an element that sources speak of are those of float32; of bfloat16 they are half.
#pragma once

#include "bfloat16.cuh"

#ifdef BFLOAT16_ELEMENTS
typedef bfloat16 Element;
#else
typedef float Element;
#endif
