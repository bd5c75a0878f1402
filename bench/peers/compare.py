"""Times the same work in PyTorch and in AdaShare.Native by turns and writes the ratios to bench/results. Run it through bench/peers/run."""

import argparse
import datetime
import fnmatch
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

import agreement
import table
from process import PeerError, Process

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
# A round repeats short work for so long, so that the clock and the processor's frequency do not decide.
ROUND_MS = 100
# What the run itself may add to the load average while the machine is otherwise idle, beyond one task a processor.
OWN_LOAD = 0.5
# What keeps a process to an instruction set: oneDNN, ATen's own kernels and OpenBLAS on one side, the .NET runtime on the other.
ISA = {
    "native": {},
    "avx2": {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2", "OPENBLAS_CORETYPE": "Haswell", "DOTNET_EnableAVX512": "0"},
}


def main():
    options = arguments()
    rows = select(options)
    if not rows:
        sys.exit(f"no case matches {options.only}")
    report = header(options)
    path = os.path.join(ROOT, "bench", "results", f"{report['date'][:10]}-{options.name}.json")
    by_case = {}
    for row in rows:
        by_case.setdefault(row.case, []).append(row)
    print(f"{'case':28}{'numerics':>9}{'PyTorch ms':>12}{'ours ms':>11}{'ratio':>7}{'best':>7}{'must':>6}{'aim':>6}", flush=True)
    for case, wanted in by_case.items():
        compare(case, wanted, options, report)
        save(path, report)
    missed = [row for row in report["rows"] if row["pass"] is False]
    graded = [row for row in report["rows"] if row["pass"] is not None]
    disturbed = sum(row["disturbed"] for row in report["rows"])
    if disturbed:
        print(f"{disturbed} of {len(report['rows'])} rows were measured while others used the machine; repeat them when it is quiet")
    print(f"{len(graded) - len(missed)} of {len(graded)} musts hold; written to {os.path.relpath(path, ROOT)}")


def arguments():
    parser = argparse.ArgumentParser(description="Compare AdaShare.Native with PyTorch on the CPU.")
    parser.add_argument("--quick", action="store_true", help="a few kernels and the steps at 64 pixels only")
    parser.add_argument("--only", metavar="CASES", help="cases to run, with wildcards, separated by commas: 'conv-r64-*,eval-*'")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of every case (default: 5)")
    parser.add_argument("--threads", type=int, default=2, help="threads on either side (default: 2)")
    parser.add_argument("--isa", choices=sorted(ISA), default="native", help="the widest instructions that either side may use: all that the processor has, or AVX2 (default: native)")
    parser.add_argument("--name", default="peers", help="the last part of the result file's name (default: peers)")
    parser.add_argument("--bench", required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.rounds < 5:
        parser.error("--rounds must be at least 5: fewer have no median worth reporting")
    return options


def select(options):
    rows = table.rows()
    if options.quick:
        rows = [row for row in rows if row.case.startswith(table.QUICK)]
    if options.only:
        patterns = options.only.split(",")
        rows = [row for row in rows if any(fnmatch.fnmatch(row.case, pattern) for pattern in patterns)]
    return rows


def header(options):
    git = lambda *words: subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True, check=True).stdout.strip()
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    # What is timed is src/ and the benchmark; result files of earlier runs do not make a commit unclean.
    changed = bool(git("status", "--porcelain", "--", "src", "bench/AdaShare.Native.Bench", "bench/peers"))
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "commit": git("rev-parse", "HEAD"), "uncommitted_changes": changed,
        "machine": {"processor": model, "processors": os.cpu_count(), "system": platform.system() + " " + platform.machine()},
        "threads": options.threads, "rounds": options.rounds, "isa": options.isa,
        "ratio": "PyTorch's median time / our median time; above 1 we are faster", "ratio_of_best": "the same of the shortest rounds",
        "disturbed": "the load average was above what the run itself causes: others computed, and the ratio says less",
        "versions": {}, "rows": [], "memory": [],
    }


def compare(case, rows, options, report):
    processes = start(rows, options)
    try:
        for process in processes.values():
            report["versions"][process.name] = json.loads(process.ask("describe"))
        differences = check(case, rows, processes)
        for unused in processes.keys() - {"pytorch"} - {row.numerics for row in rows}:
            processes.pop(unused).close()
        load = os.getloadavg()[0]
        times = measure(case, processes, options.rounds)
        for row in rows:
            entry = judge(row, times, differences, load)
            report["rows"].append(entry)
            show(entry)
        if is_network(case):
            report["memory"] += memory(case, rows, processes)
    finally:
        for process in processes.values():
            process.close()


def start(rows, options):
    """A fresh process of either side for each case: no case inherits another one's memory."""
    environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads), OPENBLAS_NUM_THREADS=str(options.threads), **ISA[options.isa])
    processes = {"pytorch": Process("pytorch", [sys.executable, os.path.join(HERE, "worker.py"), str(options.threads)], environment)}
    settings = {row.numerics for row in rows} | ({"exact"} if is_network(rows[0].case) else set())
    for numerics in sorted(settings):
        processes[numerics] = Process(numerics, ["dotnet", options.bench, str(options.threads), numerics], environment)
    return processes


def check(case, rows, processes):
    """The largest differences of each numerics setting's results from PyTorch's; ends the run where one is too large: then other work would be timed."""
    folder = tempfile.mkdtemp(prefix="peers-")
    try:
        for name, process in processes.items():
            process.ask("check", case, os.path.join(folder, name))
        bounds = {row.numerics: (row.tolerance, row.gradients or row.tolerance) for row in rows}
        if is_network(case):
            bounds["exact"] = (table.NETWORK, table.EXACT_GRADIENTS)
        worst = {}
        for numerics, (values, gradients) in bounds.items():
            worst[numerics] = {"values": 0.0}
            for result, value in agreement.differences(os.path.join(folder, numerics), os.path.join(folder, "pytorch")).items():
                kind, bound = ("gradients", gradients) if result.startswith("gradient.") else ("values", values)
                if not value <= bound:
                    raise PeerError(f"{case}, {numerics}: {result} differs from PyTorch's by {value:.1e} of its norm, more than {bound:.0e}; nothing was timed")
                worst[numerics][kind] = max(worst[numerics].get(kind, 0.0), float(f"{value:.2e}"))
        return worst
    except ValueError as error:
        raise PeerError(f"{case}: {error}") from error
    finally:
        shutil.rmtree(folder)


def is_network(case):
    return case.startswith(("step-", "eval-"))


def measure(case, processes, rounds):
    """Milliseconds of each round, the sides by turns, the order turned round every time."""
    repeats, times = {}, {name: [] for name in processes}
    for name, process in processes.items():
        repeats[name] = max(1, min(100, int(ROUND_MS / float(process.ask("run", case, 1)))))
    for round_number in range(rounds):
        order = list(processes) if round_number % 2 == 0 else list(processes)[::-1]
        for name in order:
            times[name].append(float(processes[name].ask("run", case, repeats[name])))
    return times


def judge(row, times, differences, load):
    theirs, ours = times["pytorch"], times[row.numerics]
    ratio = statistics.median(theirs) / statistics.median(ours)
    each = [a / b for a, b in zip(theirs, ours)]
    return {
        "case": row.case, "numerics": row.numerics, "work": row.work, "ratio": round(ratio, 3), "ratio_min": round(min(each), 3), "ratio_max": round(max(each), 3),
        "ratio_of_best": round(min(theirs) / min(ours), 3),
        "must": row.must, "aim": row.aim, "pass": None if row.must is None else ratio >= row.must, "aim_met": None if row.aim is None else ratio >= row.aim,
        "pytorch_ms": spread(theirs), "ours_ms": spread(ours), "differences": differences, "tolerance": row.tolerance, "gradient_tolerance": row.gradients, "load_average": round(load, 2),
        "disturbed": load > os.cpu_count() + OWN_LOAD,
    }


def spread(times):
    return {"median": round(statistics.median(times), 4), "min": round(min(times), 4), "max": round(max(times), 4), "rounds": [round(t, 4) for t in times]}


def memory(case, rows, processes):
    """Peak resident memory while the work runs twice more, set-up left out."""
    peaks = {}
    for name, process in processes.items():
        process.ask("reset-peak")
        process.ask("run", case, 2)
        peaks[name] = int(process.ask("peak"))
    # Only steps have a bound; of an evaluation the figure is reported.
    bound = table.MEMORY_SHARE if case.startswith("step-") else None
    result = []
    for row in rows:
        # Parameters and optimiser state are the same numbers on both sides: what is left is what either side adds to them.
        state = json.loads(processes[row.numerics].ask("memory"))["state"]
        beyond = (peaks[row.numerics] - state) / (peaks["pytorch"] - state)
        share = peaks[row.numerics] / peaks["pytorch"]
        result.append({
            "case": case, "numerics": row.numerics, "pytorch_bytes": peaks["pytorch"], "ours_bytes": peaks[row.numerics], "share": round(share, 3),
            "state_bytes": state, "share_beyond_state": round(beyond, 3),
            "must": bound, "pass": None if bound is None else share <= bound})
        print(f"{'  peak memory':28}{row.numerics:>9}{peaks['pytorch'] / 2**20:>9.0f} MB{peaks[row.numerics] / 2**20:>8.0f} MB   share {share:.3f}, beyond parameters and optimiser state {beyond:.2f}{'' if bound is None else '  pass' if share <= bound else '  MISSED'}", flush=True)
    return result


def show(entry):
    verdict = "" if entry["pass"] is None else "  aim met" if entry["aim_met"] else "  pass" if entry["pass"] else "  MISSED"
    bounds = "".join(f"{'-' if entry[key] is None else entry[key]:>6}" for key in ("must", "aim"))
    print(f"{entry['case']:28}{entry['numerics']:>9}{entry['pytorch_ms']['median']:>12.2f}{entry['ours_ms']['median']:>11.2f}{entry['ratio']:>7.2f}{entry['ratio_of_best']:>7.2f}{bounds}{verdict}{' (disturbed)' if entry['disturbed'] else ''}", flush=True)


def save(path, report):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "w") as file:
        json.dump(report, file, indent=1)
        file.write("\n")
    os.replace(path + ".new", path)


if __name__ == "__main__":
    try:
        main()
    except PeerError as error:
        sys.exit(f"compare: {error}")
