"""How much others compute on this machine while something is measured; as AdaShare.Native.Benchmarks/Timing/OtherLoad.cs."""

import os
import time

# In processors. The system's own housekeeping stays below it.
DISTURBING = 0.15
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
# user nice system idle iowait irq softirq steal (proc(5)); what a hypervisor takes is others' too.
BUSY = (0, 1, 2, 5, 6, 7)


class OtherLoad:
    """Counts from when it is made. pids are the processes of the measurement, beside this one."""

    def __init__(self, pids):
        self._started, self._busy, self._own = time.monotonic(), busy_seconds(), own_seconds(pids)

    def processors(self, pids):
        """The processors that others kept busy since then; None where the system does not say, as where it shows more processors than this process may use."""
        busy = busy_seconds()
        if busy is None or self._busy is None:
            return None
        # A process that was started meanwhile counts whole.
        own = sum(seconds - self._own.get(pid, 0) for pid, seconds in own_seconds(pids).items())
        return max(0.0, (busy - self._busy - own) / max(time.monotonic() - self._started, 1e-3))


def busy_seconds(path="/proc/stat"):
    """The processor time of everything that ran."""
    try:
        with open(path) as file:
            lines = [line.split() for line in file if line.startswith("cpu")]
    except OSError:
        return None
    if len(lines) - 1 != os.cpu_count():
        return None
    return sum(int(lines[0][1 + i]) for i in BUSY) / TICKS


def own_seconds(pids):
    """The processor time of this process and of others, by process, those that they started and waited for included."""
    found = {}
    for pid in {os.getpid(), *pids}:
        try:
            with open(f"/proc/{pid}/stat") as file:
                # After the name, which may hold anything: utime, stime, cutime, cstime are the 14th to 17th field.
                fields = file.read().rpartition(")")[2].split()
            found[pid] = sum(int(field) for field in fields[11:15]) / TICKS
        except OSError:
            pass
    return found
