"""Whether two folders of results hold the same numbers."""

import os

import numpy as np


def difference(left, right):
    """The largest relative difference of any result, as the norm of the difference over the norm; and the result's name.

    Raises ValueError where the folders hold other results, or a result is not finite.
    """
    names = sorted(os.listdir(left))
    if names != sorted(os.listdir(right)) or not names:
        raise ValueError(f"the results are {names} and {sorted(os.listdir(right))}; they must be the same")
    worst = (0.0, names[0])
    for name in names:
        a, b = (np.fromfile(os.path.join(folder, name), "<f4").astype(np.float64) for folder in (left, right))
        if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
            raise ValueError(f"{name} has {a.size} and {b.size} numbers; they must be as many, and finite")
        scale = np.linalg.norm(b)
        worst = max(worst, (float(np.linalg.norm(a - b) / scale) if scale > 0 else float(np.abs(a).max()), name))
    return worst
