"""A process that answers a line with a line."""

import subprocess
import tempfile

# Seconds that a process has to end by itself.
PATIENCE = 10


class PeerError(Exception):
    """A process could not do what it was asked, or what it did is not what it should be. status is what the program should end with."""

    def __init__(self, message, status=1):
        super().__init__(message)
        self.status = status


class Process:
    """A process, and what it needs to be started again."""

    def __init__(self, name, command, environment):
        self.name, self._command, self._environment = name, command, environment
        self._start()

    def _start(self):
        self._errors = tempfile.TemporaryFile("w+")
        try:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True, bufsize=1, env=self._environment)
        except OSError as error:
            self._errors.close()
            raise PeerError(f"{self.name}: {self._command[0]} does not start: {error.strerror}", 3) from error

    @property
    def pid(self):
        return self._process.pid

    def ask(self, *words):
        """The answer to a line. Raises PeerError where it is an error, or the process has ended; its last words are the message then, and its status is kept where it is 2 or 3."""
        line = " ".join(str(word) for word in words)
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline().strip()
        except (OSError, ValueError):
            answer = ""
        if not answer:
            status = self._end()
            raise PeerError(f"{self.name}: {self._last_words() or f'{line}: the process ended with {status}'}", status if status in (2, 3) else 1)
        if answer.startswith("error"):
            raise PeerError(f"{self.name}: {line}: {answer}")
        return answer

    def restart(self):
        """Starts the process anew: after a failure of its device nothing that it does can be trusted."""
        self.close()
        self._start()

    def close(self):
        try:
            self._process.stdin.write("quit\n")
        except (OSError, ValueError):
            pass
        self._end()
        self._errors.close()

    def _end(self):
        for stream in (self._process.stdin, self._process.stdout):
            try:
                stream.close()
            except OSError:
                pass
        try:
            return self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _last_words(self):
        self._errors.seek(0)
        lines = [line.strip() for line in self._errors if line.strip()]
        return lines[-1] if lines else ""
