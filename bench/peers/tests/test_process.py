import os
import sys
import unittest

from process import PeerError, Process

ECHO = "import sys\nfor line in sys.stdin:\n    print('error: no' if line.startswith('bad') else line.strip(), flush=True)\n    if line.startswith('end'): break"


def python(code):
    return Process("peer", [sys.executable, "-c", code], dict(os.environ))


class Processes(unittest.TestCase):
    def test_answers_lines_and_starts_again(self):
        process = python(ECHO)
        self.addCleanup(process.close)
        self.assertEqual(process.ask("run", "case", 3), "run case 3")
        process.restart()
        self.assertEqual(process.ask("again"), "again")

    def test_an_error_is_raised_with_the_line_that_caused_it(self):
        process = python(ECHO)
        self.addCleanup(process.close)
        with self.assertRaisesRegex(PeerError, "peer: bad line: error: no"):
            process.ask("bad", "line")
        self.assertEqual(process.ask("good"), "good")

    def test_the_last_words_and_the_status_of_a_process_that_ends_are_kept(self):
        process = python("import sys; print('first', file=sys.stderr); print('no device here', file=sys.stderr); sys.exit(3)")
        self.addCleanup(process.close)
        with self.assertRaisesRegex(PeerError, "^peer: no device here$") as caught:
            process.ask("describe")
        self.assertEqual(caught.exception.status, 3)

    def test_a_silent_end_is_told(self):
        process = python("import sys; sys.exit(7)")
        self.addCleanup(process.close)
        with self.assertRaisesRegex(PeerError, "peer: describe: the process ended with 7") as caught:
            process.ask("describe")
        self.assertEqual(caught.exception.status, 1)

    def test_a_program_that_is_not_there_is_a_sentence(self):
        with self.assertRaisesRegex(PeerError, "peer: /no/such/program does not start: No such file or directory"):
            Process("peer", ["/no/such/program"], dict(os.environ))


if __name__ == "__main__":
    unittest.main()
