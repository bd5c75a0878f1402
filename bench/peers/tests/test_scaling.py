import contextlib
import io
import json
import os
import tempfile
import unittest
from unittest import mock

import bench
import scaling
import shapes
from sides import Ours


def points(time, memory, work=1.0):
    return [{"size": n, "case": f"case-{n}", "times": [2.0 * n**time] * 5, "ms": 2.0 * n**time, "peak_bytes": int(1e9 * n**memory), "multiply_adds": int(1e9 * n**work)} for n in (1, 2, 4, 8)]


class Fits(unittest.TestCase):
    def test_every_series_is_of_steps_and_tasks_go_from_1_to_10(self):
        for device, series in scaling.SERIES.items():
            self.assertEqual(set(series), {"batch", "crop", "tasks", "open blocks", "depth"})
            self.assertEqual((min(series["tasks"]), max(series["tasks"])), (1, 10))
            for size, case in ((size, case) for cases in series.values() for size, case in cases.items()):
                shapes.step(case)
            for size, case in series["depth"].items():
                self.assertEqual(sum(shapes.step(case).stages), size)

    def test_exponents_are_those_of_the_powers(self):
        figures = scaling.fit_row("batch", "fast", points(0.75, 0.1))["figures"]
        self.assertEqual(figures, {"time_exponent": 0.75, "work_exponent": 1.0, "memory_exponent": 0.1})

    def test_what_grows_faster_than_the_work_is_a_sentence(self):
        facts = scaling.fit_row("batch", "fast", points(1.2, 1.5))["facts"]
        self.assertEqual(facts["time_beyond_work"], "batch, fast: step time grows faster than the work, as size^1.2 where the multiply-adds grow as size^1.0")
        self.assertEqual(facts["memory_beyond_work"], "batch, fast: peak memory grows faster than the work, as size^1.5 where the multiply-adds grow as size^1.0")

    def test_what_grows_with_the_work_is_none(self):
        self.assertEqual(set(scaling.fit_row("batch", "fast", points(1.04, 0.3))["facts"]), {"series", "group", "numerics"})


class MadeUp:
    """A process of ours whose time grows with the tasks squared."""

    def __init__(self, started):
        started.append(self)
        self.closed = False

    def ask(self, command, *rest):
        if command == "run":
            return str(float(shapes.step(rest[0]).tasks ** 2))
        if command == "work":
            shape = shapes.step(rest[0])
            return str(shape.tasks * shape.batch * shape.size**2 * sum(shape.stages) * max(1, shape.open))
        if command == "describe":
            return json.dumps({"format": 1, "commit": "abc", "uncommitted_changes": False, "machine": {}, "versions": {}, "policy": {"description": "made up", "deterministic": True}})
        return json.dumps({"peak": 100, "state": 1}) if command == "memory" else "100" if command == "peak" else "ok"

    def close(self):
        self.closed = True


class Reports(unittest.TestCase):
    def run_on(self, device):
        started, output = [], io.StringIO()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "run.json")
            with mock.patch.object(bench, "start", lambda numerics, options: Ours(numerics, MadeUp(started), device != "cpu")), contextlib.redirect_stdout(output):
                scaling.main(["--device", device, "--bench", __file__, "--out", path])
            with open(path) as file:
                rows = {row["name"]: row for row in json.load(file)["rows"]}
        self.assertTrue(all(process.closed for process in started))
        return rows, output.getvalue(), len(started)

    def test_on_a_gpu_one_process_does_all_points(self):
        rows, output, processes = self.run_on("cuda:0")
        self.assertEqual(processes, 1)
        self.assertEqual(rows["tasks/10/fast"]["value"]["median"], 100.0)
        self.assertEqual(rows["tasks/10/fast"]["figures"]["size"], 10)
        self.assertEqual(rows["tasks/time_exponent/fast"]["figures"]["time_exponent"], 2.0)
        self.assertIn("tasks, fast: step time grows faster than the work", output)

    def test_on_the_cpu_each_point_has_a_process(self):
        rows, _, processes = self.run_on("cpu")
        # The first one, which said what the machine is, is replaced before it computes.
        self.assertEqual(processes, 1 + sum(map(len, scaling.SERIES["cpu"].values())))
        self.assertIn("depth/24/fast", rows)


if __name__ == "__main__":
    unittest.main()
