"""The rows of the comparison: what is run, in which numerics setting, the ratio that must and should be reached, and how far results may differ."""

import fnmatch
from collections import namedtuple

import modes
import shapes
from agreement import Bounds

# must and aim are ratios, PyTorch's time over ours; None where the row is only reported. Where a row has several modes they are held against the best of them.
# memory is the most that our peak memory may be, as a part of PyTorch's.
Row = namedtuple("Row", "case numerics work must aim memory", defaults=(None, None, None))

RESIDUAL = ("r64", "r128", "r256d2", "r512d4")
SGEMM = (512, 768, 1024, 1536, 2048)
STEPS = ("warm", "weights-1", "weights-all", "policy-1", "policy-all")

# How far results may lie from those of PyTorch in single precision, by how products round: not at all beyond single precision; by transforms in it (Winograd's on the CPU;
# whatever either side chooses on a GPU); to TF32; to bfloat16. Single products and convolutions first.
KERNELS = {"exact": Bounds(1e-5), "winograd": Bounds(1e-4), "transforms": Bounds(1e-4), "tf32": Bounds(2e-3), "bf16": Bounds(1e-2)}
# Whole networks. They are always checked in exact numerics too, which is what proves that both sides do the same work. Gradients jump where an activation or an absolute
# error lies within rounding of 0: one such activation of a head moves the head's gradient by 4e-3 of its norm, and the share of them grows as the root of the outputs'
# error. With factors of convolutions rounded to TF32 (bfloat16; PyTorch's autocast) on the CPU, ResNet-34 differed from single precision by at most 1.3e-2 (1.1e-1; 1.5e-1)
# in the outputs, 1.9e-4 (9.7e-4; 1.8e-3) in the losses and 0.24 (0.65; 0.75) in the gradient of the first convolution, the worst of those that are compared. A gradient
# that has nothing to do with the right one differs by 1.4.
NETWORKS = {
    "exact": Bounds(1e-3, 1e-3, 1e-2), "winograd": Bounds(1e-3, 1e-3, 5e-2), "transforms": Bounds(3e-3, 1e-3, 0.15), "tf32": Bounds(0.1, 5e-3, 0.8), "bf16": Bounds(0.4, 1e-2, 1.2),
}
ROUNDING = {
    "cpu": {"fp32": "exact", "exact": "exact", "fast": "winograd"},
    "cuda": {"fp32": "transforms", "exact": "transforms", "tf32": "tf32", "fast": "tf32", "bf16": "bf16", "bfloat16": "bf16"},
}

# The published setting, ResNet-34 with 3 tasks on 16 crops of 321 pixels, and what is smaller.
PUBLISHED = "step-r34-321-weights-all-b16"
GPU_CASES = (PUBLISHED, *(f"step-r34-321-{step}-b16" for step in STEPS if step != "weights-all"), "step-r18-224-weights-all-b16", "step-r18-64-weights-1", "eval-nyu3")
# Single precision without TF32 is slow on both sides, and compiling takes a minute: one large case stands for all.
GPU_EXACT = (PUBLISHED, "step-r18-64-weights-1", "eval-nyu3")
GPU_COMPILED = (PUBLISHED,)

QUICK = {
    "cpu": ("sgemm-512", "sgemm-1024", "conv-r64-*", "conv-r512d4-*", "conv-h512d12-*", "conv-p1024-forward", "conv-stem7-forward", "step-r18-64-*"),
    "cuda": (PUBLISHED, "step-r18-64-weights-1"),
}

MEMORY_SHARE = 0.5


def rows(device):
    """Every row of a kind of device that is run unless cases are named, in the order of the report."""
    if device == "cpu":
        return [*_products(), *_convolutions(), *_networks()]
    return [Row(case, numerics, "evaluation" if case.startswith("eval") else "step") for case in GPU_CASES for numerics in ("exact", "fast", "bfloat16") if numerics != "exact" or case in GPU_EXACT]


def select(device, patterns=None, numerics=None, quick=False):
    """The rows that are asked for.

    patterns are names of cases, with wildcards; a name without them may be any case, also one that has no row yet: it is reported only.
    numerics are those wanted for each case instead of the usual ones. Raises ValueError where a pattern fits nothing.
    """
    listed = there = rows(device)
    if quick:
        there = [row for row in there if any(fnmatch.fnmatch(row.case, pattern) for pattern in QUICK[device])]
        if device == "cuda":
            there = [row for row in there if (row.case, row.numerics) != (PUBLISHED, "exact")]
    if patterns:
        cases = list(dict.fromkeys(case for pattern in patterns for case in _matching(pattern, there)))
        there = [row for case in cases for row in [r for r in there if r.case == case] or [r for r in listed if r.case == case] or _unlisted(device, case)]
    if numerics:
        known = {(row.case, row.numerics): row for row in listed}
        there = [known.get((case, n), Row(case, n, _work(case))) for case in dict.fromkeys(row.case for row in there) for n in numerics]
    return there


def bounds(case, device, name):
    """How far the results of a case may lie from the reference, in a numerics setting or in the precision of a mode."""
    return (NETWORKS if shapes.is_network(case) else KERNELS)[ROUNDING[device][name]]


def partners(row, device, chosen, asked):
    """The modes of a list that a row is held against. Unless they were asked for, compiled ones only where that is usual."""
    precision = modes.PARTNERS[device][row.numerics]
    return [mode for mode in chosen if mode.precision == precision and (asked or not mode.compiled or row.case in GPU_COMPILED)]


def _matching(pattern, there):
    if not any(sign in pattern for sign in "*?["):
        shapes.require(pattern)
        return [pattern]
    found = [row.case for row in there if fnmatch.fnmatch(row.case, pattern)]
    if not found:
        raise ValueError(f"no case matches {pattern}; the cases of this run are {', '.join(dict.fromkeys(row.case for row in there))}")
    return found


def _unlisted(device, case):
    kernel = not shapes.is_network(case)
    # Convolutions of single-precision tensors are no work of a mode that keeps its tensors in bfloat16.
    return [Row(case, numerics, _work(case)) for numerics in modes.PARTNERS[device] if not (kernel and numerics == "bfloat16")]


def _work(case):
    return {"sgemm": "matrix product", "conv": "convolution", "step": "step", "eval": "evaluation"}[case.split("-")[0]]


def _products():
    return [Row(f"sgemm-{size}", "exact", "matrix product", 0.85, 0.95) for size in SGEMM]


def _convolutions():
    result = []
    for shape in RESIDUAL:
        for direction in shapes.DIRECTIONS:
            must, aim = (2.5, 4.0) if direction == "filter" else (2.0, 3.0)
            result.append(Row(f"conv-{shape}-{direction}", "fast", "residual 3x3", must, aim))
            result.append(Row(f"conv-{shape}-{direction}", "exact", "residual 3x3, exact", 1.0, 1.3))
    for shape, work, must, aim, directions in (
            ("h512d12", "head, dilation 12", 3.0, 4.5, shapes.DIRECTIONS),
            ("h512d6", "head, dilation 6", None, None, shapes.DIRECTIONS),
            ("p1024", "1x1", 0.85, 1.0, shapes.DIRECTIONS),
            # Nobody needs the gradient of the images.
            ("stem7", "7x7 stem", 0.85, 1.0, ("forward", "filter")),
            ("s2_64_128", "3x3, stride 2", None, None, shapes.DIRECTIONS)):
        for direction in directions:
            result.append(Row(f"conv-{shape}-{direction}", "fast", work, must, aim))
            result.append(Row(f"conv-{shape}-{direction}", "exact", work + ", exact", must, aim))
    return result


def _networks():
    result = []
    for size in (64, 96, 128):
        for step in STEPS:
            must, aim = (2.2, 3.0) if size == 128 else (3.0, 4.5) if step == "policy-1" else (2.0, 3.0) if step == "policy-all" else (2.5, 4.0)
            result.append(Row(f"step-r18-{size}-{step}", "fast", f"step, {size} pixels", must, aim, MEMORY_SHARE))
    # 224 pixels are asked for as a whole; one kind of step stands for it, because PyTorch takes several seconds for each.
    result.append(Row("step-r18-224-warm", "fast", "step, 224 pixels", 1.6, 2.2, MEMORY_SHARE))
    result += [Row(f"step-r18-96-{step}", "exact", "step, 96 pixels, exact", None, None, MEMORY_SHARE) for step in ("warm", "policy-all")]
    result.append(Row("eval-nyu3", "fast", "evaluation, 480x640", 2.0, 3.0))
    return result
