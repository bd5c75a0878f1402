"""What the names of cases say. AdaShare.Native.Bench does the work of the same names."""

from collections import namedtuple

# Blocks of each stage of the backbones.
STAGES = {"r18": (2, 2, 2, 2), "r34": (3, 4, 6, 3)}
# Channels and loss weights of the published NYU v2 tasks; beyond three they repeat.
TASKS = (("seg", 40, 1.0), ("sn", 3, 20.0), ("depth", 1, 3.0))
# Batch, channels, height and width of the input; filters, kernel, stride, padding, dilation.
CONVOLUTIONS = {
    "r64": (8, 64, 32, 64, 3, 1, 1, 1), "r128": (8, 128, 16, 128, 3, 1, 1, 1), "r256d2": (8, 256, 16, 256, 3, 1, 2, 2),
    "r512d4": (4, 512, 16, 512, 3, 1, 4, 4), "h512d12": (4, 512, 16, 1024, 3, 1, 12, 12), "h512d6": (4, 512, 16, 1024, 3, 1, 6, 6),
    "p1024": (4, 1024, 16, 1024, 1, 1, 0, 1), "stem7": (8, 3, 128, 64, 7, 2, 3, 1), "s2_64_128": (8, 64, 32, 128, 3, 2, 1, 1),
}
DIRECTIONS = ("forward", "data", "filter")

# kind is warm, weights or policy; open the number of last blocks that are open, all of them at most.
StepShape = namedtuple("StepShape", "stages size kind open batch tasks")


def step(name):
    """The shape of step-BACKBONE-PIXELS-warm|weights-OPEN|policy-OPEN, followed by -bBATCH and -tTASKS where they differ from 2 images and 3 tasks.

    Raises ValueError where the name is none of these.
    """
    first, *words = name.split("-")
    sizes = {"b": 2, "t": 3}
    while words and words[-1][:1] in sizes and words[-1][1:].isdecimal():
        sizes[words[-1][0]] = int(words[-1][1:])
        words = words[:-1]
    backbone, pixels, kind, *rest = words if len(words) >= 3 else ("", "", "")
    stages = STAGES.get(backbone) or ((int(backbone[1:]),) * 4 if backbone[:1] == "d" and backbone[1:].isdecimal() else None)
    known = first == "step" and stages and pixels.isdecimal() and (
        kind == "warm" and not rest or kind in ("weights", "policy") and len(rest) == 1 and (rest[0] == "all" or rest[0].isdecimal() and (kind == "weights" or int(rest[0]) > 0)))
    if not known:
        raise ValueError(f"there is no case {name}; a step is step-r18|r34|dBLOCKS-PIXELS-warm, -weights-OPEN or -policy-OPEN, with -bBATCH and -tTASKS where wanted")
    blocks = sum(stages)
    return StepShape(stages, int(pixels), kind, min(blocks, int(rest[0])) if rest and rest[0] != "all" else blocks if rest else 0, sizes["b"], sizes["t"])


def is_network(name):
    """Whether a case runs a whole network: a step or an evaluation."""
    return name.startswith(("step-", "eval-"))


def require(name):
    """Raises ValueError, with a sentence, where there is no case of the name."""
    kind, *rest = name.split("-")
    if kind == "step":
        step(name)
    elif not (name == "eval-nyu3" or kind == "sgemm" and len(rest) == 1 and rest[0].isdecimal()
              or kind == "conv" and len(rest) == 2 and rest[0] in CONVOLUTIONS and rest[1] in DIRECTIONS):
        raise ValueError(f"there is no case {name}; cases are sgemm-SIZE, conv-SHAPE-forward|data|filter, step-…, eval-nyu3")


def feature_size(pixels):
    """Rows or columns of the backbone's features, and of the outputs: an eighth, as 7x7 stem, pooling (rounding up) and the second stage leave it."""
    stem = (pixels + 2 * 3 - 7) // 2 + 1
    pooled = -(-(stem + 2 - 3) // 2) + 1
    return (pooled - 1) // 2 + 1
