"""Whether two folders of results hold the same numbers."""

import os

import numpy as np


def differences(left, right):
    """The relative difference of each result by its name: the norm of the difference over the norm.

    Raises ValueError where the folders hold other results, or a result is not finite.
    """
    names = sorted(os.listdir(left))
    if names != sorted(os.listdir(right)) or not names:
        raise ValueError(f"the results are {names} and {sorted(os.listdir(right))}; they must be the same")
    return {name.removesuffix(".f32"): _difference(name, left, right) for name in names}


def _difference(name, left, right):
    a, b = (np.fromfile(os.path.join(folder, name), "<f4").astype(np.float64) for folder in (left, right))
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError(f"{name} has {a.size} and {b.size} numbers; they must be as many, and finite")
    scale = np.linalg.norm(b)
    return float(np.linalg.norm(a - b) / scale) if scale > 0 else float(np.abs(a).max())
