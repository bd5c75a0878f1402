"""What was measured, as rows of the report and as lines on the screen."""

import statistics

import others
import results
import table

HEADER = f"{'case':31}{'numerics':>9}  {'PyTorch mode':25}{'PyTorch ms':>11}{'ours ms':>9}{'ratio':>7}{'lowest':>8}{'highest':>8}{'must':>6}{'aim':>5}{'PyTorch MB':>12}{'ours MB':>9}"


class Measured:
    """What a group of rows was measured with: times and peak bytes of each side, differences by name, the processors that others kept busy or None, the bytes of parameters and optimiser state."""

    def __init__(self, kind, times, peaks, differences, others, state, preparation):
        self.kind, self.times, self.peaks, self.differences, self.others, self.state, self.preparation = kind, times, peaks, differences, others, state, preparation


def rows(row, ours, modes, failures, measured):
    """The rows of the report for a row of the table: one for each mode, and, where there are several, one for the fastest of them, which has the bounds."""
    alive = [mode for mode in modes if mode in measured.times]
    if not alive:
        return []
    best = min(alive, key=lambda mode: statistics.median(measured.times[mode]))
    left_out = "; ".join(f"{name}: {reason}" for name, reason in failures.items()) or None
    if len(alive) == 1 and not failures:
        return [_row(row, ours, best, measured, best.name, bounded=True)]
    return [*(_row(row, ours, mode, measured, mode.name, bounded=False) for mode in alive), _row(row, ours, best, measured, "best", bounded=True, left_out=left_out)]


def _row(row, ours, mode, measured, label, bounded, left_out=None):
    theirs, mine = measured.times[mode], measured.times[ours]
    ratios = [a / b for a, b in zip(theirs, mine)]
    ratio = statistics.median(theirs) / statistics.median(mine)
    must, aim = (row.must, row.aim) if bounded else (None, None)
    share, beyond, memory_must = None, None, None
    if measured.peaks:
        share = measured.peaks[ours] / measured.peaks[mode]
        # Parameters and optimiser state are the same numbers on both sides: what is left is what either side adds to them.
        beyond = (measured.peaks[ours] - measured.state) / (measured.peaks[mode] - measured.state)
        memory_must = row.memory if bounded else None
    bounds = table.bounds(row.case, measured.kind, row.numerics)
    figures = {
        "pytorch_ms": statistics.median(theirs), "ours_ms": statistics.median(mine), "ratio_of_medians": ratio, "ratio_of_best": min(theirs) / min(mine),
        "must": must, "aim": aim,
        **_named("difference", measured.differences[ours.name]), **_named("exact_difference", measured.differences.get("exact", {}) if ours.name != "exact" else {}),
        **_named("pytorch_difference", measured.differences.get(mode.name, {})),
        "pytorch_peak_bytes": measured.peaks.get(mode), "ours_peak_bytes": measured.peaks.get(ours), "state_bytes": measured.state if measured.peaks else None,
        "memory_share": share, "share_beyond_state": beyond, "memory_must": memory_must,
        "pytorch_preparation_s": measured.preparation.get(mode), "others_processors": measured.others,
    }
    facts = {
        "case": row.case, "group": row.case.split("-")[0], "numerics": row.numerics, "mode": mode.name, "work": row.work,
        "pass": _yes(must and ratio >= must, must), "aim_met": _yes(aim and ratio >= aim, aim), "memory_pass": _yes(memory_must and share <= memory_must, memory_must),
        "disturbed": f"{measured.others:.1f} processors were busy with others" if (measured.others or 0) > others.DISTURBING else None,
        "pytorch_rounds_ms": _rounds(theirs), "ours_rounds_ms": _rounds(mine),
        "tolerance": ", ".join(f"{kind} {bound:.0e}" for kind, bound in bounds._asdict().items() if bound is not None), "left_out": left_out,
    }
    return results.row(f"{row.case}/{row.numerics}/{label}", "ratio", True, ratios, figures, facts)


def _named(prefix, values):
    return {f"{prefix}_{kind}": value for kind, value in values.items()}


def _rounds(times):
    return ", ".join(f"{time:.5g}" for time in times)


def _yes(holds, asked):
    return None if asked is None else "yes" if holds else "no"


def line(row):
    """A row of the report on a line."""
    figures, facts, value = row["figures"], row["facts"], row["value"]
    number = lambda key, width: f"{figures[key]:>{width}}" if key in figures else f"{'-':>{width}}"
    size = lambda key, width: f"{figures[key] / 2**20:>{width}.0f}" if key in figures else f"{'-':>{width}}"
    label = row["name"].rsplit("/", 1)[1]
    mode = f"best: {facts['mode']}" if label == "best" else label
    verdicts = [text for text, holds in (
        ("aim met", facts.get("aim_met") == "yes"), ("pass", facts.get("pass") == "yes" and facts.get("aim_met") != "yes"), ("MISSED", facts.get("pass") == "no"),
        ("memory MISSED", facts.get("memory_pass") == "no"), ("(disturbed)", "disturbed" in facts), (f"without {facts.get('left_out')}", "left_out" in facts)) if holds]
    return (f"{facts['case']:31}{facts['numerics']:>9}  {mode:25}{figures['pytorch_ms']:>11.2f}{figures['ours_ms']:>9.2f}{figures['ratio_of_medians']:>7.2f}{value['min']:>8.2f}{value['max']:>8.2f}"
            f"{number('must', 6)}{number('aim', 5)}{size('pytorch_peak_bytes', 12)}{size('ours_peak_bytes', 9)}  {', '.join(verdicts)}").rstrip()


def summary(run):
    """The closing lines of a run."""
    graded = [row["facts"]["pass"] for row in run["rows"] if "pass" in row["facts"]]
    disturbed = sum("disturbed" in row["facts"] for row in run["rows"])
    if disturbed:
        yield f"{disturbed} of {len(run['rows'])} rows were measured while others used the machine; repeat them when it is quiet"
    if graded:
        yield f"{graded.count('yes')} of {len(graded)} musts hold"
