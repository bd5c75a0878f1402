"""How the time of a training step grows with its work: batch, crop, tasks, open blocks and depth. Run it through bench/peers/scaling."""

import argparse
import datetime
import json
import math
import os
import statistics
import sys

import compare
from process import PeerError, Process

ROUNDS = 5
# What grows, and the case of each size.
SERIES = {
    "batch": {n: f"step-r18-64-weights-all-b{n}" for n in (1, 2, 4, 8)},
    "crop": {n: f"step-r18-{n}-weights-all" for n in (64, 96, 128, 192)},
    "tasks": {n: f"step-r18-64-weights-all-t{n}" for n in (1, 2, 3, 5, 7, 10)},
    "open blocks": {n: f"step-r18-64-weights-{n}" for n in (1, 2, 4, 8)},
    "depth": {4 * n: f"step-d{n}-64-weights-all" for n in (1, 2, 4, 6)},
}


def main():
    parser = argparse.ArgumentParser(description="Fit how step time grows with its work.")
    parser.add_argument("--threads", type=int, default=2, help="threads (default: 2)")
    parser.add_argument("--name", default="scaling", help="the last part of the result file's name (default: scaling)")
    parser.add_argument("--bench", required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.rounds, options.isa = ROUNDS, "native"
    report = compare.header(options)
    for key in ("ratio", "ratio_of_best", "disturbed", "memory", "rows"):
        report.pop(key)
    report["series"] = {}
    path = os.path.join(compare.ROOT, "bench", "results", f"{report['date'][:10]}-{options.name}.json")
    for name, cases in SERIES.items():
        points = [measure(size, case, options) for size, case in cases.items()]
        time, work, memory = (exponent(points, key) for key in ("ms", "multiply_adds", "peak_bytes"))
        report["series"][name] = {"time_exponent": time, "work_exponent": work, "memory_exponent": memory, "points": points}
        print(f"{name}: time grows as size^{time}, its multiply-adds as size^{work}, peak memory as size^{memory}{'' if time <= work else '  FASTER THAN THE WORK'}", flush=True)
        compare.save(path, report)
    print(f"written to {os.path.relpath(path, compare.ROOT)}")


def measure(size, case, options):
    """A fresh process for each point: none inherits another's memory."""
    process = Process("fast", ["dotnet", options.bench, str(options.threads), "fast"], dict(os.environ))
    try:
        work = int(process.ask("work", case))
        repeats = max(1, int(compare.ROUND_MS / float(process.ask("run", case, 1))))
        times = [float(process.ask("run", case, repeats)) for _ in range(ROUNDS)]
        process.ask("reset-peak")
        process.ask("run", case, 2)
        point = {"size": size, "case": case, "ms": statistics.median(times), "ms_min": min(times), "ms_max": max(times), "multiply_adds": work, "peak_bytes": int(process.ask("peak"))}
        print(f"  {case:32}{point['ms']:>10.1f} ms{work / 1e9:>9.2f} G multiply-adds{2 * work / 1e6 / point['ms']:>8.0f} GFLOP/s{point['peak_bytes'] / 2**20:>7.0f} MB", flush=True)
        return point
    finally:
        process.close()


def exponent(points, key):
    """The slope of the least-squares line through the logarithms."""
    x, y = ([math.log(point[field]) for point in points] for field in ("size", key))
    mx, my = statistics.fmean(x), statistics.fmean(y)
    return round(sum((a - mx) * (b - my) for a, b in zip(x, y)) / sum((a - mx) ** 2 for a in x), 2)


if __name__ == "__main__":
    try:
        main()
    except PeerError as error:
        sys.exit(f"scaling: {error}")
