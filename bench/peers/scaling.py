"""How step time and memory grow with the work: batch, crop, tasks, open blocks and depth. bench/peers/scaling calls it; it needs no PyTorch.

Ends with 0; 1 where a process fails; 2 where an option is wrong; 3 where the device is not there.
"""

import argparse
import json
import math
import os
import statistics
import sys

import bench
import modes
import results
from process import PeerError

ROUNDS = 5
ROUND_MS = 100
# Runs before a case is timed: on a GPU the first steps make plans and record the graph.
WARM_UPS = {"cpu": 1, "cuda": 5}
# Exponents are rounded to two digits, and differ by a few hundredths from run to run.
SLACK = 0.05
# Facts of a fit: sentences about what grows faster than the work, which the report repeats.
WARNINGS = ("time_beyond_work", "memory_beyond_work")
# What grows, and the case of each size. On a GPU they are as large as its users' are, and few: it takes half a minute.
SERIES = {
    "cpu": {
        "batch": {n: f"step-r18-64-weights-all-b{n}" for n in (1, 2, 4, 8)},
        "crop": {n: f"step-r18-{n}-weights-all" for n in (64, 96, 128, 192)},
        "tasks": {n: f"step-r18-64-weights-all-t{n}" for n in (1, 2, 3, 5, 7, 10)},
        "open blocks": {n: f"step-r18-64-weights-{n}" for n in (1, 2, 4, 8)},
        "depth": {4 * n: f"step-d{n}-64-weights-all" for n in (1, 2, 4, 6)},
    },
    "cuda": {
        "batch": {n: f"step-r18-321-weights-all-b{n}" for n in (1, 4, 8, 16)},
        "crop": {n: f"step-r18-{n}-weights-all-b8" for n in (161, 225, 321)},
        "tasks": {n: f"step-r18-321-weights-all-b4-t{n}" for n in (1, 2, 4, 7, 10)},
        "open blocks": {n: f"step-r18-321-weights-{n}-b8" for n in (1, 4, 8)},
        "depth": {4 * n: f"step-d{n}-321-weights-all-b4" for n in (1, 2, 4)},
    },
}


def main(arguments=None):
    options = parse(arguments)
    kind = modes.family(options.device)
    options.bench = options.bench or bench.build()
    sides = Sides(options)
    try:
        run = results.begin("scaling", options, {numerics: sides.describe(numerics) for numerics in options.numerics}, {})
        path = results.path(options, run["date"])
        sentences = []
        for numerics in options.numerics:
            for series, cases in SERIES[kind].items():
                points = [measure(size, case, sides.fresh(numerics), kind) for size, case in cases.items()]
                run["rows"] += [point_row(series, numerics, point) for point in points]
                row = fit_row(series, numerics, points)
                run["rows"].append(row)
                figures = row["figures"]
                print(f"{series}: time grows as size^{figures['time_exponent']}, its multiply-adds as size^{figures['work_exponent']}, peak memory as size^{figures['memory_exponent']}", flush=True)
                sentences += [row["facts"][key] for key in WARNINGS if key in row["facts"]]
                results.save(path, run)
    finally:
        sides.close()
    print(*(sentences or ["neither time nor memory grows faster than the work in any series"]), f"written to {os.path.relpath(path)}", sep="\n")


def parse(arguments):
    parser = argparse.ArgumentParser(description="Fit how the time and memory of a training step grow with its work.")
    bench.add_options(parser, "scaling")
    options = parser.parse_args(arguments)
    options.isa = "native"
    try:
        kind = modes.family(options.device)
        options.numerics = options.numerics or ["fast"]
        bench.check(options, kind, modes.PARTNERS[kind])
    except ValueError as error:
        parser.exit(2, f"scaling: {error}\n")
    return options


class Sides:
    """Our processes. On the CPU each point has one of its own, so that none inherits another's memory; on a GPU what a case has allocated is counted."""

    def __init__(self, options):
        self._options, self._running = options, {}

    def describe(self, numerics):
        return json.loads(self._get(numerics).process.ask("describe"))

    def fresh(self, numerics):
        if self._options.device == "cpu" and numerics in self._running:
            self._running.pop(numerics).process.close()
        return self._get(numerics)

    def close(self):
        for side in self._running.values():
            side.process.close()

    def _get(self, numerics):
        if numerics not in self._running:
            self._running[numerics] = bench.start(numerics, self._options)
        return self._running[numerics]


def measure(size, case, side, kind):
    """A point of a series."""
    work = side.work(case)
    side.run(case, WARM_UPS[kind])
    repeats = max(1, int(ROUND_MS / side.run(case, 1)))
    times = [side.run(case, repeats) for _ in range(ROUNDS)]
    side.reset_peak()
    side.run(case, 2)
    point = {"size": size, "case": case, "times": times, "ms": statistics.median(times), "multiply_adds": work, "peak_bytes": side.peak(case)}
    side.release(case)
    print(f"  {case:36}{point['ms']:>10.1f} ms{work / 1e9:>10.2f} G multiply-adds{gflops(point):>9.0f} GFLOP/s{point['peak_bytes'] / 2**20:>8.0f} MB", flush=True)
    return point


def gflops(point):
    return 2 * point["multiply_adds"] / 1e6 / point["ms"]


def point_row(series, numerics, point):
    figures = {"size": point["size"], "multiply_adds": point["multiply_adds"], "gflop_per_s": gflops(point), "peak_bytes": point["peak_bytes"]}
    return results.row(f"{series}/{point['size']}/{numerics}", "ms", False, point["times"], figures, {"series": series, "group": series, "case": point["case"], "numerics": numerics})


def fit_row(series, numerics, points):
    """The exponents of a series, and a sentence for what grows faster than the work."""
    time, work, memory = (exponent(points, key) for key in ("ms", "multiply_adds", "peak_bytes"))
    facts = {"series": series, "group": "exponents of time", "numerics": numerics}
    for key, value, what in zip(WARNINGS, (time, memory), ("step time", "peak memory")):
        if value > work + SLACK:
            facts[key] = f"{series}, {numerics}: {what} grows faster than the work, as size^{value} where the multiply-adds grow as size^{work}"
    return results.row(f"{series}/time_exponent/{numerics}", "exponent", False, [time], {"time_exponent": time, "work_exponent": work, "memory_exponent": memory}, facts)


def exponent(points, key):
    """The slope of the least-squares line through the logarithms."""
    x, y = ([math.log(point[field]) for point in points] for field in ("size", key))
    mx, my = statistics.fmean(x), statistics.fmean(y)
    return round(sum((a - mx) * (b - my) for a, b in zip(x, y)) / sum((a - mx) ** 2 for a in x), 2)


if __name__ == "__main__":
    try:
        main()
    except PeerError as error:
        print(f"scaling: {error}", file=sys.stderr)
        sys.exit(error.status)
    except KeyboardInterrupt:
        sys.exit(130)
