"""The ways in which PyTorch does the work, and which of our numerics settings each is held against."""

from collections import namedtuple

# precision: fp32; tf32, which rounds factors of products to 10 bits of mantissa; bf16, autocast to bfloat16. A graph is a CUDA graph of the whole step.
Mode = namedtuple("Mode", "name precision channels_last compiled graph")

MODES = {mode.name: mode for mode in (
    Mode("eager-fp32", "fp32", False, False, False),
    Mode("channels-last-fp32", "fp32", True, False, False),
    # How the official code runs on a GPU of today: convolutions in TF32, as PyTorch does unless asked, channels first.
    Mode("eager-tf32", "tf32", False, False, False),
    Mode("channels-last-tf32", "tf32", True, False, False),
    Mode("channels-last-bf16", "bf16", True, False, False),
    Mode("graph-bf16", "bf16", True, False, True),
    Mode("compile-bf16", "bf16", True, True, False),
    Mode("compile-graph-bf16", "bf16", True, True, True),
)}
# What every other result is compared with, of either side.
REFERENCE = MODES["eager-fp32"]
DEFAULT = {"cpu": ("eager-fp32",), "cuda": ("eager-fp32", "eager-tf32", "channels-last-tf32", "channels-last-bf16", "graph-bf16", "compile-bf16")}
# The precision of the modes that each of our numerics settings is held against. On the CPU fast numerics have no partner of their own: PyTorch has none.
PARTNERS = {"cpu": {"exact": "fp32", "fast": "fp32"}, "cuda": {"exact": "fp32", "fast": "tf32", "bfloat16": "bf16"}}


def family(device):
    """cpu, or cuda for cuda:N. Raises ValueError where the device is neither."""
    if device == "cpu":
        return "cpu"
    if device.startswith("cuda:") and device[5:].isdecimal():
        return "cuda"
    raise ValueError(f"the device {device} is not one of cpu and cuda:N")


def chosen(names, device):
    """The modes of a list of names, or those that are usual on the device where it is None. Raises ValueError where one is not known or not there."""
    kind = family(device)
    there = [mode.name for mode in MODES.values() if mode.precision in PARTNERS[kind].values() and not (kind == "cpu" and (mode.compiled or mode.graph))]
    unknown = [name for name in names or () if name not in there]
    if unknown:
        raise ValueError(f"the mode {unknown[0]} is not one of those on {device}: {', '.join(there)}")
    return [MODES[name] for name in names or DEFAULT[kind]]
