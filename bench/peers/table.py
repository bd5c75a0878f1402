"""The rows of the comparison: what is run, in which numerics setting, and the ratio that must and should be reached."""

from collections import namedtuple

# must and aim are ratios, PyTorch's time over ours; None where the row is only reported. tolerance bounds the relative difference of the results
# from PyTorch's, gradients that of gradients of whole networks.
Row = namedtuple("Row", "case numerics work must aim tolerance gradients", defaults=(None,))

RESIDUAL = ("r64", "r128", "r256d2", "r512d4")
SGEMM = (512, 768, 1024, 1536, 2048)
STEPS = ("warm", "weights-1", "weights-all", "policy-1", "policy-all")
EXACT, FAST = 1e-5, 1e-4

# A whole network is always checked in exact numerics too: that is what proves that both sides do the same work. Outputs, losses and the state after the
# update keep to NETWORK. Gradients jump where an activation or an absolute error lies within rounding of 0: one such activation of a head moves the
# head's gradient by 4e-3 of its norm, in that one channel, so gradients have bounds of their own. Winograd's rounding, about 1e-5 in the outputs, makes
# them more frequent.
NETWORK, EXACT_GRADIENTS, FAST_GRADIENTS = 1e-3, 1e-2, 5e-2


def rows():
    """Every row, in the order of the report."""
    return [*_products(), *_convolutions(), *_networks()]


def _products():
    return [Row(f"sgemm-{size}", "exact", "matrix product", 0.85, 0.95, EXACT) for size in SGEMM]


def _convolutions():
    result = []
    for shape in RESIDUAL:
        for direction in ("forward", "data", "filter"):
            must, aim = (2.5, 4.0) if direction == "filter" else (2.0, 3.0)
            result.append(Row(f"conv-{shape}-{direction}", "fast", "residual 3x3", must, aim, FAST))
            result.append(Row(f"conv-{shape}-{direction}", "exact", "residual 3x3, exact", 1.0, 1.3, EXACT))
    for shape, work, must, aim, directions in (
            ("h512d12", "head, dilation 12", 3.0, 4.5, ("forward", "data", "filter")),
            ("h512d6", "head, dilation 6", None, None, ("forward", "data", "filter")),
            ("p1024", "1x1", 0.85, 1.0, ("forward", "data", "filter")),
            # Nobody needs the gradient of the images.
            ("stem7", "7x7 stem", 0.85, 1.0, ("forward", "filter")),
            ("s2_64_128", "3x3, stride 2", None, None, ("forward", "data", "filter"))):
        for direction in directions:
            result.append(Row(f"conv-{shape}-{direction}", "fast", work, must, aim, FAST))
            result.append(Row(f"conv-{shape}-{direction}", "exact", work + ", exact", must, aim, EXACT))
    return result


def _networks():
    result = []
    for size in (64, 96, 128):
        for step in STEPS:
            must, aim = (2.2, 3.0) if size == 128 else (3.0, 4.5) if step == "policy-1" else (2.0, 3.0) if step == "policy-all" else (2.5, 4.0)
            result.append(Row(f"step-r18-{size}-{step}", "fast", f"step, {size} pixels", must, aim, NETWORK, FAST_GRADIENTS))
    # 224 pixels are asked for as a whole; one kind of step stands for it, because PyTorch takes several seconds for each.
    result.append(Row("step-r18-224-warm", "fast", "step, 224 pixels", 1.6, 2.2, NETWORK, FAST_GRADIENTS))
    result += [Row(f"step-r18-96-{step}", "exact", "step, 96 pixels, exact", None, None, NETWORK, EXACT_GRADIENTS) for step in ("warm", "policy-all")]
    result.append(Row("eval-nyu3", "fast", "evaluation, 480x640", 2.0, 3.0, NETWORK))
    return result


QUICK = ("sgemm-512", "sgemm-1024", "conv-r64-", "conv-r512d4-", "conv-h512d12-", "conv-p1024-forward", "conv-stem7-forward", "step-r18-64-")

# The most that our peak memory of a whole step may be, as a part of PyTorch's.
MEMORY_SHARE = 0.5
