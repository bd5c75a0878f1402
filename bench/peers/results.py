"""Files of results in the form of all benchmarks: what AdaShare.Native.Benchmarking/Results/BenchmarkRun.cs says, written from here."""

import datetime
import itertools
import json
import os
import statistics

# The folder of results of a checkout; there is none where these files were taken elsewhere.
FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "results")


def begin(benchmark, options, described, versions):
    """A run without rows.

    described has, by numerics setting, what our processes say of machine, versions, commit and policy; versions are those of the other side.
    """
    first, *_ = described.values()
    commit, changed = first["commit"], first["uncommitted_changes"]
    beside = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(options.bench))), "commit")
    if os.path.exists(beside):
        # The GPU bundle knows its commit, and whether it was made from more than that.
        with open(beside) as file:
            text = file.read().strip()
        commit, changed = text.removesuffix("-dirty"), text.endswith("-dirty")
    return {
        "format": first["format"], "benchmark": benchmark, "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "commit": commit, "uncommitted_changes": changed,
        "machine": first["machine"], "versions": {**first["versions"], **versions}, "policy": policy(options, described), "rows": [],
    }


def policy(options, described):
    """How a run computes whose processes say that of themselves, by numerics setting."""
    policies = [run["policy"] for run in described.values()]
    notes = ["instructions kept to AVX2"] if options.isa == "avx2" else []
    notes += ["engines of convolutions timed before they are chosen"] if options.autotune else []
    return {
        **policies[0], "numerics": ", ".join(described), "deterministic": all(policy["deterministic"] for policy in policies),
        "description": "; ".join([*dict.fromkeys(policy["description"] for policy in policies), *notes]),
    }


def row(name, unit, higher_is_better, samples, figures=None, facts=None):
    """A row. Figures and facts that are None are left out."""
    return {
        "name": name, "unit": unit, "higher_is_better": higher_is_better,
        "value": {"median": figure(statistics.median(samples)), "min": figure(min(samples)), "max": figure(max(samples)), "samples": [figure(sample) for sample in samples]},
        "figures": {key: figure(value) for key, value in (figures or {}).items() if value is not None}, "facts": {key: value for key, value in (facts or {}).items() if value is not None},
    }


def figure(value):
    """A number as a file has it: whole numbers as they are, others with five digits."""
    return value if isinstance(value, int) else float(f"{value:.5g}")


def path(options, date, folder=FOLDER):
    """Where the results go: to the file that was asked for, or else to one in bench/results, or in this folder where there is no such one, that is not there yet."""
    if options.out:
        return options.out
    stem = os.path.join(folder if os.path.isdir(folder) else "", f"{date[:10]}-{options.name}")
    suffixes = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
    return next(name for name in (f"{stem}{suffix}.json" for suffix in suffixes) if not os.path.exists(name))


def save(path, run):
    """Writes a run; a file that is there is replaced whole."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path + ".new", "w") as file:
        json.dump(run, file, indent=2)
        file.write("\n")
    os.replace(path + ".new", path)
