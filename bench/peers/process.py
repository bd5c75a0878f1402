"""A process that answers a line with a line."""

import subprocess


class PeerError(Exception):
    """A process could not do what it was asked."""


class Process:
    def __init__(self, name, command, environment):
        self.name = name
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=environment)

    def ask(self, *words):
        line = " ".join(str(word) for word in words)
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline().strip()
        except BrokenPipeError:
            answer = ""
        if not answer or answer.startswith("error"):
            raise PeerError(f"{self.name}: {line}: {answer or 'the process ended'}")
        return answer

    def close(self):
        try:
            self._process.stdin.write("quit\n")
            self._process.stdin.close()
        except (BrokenPipeError, OSError):
            pass
        self._process.wait()
