"""Answers the lines of the comparison's driver in PyTorch. Arguments: cpu or cuda:N, the number of threads, and the modes that are only checked.

The protocol is that of AdaShare.Native.Bench, and mode MODE, which chooses how the lines after it are done; preparation answers the seconds that went before the first
timed run.
"""

import ctypes
import gc
import json
import os
import sys
import time
import warnings

import modes

try:
    import torch

    import cases
    import execution
    import formula
except ImportError as error:
    print(
        f"{sys.executable} has no PyTorch ({error}); install it (Debian: apt-get install python3-torch libopenblas0-pthread), "
        "or name an interpreter that has it in PEERS_PYTHON", file=sys.stderr)
    sys.exit(3)


class Worker:
    def __init__(self, device, only_checked=()):
        self.only_checked = only_checked
        self.device, self.mode = device, modes.REFERENCE
        self.weights = formula.Weights(keep=device.type == "cuda")
        # By name and mode: the cases, the device's memory that each holds, and the most that it held while a graph was captured.
        self.cases, self.held, self.captured = {}, {}, {}

    def answer(self, words):
        command, *rest = words
        return getattr(self, command.replace("-", "_"))(*rest)

    def describe(self):
        facts = {"pytorch": torch.__version__, "python": sys.version.split()[0], "pytorch_threads": str(torch.get_num_threads())}
        if self.device.type == "cpu":
            return json.dumps({**facts, "pytorch_blas": self.blas()})
        return json.dumps({**facts, "pytorch_cuda": str(torch.version.cuda), "pytorch_cudnn": str(torch.backends.cudnn.version())})

    @staticmethod
    def blas():
        """The BLAS library that PyTorch has loaded; "reference" where it is none that one would compare with."""
        with open("/proc/self/maps") as file:
            loaded = sorted({os.path.realpath(line.split()[-1]) for line in file if "blas" in line.split()[-1] and ".so" in line})
        optimised = [path for path in loaded if "openblas" in path or "blis" in path or "mkl" in path or "atlas" in path]
        return os.path.basename(os.path.dirname(optimised[0])) if optimised else "reference" if loaded else "built into PyTorch"

    def set_mode(self, name):
        self.mode = modes.MODES[name]
        execution.apply(self.mode, search=name not in self.only_checked)
        return "ok"

    def check(self, name, folder):
        os.makedirs(folder, exist_ok=True)
        with self.accounted(name) as case:
            for result, values in case.results().items():
                values.detach().float().cpu().contiguous().numpy().astype("<f4").tofile(os.path.join(folder, result + ".f32"))
        self.collect()
        return "ok"

    def run(self, name, repeats):
        with self.accounted(name) as case:
            case.prepare(for_check=False)
        case.synchronize()
        start = time.perf_counter()
        for _ in range(int(repeats)):
            case.run()
        case.synchronize()
        return repr((time.perf_counter() - start) * 1000 / int(repeats))

    def preparation(self, name):
        return repr(self.cases[name, self.mode.name].preparation)

    def release(self, name):
        """Forgets a case in the present mode."""
        for kept in (self.cases, self.held, self.captured):
            kept.pop((name, self.mode.name), None)
        self.collect()
        return "ok"

    def reset_peak(self):
        # What only set-up needed shall not count: collect it, and let the C library hand free pages back.
        self.collect()
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.device)
            return "ok"
        ctypes.CDLL(None).malloc_trim(0)
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
        return "ok"

    def peak(self, name):
        """The most bytes: of the process on the CPU; on a GPU those of a case in the present mode, without what other modes hold."""
        if self.device.type == "cuda":
            key = name, self.mode.name
            others = torch.cuda.memory_allocated(self.device) - self.held[key]
            return str(max(torch.cuda.max_memory_allocated(self.device) - others, self.captured[key]))
        with open("/proc/self/status") as file:
            line = next(line for line in file if line.startswith("VmHWM:"))
        return str(1024 * int(line.split()[1]))

    def accounted(self, name):
        return Account(self, name)

    def collect(self):
        gc.collect()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()


class Account:
    """Makes a case where it is not there yet, and counts what it holds on the device from then on."""

    def __init__(self, worker, name):
        self.worker, self.name, self.key = worker, name, (name, worker.mode.name)

    def __enter__(self):
        worker = self.worker
        self.before = self._allocated()
        if self.key not in worker.cases:
            worker.cases[self.key], worker.held[self.key], worker.captured[self.key] = None, 0, 0
        self.others = self.before - worker.held[self.key]
        if worker.cases[self.key] is None:
            worker.cases[self.key] = cases.create(self.name, worker.mode, worker.device, worker.weights)
        return worker.cases[self.key]

    def __exit__(self, *error):
        worker = self.worker
        if error[0] is not None:
            # What failed half-way is of no use, and may hold much.
            worker.cases[self.key] = None
            return
        worker.held[self.key] += self._allocated() - self.before
        peak = worker.cases[self.key].capture_peak
        worker.captured[self.key] = peak - self.others if peak else 0

    def _allocated(self):
        return torch.cuda.memory_allocated(self.worker.device) if self.worker.device.type == "cuda" else 0


def open_device(name, threads):
    """The device. Ends with 3 and a sentence where it is not there."""
    if name == "cpu":
        torch.set_num_threads(threads)
        return torch.device("cpu")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if int(name[5:]) >= count:
        print(f"PyTorch {torch.__version__} sees {count} GPUs here, so that there is no {name}", file=sys.stderr)
        sys.exit(3)
    torch.cuda.set_device(int(name[5:]))
    return torch.device(name)


def main():
    warnings.filterwarnings("ignore")
    # Answers have a stream of their own: what a compiler prints must not come between them, and its processes must not keep it open.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    device = open_device(sys.argv[1], int(sys.argv[2]))
    torch.manual_seed(1)
    worker = Worker(device, sys.argv[3:])
    worker.set_mode(modes.REFERENCE.name)
    for line in sys.stdin:
        words = line.split()
        if words == ["quit"]:
            return
        try:
            answer = worker.set_mode(words[1]) if words[0] == "mode" else worker.answer(words)
        except Exception as error:  # A mode that fails in whatever way is an answer; the driver goes on without it.
            answer = "error: " + " ".join(f"{type(error).__name__}: {error}".split())[:500]
        print(answer, file=answers, flush=True)


if __name__ == "__main__":
    main()
