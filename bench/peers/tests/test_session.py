"""The driver on a GPU, with processes that are made up: which sides are checked and timed, and what becomes of modes that fail."""

import contextlib
import io
import json
import os
import tempfile
import unittest
from unittest import mock

import numpy as np

import bench
import compare
import session
from process import PeerError
from sides import Ours

CASE = "step-r18-64-weights-1"
BYTES = {"ours": 100 << 20, "pytorch": 400 << 20, "state": 80 << 20}


class MadeUp:
    """A process of either side. failing has the modes that fail, by command; wrong the sides whose results differ."""

    def __init__(self, name, milliseconds, failing=(), wrong=()):
        self.name, self.milliseconds, self.failing, self.wrong = name, milliseconds, failing, wrong
        self.mode, self.asked, self.closed, self.pid = None, [], False, os.getpid()

    def ask(self, *words):
        self.asked.append(words)
        command, *rest = words
        if (self.mode, command) in self.failing:
            raise PeerError(f"{self.name}: {command}: error: OutOfMemoryError: none left")
        return str(getattr(self, "answer_" + command.replace("-", "_"), lambda *_: "ok")(*rest))

    def restart(self):
        self.mode = None

    def close(self):
        self.closed = True

    def answer_mode(self, name):
        self.mode = name
        return "ok"

    def answer_check(self, case, folder):
        os.makedirs(folder)
        np.array([1.5 if (self.mode or self.name) in self.wrong else 1.0], "<f4").tofile(os.path.join(folder, "loss.total.f32"))
        return "ok"

    def answer_run(self, case, repeats):
        return self.milliseconds[self.mode or self.name]

    def answer_peak(self, case):
        return BYTES["pytorch"]

    def answer_preparation(self, case):
        return 1.5

    def answer_memory(self):
        return json.dumps({"peak": BYTES["ours"], "state": BYTES["state"]})

    def answer_describe(self):
        if self.name.startswith("pytorch"):
            return json.dumps({"pytorch": "2.11.0"})
        return json.dumps({
            "format": 1, "benchmark": "peers", "date": "2026-01-01T00:00:00+00:00", "commit": "abc", "uncommitted_changes": False,
            "machine": {"processor": "p", "processors": 16, "system": "s", "gpu": "g", "driver": "d"}, "versions": {"runtime": "r"},
            "policy": {"device": "cuda:0", "numerics": self.name, "threads": 0, "deterministic": True, "description": self.name}, "rows": []})


class OnAGpu(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.bench = os.path.join(self.folder.name, "bin", "AdaShare.Native.Bench")
        os.makedirs(os.path.dirname(self.bench))
        for path, text in ((self.bench, ""), (os.path.join(self.folder.name, "commit"), "1234abc-dirty\n")):
            with open(path, "w") as file:
                file.write(text)
        self.out = os.path.join(self.folder.name, "out", "run.json")
        self.processes = []
        self.milliseconds = {"exact": 9.0, "fast": 5.0, "bfloat16": 2.0, "eager-fp32": 18.0, "eager-tf32": 12.0, "channels-last-tf32": 10.0, "channels-last-bf16": 6.0, "graph-bf16": 3.0, "compile-bf16": 4.0}

    def compare(self, *arguments, failing=(), wrong=()):
        def make(name, only_checked=()):
            process = MadeUp(name, self.milliseconds, failing, wrong)
            process.only_checked = list(only_checked)
            self.processes.append(process)
            return process

        output = io.StringIO()
        with mock.patch.object(session, "start_pytorch", lambda name, options, only_checked=(): make(name, only_checked)), \
                mock.patch.object(bench, "start", lambda numerics, options: Ours(numerics, make(numerics), True)), contextlib.redirect_stdout(output):
            compare.main(["--device", "cuda:0", "--bench", self.bench, "--out", self.out, "--cases", CASE, *arguments])
        with open(self.out) as file:
            return {row["name"]: row for row in json.load(file)["rows"]}, output.getvalue()

    def test_each_numerics_setting_is_held_against_its_modes_and_the_best_of_them(self):
        rows, _ = self.compare()
        self.assertEqual(list(rows), [f"{CASE}/{name}" for name in (
            "exact/eager-fp32", "fast/eager-tf32", "fast/channels-last-tf32", "fast/best", "bfloat16/channels-last-bf16", "bfloat16/graph-bf16", "bfloat16/best")])
        best = rows[f"{CASE}/bfloat16/best"]
        self.assertEqual(best["facts"]["mode"], "graph-bf16")
        self.assertEqual(best["value"], {"median": 1.5, "min": 1.5, "max": 1.5, "samples": [1.5] * 5})
        self.assertEqual((best["figures"]["pytorch_ms"], best["figures"]["ours_ms"], best["figures"]["pytorch_preparation_s"]), (3.0, 2.0, 1.5))
        self.assertEqual((best["figures"]["memory_share"], best["figures"]["share_beyond_state"]), (0.25, 0.0625))
        self.assertTrue(all(process.closed for process in self.processes))

    def test_the_commit_is_that_of_the_bundle(self):
        self.compare()
        with open(self.out) as file:
            run = json.load(file)
        self.assertEqual((run["commit"], run["uncommitted_changes"]), ("1234abc", True))
        self.assertEqual(run["policy"]["numerics"], "bfloat16, exact, fast")

    def test_a_mode_that_fails_is_left_out_and_said(self):
        for command in ("check", "run"):
            with self.subTest(command):
                rows, output = self.compare(failing={("graph-bf16", command)})
                self.assertNotIn(f"{CASE}/bfloat16/graph-bf16", rows)
                self.assertEqual(rows[f"{CASE}/bfloat16/best"]["facts"]["mode"], "channels-last-bf16")
                self.assertIn("graph-bf16: pytorch: " + command + ": error: OutOfMemoryError", rows[f"{CASE}/bfloat16/best"]["facts"]["left_out"])
                self.assertIn("without graph-bf16", output)
                self.assertIn(f"{CASE}/fast/best", rows)

    def test_where_all_modes_of_a_setting_fail_the_others_go_on(self):
        rows, output = self.compare(failing={("graph-bf16", "check"), ("channels-last-bf16", "check")})
        self.assertFalse([name for name in rows if "bfloat16" in name])
        self.assertIn("not compared: ", output)
        self.assertIn(f"{CASE}/exact/eager-fp32", rows)

    def test_whoever_disagrees_ends_the_run(self):
        for side in ("exact", "fast", "bfloat16", "eager-tf32", "graph-bf16"):
            with self.subTest(side), self.assertRaisesRegex(PeerError, f"{CASE}, {side}: loss.total differs from PyTorch's by 5.0e-01 of its norm.*nothing was timed"):
                self.compare(wrong={side})
            self.assertFalse(os.path.exists(self.out))

    def test_our_failure_ends_the_run(self):
        with self.assertRaisesRegex(PeerError, "exact: run: error"):
            self.compare(failing={(None, "run")}, wrong=())

    def test_compiled_modes_have_a_process_of_their_own(self):
        rows, _ = self.compare("--modes", "channels-last-bf16,compile-bf16")
        self.assertEqual(list(rows), [f"{CASE}/bfloat16/{name}" for name in ("channels-last-bf16", "compile-bf16", "best")])
        compiled, = (process for process in self.processes if process.name == "pytorch, compiled")
        # What was compiled for the check is not given back before it is timed.
        commands = [words[0] for words in compiled.asked if words[0] != "mode"]
        self.assertLess(commands.index("run"), commands.index("release"))

    def test_the_reference_looks_for_fast_engines_only_where_it_is_timed(self):
        self.compare("--modes", "channels-last-tf32", "--numerics", "fast")
        self.compare("--modes", "eager-fp32,channels-last-tf32")
        checked, timed = (process.only_checked for process in self.processes if process.name == "pytorch" and hasattr(process, "only_checked") and len(process.asked) > 2)
        self.assertEqual((checked, timed), (["eager-fp32"], []))

    def test_sides_take_turns_in_turned_order(self):
        self.compare("--modes", "channels-last-tf32", "--numerics", "fast")
        pytorch, = (process for process in self.processes if process.name == "pytorch")
        self.assertGreaterEqual(sum(words[0] == "run" for words in pytorch.asked), compare.LEAST_ROUNDS)


if __name__ == "__main__":
    unittest.main()
