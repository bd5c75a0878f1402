"""Files of results."""

import argparse
import os
import tempfile
import unittest

import results


class PathTest(unittest.TestCase):
    def test_a_run_never_replaces_another(self):
        options = argparse.Namespace(out=None, name="peers")
        with tempfile.TemporaryDirectory() as folder:
            names = []
            for _ in range(3):
                path = results.path(options, "2026-11-26T10:00:00+00:00", folder)
                self.assertEqual(os.path.dirname(path), folder)
                results.save(path, {"rows": []})
                names.append(os.path.basename(path))
        self.assertEqual(names, ["2026-11-26-peers.json", "2026-11-26-peers-2.json", "2026-11-26-peers-3.json"])

    def test_a_file_that_is_named_is_that_file(self):
        self.assertEqual(results.path(argparse.Namespace(out="a/b.json", name="peers"), "2026-11-26"), "a/b.json")
