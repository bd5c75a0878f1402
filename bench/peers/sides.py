"""The ways of doing the work that are timed beside each other: numerics settings of ours, modes of PyTorch's."""

import json


class Ours:
    """A numerics setting of AdaShare.Native, which has a process of its own."""

    def __init__(self, numerics, process, on_gpu):
        self.name, self.process, self.on_gpu = numerics, process, on_gpu

    def check(self, case, folder):
        """Writes what the case computes; nothing of it is kept."""
        self.process.ask("check", case, folder)

    def run(self, case, repeats):
        """Milliseconds of one repeat."""
        return float(self.process.ask("run", case, repeats))

    def work(self, case):
        """The multiply-adds of a case's convolutions."""
        return int(self.process.ask("work", case))

    def release(self, case):
        self.process.ask("release")

    def reset_peak(self):
        self.process.ask("reset-peak")

    def peak(self, case):
        """The most bytes since reset_peak: of the process on the CPU, of what the backend allocated on a GPU."""
        return self._memory()["peak"] if self.on_gpu else int(self.process.ask("peak"))

    def state(self):
        """Bytes of the parameters of the case that was run last, and of its optimiser's state."""
        return self._memory()["state"]

    def _memory(self):
        return json.loads(self.process.ask("memory"))


class Theirs:
    """A mode of PyTorch's; one process does several, so that it says before each line which is meant."""

    def __init__(self, mode, process):
        self.name, self.mode, self.process = mode.name, mode, process
        # Why the mode is left out of a case, by case.
        self.failures = {}

    def check(self, case, folder):
        """Writes what the case computes."""
        self._ask("check", case, folder)

    def run(self, case, repeats):
        """Milliseconds of one repeat."""
        return float(self._ask("run", case, repeats))

    def release(self, case):
        self._ask("release", case)

    def reset_peak(self):
        self._ask("reset-peak")

    def peak(self, case):
        """The most bytes since reset_peak: of the process on the CPU, of this case and mode on a GPU."""
        return int(self._ask("peak", case))

    def preparation(self, case):
        """Seconds that went before the first timed run."""
        return float(self._ask("preparation", case))

    def fail(self, case, error):
        """Leaves the mode out of a case. After a failure of a device nothing that its process does can be trusted, so that it is started anew."""
        self.failures[case] = str(error)
        self.process.restart()

    def _ask(self, *words):
        self.process.ask("mode", self.mode.name)
        return self.process.ask(*words)
