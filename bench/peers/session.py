"""The processes of both sides for some cases: they are started, held against each other, timed by turns, and asked for their memory."""

import json
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import agreement
import bench
import modes
import shapes
import table
from process import PeerError, Process
from sides import Theirs

# A round repeats short work for so long, so that the clock and the processor's frequency do not decide; and long work so often.
ROUND_MS = {"cpu": 100, "cuda": 150}
LEAST_REPEATS = {"cpu": 1, "cuda": 2}
# Runs of ours before it is timed. On a GPU the first steps make plans and record the graph; PyTorch's worker warms up by itself.
OUR_WARM_UPS = {"cpu": 0, "cuda": 4}
# Runs that say how long one takes.
PROBES = {"cpu": 1, "cuda": 3}


def start_pytorch(name, options, only_checked=()):
    return Process(name, [sys.executable, os.path.join(bench.HERE, "worker.py"), options.device, str(options.threads), *only_checked], bench.environment(options))


class Session:
    """The processes for some rows of the table; on a GPU one for all cases, on the CPU one session a case, so that no case inherits another one's memory."""

    def __init__(self, rows, options):
        self.kind = modes.family(options.device)
        self.rows = rows
        self.cases = list(dict.fromkeys(row.case for row in rows))
        self._partners = {row: table.partners(row, self.kind, options.modes, options.modes_asked) for row in rows}
        self._folder = tempfile.mkdtemp(prefix="peers-")
        self._processes = {}
        self.theirs, self.ours = {}, {}
        timed = dict.fromkeys(mode for partners in self._partners.values() for mode in partners)
        only_checked = [modes.REFERENCE.name] if modes.REFERENCE not in timed else []
        try:
            for mode in dict.fromkeys([modes.REFERENCE, *timed]):
                # Compiling takes a minute of the processor; in a process of its own it goes on beside the other checks.
                name = "pytorch, compiled" if mode.compiled else "pytorch"
                if name not in self._processes:
                    self._processes[name] = start_pytorch(name, options, only_checked)
                self.theirs[mode.name] = Theirs(mode, self._processes[name])
            # Asked first: where PyTorch or the device is missing, nothing else is begun.
            self.pytorch = json.loads(self._processes["pytorch"].ask("describe"))
            for numerics in sorted({row.numerics for row in rows} | ({"exact"} if any(map(shapes.is_network, self.cases)) else set())):
                self.ours[numerics] = bench.start(numerics, options)
                self._processes[numerics] = self.ours[numerics].process
            self.described = {numerics: json.loads(side.process.ask("describe")) for numerics, side in self.ours.items()}
            # What is only checked is no part of how a run computes.
            for numerics in self.described.keys() - {row.numerics for row in rows}:
                self.described.pop(numerics)
        except BaseException:
            self.close()
            raise

    def close(self):
        for process in self._processes.values():
            process.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def modes_of(self, row):
        """The modes that a row is held against and that have not failed."""
        return [side for mode in self._partners[row] if row.case not in (side := self.theirs[mode.name]).failures]

    def failures_of(self, row):
        """Why modes of a row are left out, by mode."""
        sides = [self.theirs[mode.name] for mode in self._partners[row]]
        return {side.name: side.failures[row.case] for side in sides if row.case in side.failures}

    def check(self):
        """The largest differences from the reference by case and side. Raises PeerError where one is too large: then other work would be timed."""
        # Ours one after another, because they share the device's memory, and beside them each process of PyTorch's.
        queues = {name: ThreadPoolExecutor(1) for name in ("ours", *(side.process.name for side in self.theirs.values()))}
        try:
            checks = {case: {side: queues[self._queue(side)].submit(self._check, side, case) for side in self._sides(case)} for case in self.cases}
            return {case: self._compare(case, of_case) for case, of_case in checks.items()}
        finally:
            for queue in queues.values():
                queue.shutdown(cancel_futures=True)

    def groups(self, case):
        """The rows of a case that are timed together: on a GPU one by one, because all together would need several times the memory."""
        rows = [row for row in self.rows if row.case == case]
        return [rows] if self.kind == "cpu" else [[row] for row in rows]

    def measure(self, rows, rounds):
        """Milliseconds of each round, the sides by turns, the order turned round every time."""
        case = rows[0].case
        repeats = {}
        for side in self._of(rows):
            try:
                if not self._is_theirs(side) and OUR_WARM_UPS[self.kind]:
                    side.run(case, OUR_WARM_UPS[self.kind])
                repeats[side] = max(LEAST_REPEATS[self.kind], min(100, int(ROUND_MS[self.kind] / side.run(case, PROBES[self.kind]))))
            except PeerError as error:
                if not self._is_theirs(side):
                    raise
                side.fail(case, error)
        times = {side: [] for side in repeats}
        for number in range(rounds):
            for side in list(times) if number % 2 == 0 else list(times)[::-1]:
                times[side].append(side.run(case, repeats[side]))
        return times

    def memory(self, rows):
        """Peak bytes while the work runs twice more, set-up left out."""
        case = rows[0].case
        peaks = {}
        for side in self._of(rows):
            if self.kind == "cpu" and self._is_theirs(side):
                # A process counts as a whole: no other mode's network shall be in it.
                for other in self.theirs.values():
                    if other is not side:
                        other.release(case)
                side.run(case, 1)
            side.reset_peak()
            side.run(case, 2)
            peaks[side] = side.peak(case)
        return peaks

    def pids(self):
        """The processes of both sides."""
        return [process.pid for process in self._processes.values()]

    def release(self, rows):
        """Gives back what the rows' sides hold for their case."""
        for side in self._of(rows):
            side.release(rows[0].case)

    def retire(self):
        """Ends the processes that were there for the check only, so that they do not disturb."""
        for numerics in self.ours.keys() - {row.numerics for row in self.rows}:
            self.ours.pop(numerics)
            self._processes.pop(numerics).close()

    def _of(self, rows):
        theirs = {side: None for row in rows for side in self.modes_of(row)}
        return [*theirs, *(self.ours[row.numerics] for row in rows)]

    @staticmethod
    def _is_theirs(side):
        return isinstance(side, Theirs)

    def _queue(self, side):
        return side.process.name if self._is_theirs(side) else "ours"

    def _sides(self, case):
        rows = [row for row in self.rows if row.case == case]
        theirs = [self.theirs[name] for name in dict.fromkeys([modes.REFERENCE.name, *(mode.name for row in rows for mode in self._partners[row])])]
        exact = ["exact"] if shapes.is_network(case) else []
        return [*theirs, *(self.ours[numerics] for numerics in dict.fromkeys([row.numerics for row in rows] + exact))]

    def _check(self, side, case):
        try:
            side.check(case, os.path.join(self._folder, case, side.name))
            if self._is_theirs(side) and side.mode.compiled:
                # With dropout the heads are compiled anew: now, beside the other checks, and not while sides take turns. What was compiled is kept.
                side.run(case, 1)
                side.reset_peak()
            elif self._is_theirs(side) and (self.kind == "cuda" or len(self.cases) > 1):
                # What is timed next needs the memory. On the CPU, with one case, the network is kept.
                side.release(case)
        except PeerError as error:
            if not self._is_theirs(side) or side.mode is modes.REFERENCE:
                raise
            side.fail(case, error)

    def _compare(self, case, checks):
        reference = self.theirs[modes.REFERENCE.name]
        worst = {}
        for side, check in checks.items():
            check.result()
            if side is reference or self._is_theirs(side) and case in side.failures:
                continue
            bounds = table.bounds(case, self.kind, side.mode.precision if self._is_theirs(side) else side.name)
            try:
                worst[side.name] = agreement.require(*(os.path.join(self._folder, case, name) for name in (side.name, reference.name)), bounds)
            except ValueError as error:
                raise PeerError(f"{case}, {side.name}: {error}; nothing was timed") from error
        shutil.rmtree(os.path.join(self._folder, case))
        return worst
