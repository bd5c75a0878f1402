"""Whether two folders of results hold the same numbers."""

import os
from collections import namedtuple

import numpy as np

# The largest relative differences that are let pass: of outputs and of the state after the update; of losses; of gradients of whole networks.
Bounds = namedtuple("Bounds", "values losses gradients", defaults=(None, None))
# Where rounding alone changes a result by more than half, its size still tells whether all of it is there.
MOST_SCALE = 2
SUFFIX = ".f32"


def differences(left, right):
    """The relative difference of each result by its name: the norm of the difference over the norm.

    Raises ValueError where the folders hold other results, or a result is not finite or of quite another size.
    """
    names = sorted(os.listdir(left))
    if names != sorted(os.listdir(right)) or not names:
        raise ValueError(f"the results are {names} and {sorted(os.listdir(right))}; they must be the same")
    return {name.removesuffix(SUFFIX): _difference(name.removesuffix(SUFFIX), left, right) for name in names}


def require(left, right, bounds):
    """The largest difference of each kind. Raises ValueError, which names the worst result, where one is above its bound."""
    worst, excess = {}, []
    for name, value in differences(left, right).items():
        kind = {"gradient": "gradients", "loss": "losses"}.get(name.split(".")[0], "values")
        worst[kind] = max(worst.get(kind, 0.0), value)
        bound = getattr(bounds, kind)
        if value > bound:
            excess.append((value / bound, f"{name} differs from PyTorch's by {value:.1e} of its norm, more than {bound:.0e}"))
    if excess:
        raise ValueError(max(excess)[1])
    return worst


def _difference(name, left, right):
    a, b = (np.fromfile(os.path.join(folder, name + SUFFIX), "<f4").astype(np.float64) for folder in (left, right))
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError(f"{name} has {a.size} and {b.size} numbers; they must be as many, and finite")
    ours, theirs = np.linalg.norm(a), np.linalg.norm(b)
    if theirs == 0:
        return float(np.abs(a).max())
    if not theirs / MOST_SCALE < ours < theirs * MOST_SCALE:
        raise ValueError(f"{name} has {ours / theirs:.2g} times the norm of PyTorch's; something is missing, or counted twice")
    return float(np.linalg.norm(a - b) / theirs)
