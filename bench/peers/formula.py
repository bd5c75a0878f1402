"""The numbers that both sides of the comparison start from: uniform(name, i), by SplitMix64 from the FNV-1a hash of the name."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

_MASK = (1 << 64) - 1
_CHUNK = 1 << 16


def _hash(name):
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = ((h ^ byte) * 0x100000001B3) & _MASK
    return h


def uniform(name, count):
    """Numbers 0 to count - 1 of a named sequence, in [0, 1), in double precision."""
    start = np.uint64(_hash(name))
    values = np.empty(count)
    with np.errstate(over="ignore"):
        # Chunks that fit the cache: the largest network has 90 million weights.
        for first in range(0, count, _CHUNK):
            last = min(count, first + _CHUNK)
            z = start + np.arange(first + 1, last + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            z ^= z >> np.uint64(31)
            values[first:last] = (z >> np.uint64(11)) * 2.0**-53
    return values


def scaled(name, shape, offset, scale):
    """offset + scale * uniform, rounded to single precision, in a shape."""
    return (offset + scale * uniform(name, int(np.prod(shape)))).astype(np.float32).reshape(shape)


def symmetric(name, shape):
    """Numbers in [-1, 1)."""
    return scaled(name, shape, -1.0, 2.0)


def gumbel(step, task, shape):
    """The noise of a task (from 1) in a checked step."""
    u = uniform(f"gumbel/step{step}/task{task}", int(np.prod(shape))) + 2.0**-54
    return (-np.log(-np.log(u))).astype(np.float32).reshape(shape)


def weight(name, shape):
    """The value that a network's state entry starts from."""
    if name.endswith(".running_mean") or name.endswith("num_batches_tracked"):
        return np.zeros(shape, np.float32)
    if name.endswith(".running_var"):
        return np.ones(shape, np.float32)
    if name.endswith("_logits"):
        offset, scale = 0.5, 0.1
    elif name.endswith(".bias"):
        offset, scale = 0.0, 0.1
    elif len(shape) == 4:
        offset, scale = 0.0, (3.0 / (shape[1] * shape[2] * shape[3])) ** 0.5
    else:
        offset, scale = 1.0, 0.1
    return (offset + scale * (2 * uniform(name, int(np.prod(shape))) - 1)).astype(np.float32).reshape(shape)


class Weights:
    """The values of state entries, several at a time; kept, where that is wanted, because the largest network has 90 million."""

    def __init__(self, keep):
        self._kept = {} if keep else None
        self._threads = len(os.sched_getaffinity(0))

    def of(self, shapes):
        """Pairs of name and value, in the order of a list of pairs of name and shape."""
        kept = {} if self._kept is None else self._kept
        with ThreadPoolExecutor(self._threads) as pool:
            # numpy lets other threads run while it computes. The largest begin first, so that none is left alone at the end.
            missing = sorted((entry for entry in shapes if entry not in kept), key=lambda entry: -np.prod(entry[1]))
            kept.update(zip(missing, pool.map(lambda entry: weight(*entry), missing)))
        return [(name, kept[name, shape]) for name, shape in shapes]
