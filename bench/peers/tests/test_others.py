"""How much others compute."""

import os
import subprocess
import sys
import time
import unittest

import others

SPIN = [sys.executable, "-c", "while True: pass"]


class OtherLoadTest(unittest.TestCase):
    def setUp(self):
        if others.busy_seconds() is None:
            self.skipTest("the system does not say how busy its processors are")

    def test_others_are_seen_and_own_processes_are_not(self):
        with subprocess.Popen(SPIN) as process:
            alone, together = others.OtherLoad([]), others.OtherLoad([process.pid])
            time.sleep(1)
            seen, left = alone.processors([]), together.processors([process.pid])
            process.kill()
        self.assertGreater(seen, others.DISTURBING)
        self.assertLess(left, seen)

    def test_the_time_of_a_process_counts_with_this_ones(self):
        with subprocess.Popen(SPIN) as process:
            time.sleep(0.3)
            seconds = others.own_seconds([process.pid])
            process.kill()
        self.assertEqual(set(seconds), {os.getpid(), process.pid})
        self.assertGreater(seconds[process.pid], 0)

    def test_a_process_that_is_gone_is_left_out(self):
        with subprocess.Popen([sys.executable, "-c", ""]) as process:
            process.wait()
        self.assertEqual(set(others.own_seconds([process.pid])), {os.getpid()})
