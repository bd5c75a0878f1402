"""Times the same work in PyTorch and in AdaShare.Native by turns and writes the ratios to a file of results. bench/peers/run calls it.

Ends with 0; 1 where results disagree or a process fails; 2 where an option is wrong; 3 where PyTorch or the device is not there.
"""

import argparse
import os
import sys

try:
    import numpy  # noqa: F401
except ImportError as error:
    print(
        f"compare: {sys.executable} has no NumPy ({error}), in which results are compared; install PyTorch with it (Debian: apt-get install python3-torch libopenblas0-pthread), "
        "or name an interpreter that has both in PEERS_PYTHON", file=sys.stderr)
    sys.exit(3)

import bench
import judgement
import modes
import others
import results
import session
import table
from process import PeerError

LEAST_ROUNDS = 5


def main(arguments=None):
    options = parse(arguments)
    kind = modes.family(options.device)
    if options.bench is None:
        prove(options)
        options.bench = bench.build()
    run, path, described = None, None, {}
    for rows in [options.rows] if kind == "cuda" or options.check_only else by_case(options.rows):
        with_processes = session.Session(rows, options)
        try:
            require_blas(with_processes.pytorch, options)
            differences = with_processes.check()
            if options.check_only:
                print_differences(differences)
                continue
            with_processes.retire()
            described.update(with_processes.described)
            if run is None:
                run = results.begin("peers", options, described, with_processes.pytorch)
                path = results.path(options, run["date"])
                print(judgement.HEADER, flush=True)
            run["policy"] = results.policy(options, described)
            for group in [group for case in with_processes.cases for group in with_processes.groups(case)]:
                run["rows"] += timed(with_processes, group, differences[group[0].case], options)
                results.save(path, run)
        finally:
            with_processes.close()
    if run:
        print(*judgement.summary(run), f"written to {os.path.relpath(path)}", sep="\n")
        if not run["rows"]:
            raise PeerError("no mode of PyTorch could do any of the work; nothing was compared")


def parse(arguments):
    parser = argparse.ArgumentParser(description="Compare AdaShare.Native with PyTorch, on the CPU or on a GPU.")
    bench.add_options(parser, "peers")
    parser.add_argument("--modes", type=bench.words, help=f"of PyTorch, separated by commas: {', '.join(modes.MODES)}")
    parser.add_argument("--cases", "--only", metavar="CASES", type=bench.words, help="cases to run, with wildcards, separated by commas: 'conv-r64-*,eval-*'; also any other step, like step-r18-96-warm-b4-t5")
    parser.add_argument("--quick", action="store_true", help="on the CPU some kernels and the steps at 64 pixels; on a GPU one large and one small step")
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS, help=f"rounds of every case (default: {LEAST_ROUNDS})")
    parser.add_argument("--isa", choices=sorted(bench.ISA), default="native", help="the widest instructions that either side may use on the CPU: all that the processor has, or AVX2 (default: native)")
    parser.add_argument("--check-only", action="store_true", help="only see whether both sides compute the same; nothing is timed or written")
    options = parser.parse_args(arguments)
    try:
        check(options)
    except ValueError as error:
        # One sentence, without the usage before it.
        parser.exit(2, f"compare: {error}\n")
    return options


def check(options):
    """Raises ValueError, with a sentence, where an option can't be followed. Sets the rows and the modes that are meant."""
    kind = modes.family(options.device)
    if options.rounds < LEAST_ROUNDS:
        raise ValueError(f"--rounds is {options.rounds}; it must be at least {LEAST_ROUNDS}, fewer have no median worth reporting")
    if kind == "cuda" and options.isa != "native":
        raise ValueError(f"--isa is for the CPU; the device is {options.device}")
    bench.check(options, kind, modes.PARTNERS[kind])
    options.modes_asked, options.modes = options.modes is not None, modes.chosen(options.modes, options.device)
    rows = table.select(kind, options.cases, options.numerics, options.quick)
    options.rows = [row for row in rows if table.partners(row, kind, options.modes, options.modes_asked)]
    if not options.rows:
        raise ValueError(f"none of the modes {', '.join(mode.name for mode in options.modes)} is one that {', '.join(dict.fromkeys(row.numerics for row in rows))} is held against; name others")


def prove(options):
    """Sees to it that PyTorch and the device are there, before anything is built."""
    pytorch = session.start_pytorch("pytorch", options)
    try:
        pytorch.ask("describe")
    finally:
        pytorch.close()


def by_case(rows):
    cases = {}
    for row in rows:
        cases.setdefault(row.case, []).append(row)
    return cases.values()


def require_blas(pytorch, options):
    """Nobody would compare with a PyTorch whose matrix products are those of the reference library."""
    if pytorch.get("pytorch_blas") == "reference" and not options.check_only:
        raise PeerError(
            "PyTorch's matrix products run on the reference BLAS library, which is many times slower than what one would compare with; "
            "install an optimised one (Debian: apt-get install libopenblas0-pthread)", 3)


def timed(with_processes, group, differences, options):
    """The rows of the report for a group of rows of the table, which are of one case."""
    case, kind = group[0].case, with_processes.kind
    load = others.OtherLoad(with_processes.pids())
    times = with_processes.measure(group, options.rounds)
    busy = load.processors(with_processes.pids())
    network = case.startswith(("step-", "eval-"))
    peaks = with_processes.memory(group) if network else {}
    state = with_processes.ours[group[0].numerics].state() if network else 0
    preparation = {side: side.preparation(case) for side in times if kind == "cuda" and side.name in modes.MODES}
    measured = judgement.Measured(kind, times, peaks, differences, busy, state, preparation)
    found = []
    for row in group:
        failures = with_processes.failures_of(row)
        judged = judgement.rows(row, with_processes.ours[row.numerics], with_processes.modes_of(row), failures, measured)
        print(*(judgement.line(entry) for entry in judged), sep="\n", flush=True) if judged else None
        if failures and not judged:
            print(f"{row.case:31}{row.numerics:>9}  not compared: {'; '.join(failures.values())}", flush=True)
        found += judged
    with_processes.release(group)
    return found


def print_differences(differences):
    for case, sides in differences.items():
        for name, kinds in sides.items():
            print(f"{case:31}{name:>20}  agrees with PyTorch: {', '.join(f'{kind} {value:.1e}' for kind, value in kinds.items())}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except PeerError as error:
        print(f"compare: {error}", file=sys.stderr)
        sys.exit(error.status)
    except KeyboardInterrupt:
        sys.exit(130)
