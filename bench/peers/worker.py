"""Answers the lines of the comparison's driver in PyTorch; the protocol is that of AdaShare.Native.Bench. Argument: the number of threads."""

import ctypes
import gc
import json
import os
import sys
import time

import torch

import cases


class Worker:
    def __init__(self):
        self.name, self.case = None, None

    def answer(self, words):
        command, *rest = words
        return getattr(self, command.replace("-", "_"))(*rest)

    def describe(self):
        return json.dumps({"torch": torch.__version__, "threads": str(torch.get_num_threads()), "python": sys.version.split()[0], "blas": self.blas()})

    @staticmethod
    def blas():
        """The BLAS library that PyTorch has loaded, or what it was built with."""
        with open("/proc/self/maps") as file:
            loaded = sorted({os.path.realpath(line.split()[-1]) for line in file if "blas" in line.split()[-1] and ".so" in line})
        shared = [path for path in loaded if "openblas" in path or "blis" in path or "mkl" in path or "atlas" in path]
        if loaded and not shared:
            raise ValueError(
                f"PyTorch's matrix products run on the reference library {loaded[0]}, which is many times slower than what one would compare with; "
                "install an optimised one (Debian: apt-get install libopenblas0-pthread)")
        return os.path.basename(os.path.dirname(shared[0])) if shared else "built into PyTorch"

    def check(self, name, folder):
        self.name = self.case = None
        os.makedirs(folder, exist_ok=True)
        for result, values in cases.create(name, for_check=True).results().items():
            values.detach().contiguous().numpy().astype("<f4").tofile(os.path.join(folder, result + ".f32"))
        return "ok"

    def run(self, name, repeats):
        if self.name != name:
            self.name = self.case = None
            self.case, self.name = cases.create(name, for_check=False), name
            self.case.run()
        start = time.perf_counter()
        for _ in range(int(repeats)):
            self.case.run()
        return repr((time.perf_counter() - start) * 1000 / int(repeats))

    def reset_peak(self):
        # What only set-up needed shall not count: collect it, and let the C library hand free pages back.
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
        return "ok"

    def peak(self):
        with open("/proc/self/status") as file:
            line = next(line for line in file if line.startswith("VmHWM:"))
        return str(1024 * int(line.split()[1]))


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(1)
    worker = Worker()
    for line in sys.stdin:
        if line.strip() == "quit":
            return
        try:
            answer = worker.answer(line.split())
        except (ValueError, RuntimeError, OSError) as error:
            answer = "error: " + " ".join(str(error).split())
        print(answer, flush=True)


if __name__ == "__main__":
    main()
