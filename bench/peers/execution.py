"""How PyTorch does work in a mode: precision, the CUDA graph, and what memory and preparation that takes."""

import contextlib
import time

import torch

# Steps before anything is timed. Compiled and captured work needs more: PyTorch's documentation asks for 11 before a capture.
WARM_UPS, CAPTURE_WARM_UPS = 3, 11


def apply(mode, search=True):
    """Sets PyTorch's global switches to those of a mode. search: whether cuDNN looks for its fastest engines, which takes a while and is of no use where nothing is timed."""
    # The older switches: every PyTorch has them, and one may not mix them with the newer ones.
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = mode.precision != "fp32"
    # From the first call on: PyTorch keeps what its heuristics chose without it, and would not search again.
    torch.backends.cudnn.benchmark = search


def autocast(mode, device):
    """The context of a forward pass."""
    return torch.autocast(device.type, dtype=torch.bfloat16) if mode.precision == "bf16" else contextlib.nullcontext()


class Captured:
    """Work on the device, captured once as a CUDA graph; replay does it again, over the same memory."""

    def __init__(self, compute):
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(CAPTURE_WARM_UPS):
                compute()
        torch.cuda.current_stream().wait_stream(side)
        torch.cuda.synchronize()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._results = compute()
        # Replays allocate nothing: what the step needs was taken while it was captured.
        self.peak = torch.cuda.max_memory_allocated()

    def replay(self):
        self._graph.replay()
        return self._results


class Case:
    """Work that is timed here and in AdaShare.Native.Bench, over the same numbers.

    Subclasses say how it starts (start), what is brought to the device (upload), what the device does (compute), what comes back (read).
    """

    def __init__(self, mode, device):
        self.mode, self.device = mode, device
        # Seconds that went before the first timed run: compiling, capturing, cuDNN's search, warming up, and the same for a check.
        self.preparation = 0.0
        self._work, self._for_check, self._captured = None, None, None

    @property
    def capture_peak(self):
        """The most bytes that were allocated while the graph was captured; 0 without one."""
        return self._captured.peak if self._captured else 0

    def prepare(self, for_check):
        """Makes everything ready, to be checked (no dropout, the formula's noise) or to be timed: compiles, captures, warms up. Ends at the start."""
        if self._for_check is for_check:
            return
        began = time.perf_counter()
        self._work = self._captured = None
        self.start(for_check)
        self.upload()
        if self.mode.graph:
            self._captured = Captured(self.compute)
            self._work = self._captured.replay
            self.start(for_check)
        else:
            self._work = self.compute
            # A check wants the first step itself.
            for _ in range(0 if for_check else CAPTURE_WARM_UPS if self.mode.compiled else WARM_UPS if self.device.type == "cuda" else 1):
                self.run()
        self.synchronize()
        self._for_check = for_check
        self.preparation += time.perf_counter() - began

    def run(self):
        """Does the work once, as it is timed."""
        self.upload()
        return self.read(self._work())

    def once(self):
        """Does the work once from the start, for a check, and returns what it computed. Preparation is due again after it."""
        self.prepare(for_check=True)
        began = time.perf_counter()
        self.upload()
        results = self._work()
        self.synchronize()
        self._for_check = None
        self.preparation += time.perf_counter() - began
        return results

    def synchronize(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def start(self, for_check):
        """Brings all that the work changes back to its start, where it lies."""

    def upload(self):
        """Brings the inputs to the device."""

    def read(self, results):
        """Brings results to the host."""
        return results
