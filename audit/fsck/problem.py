"""What the second verifier finds wrong: a sentence, and the exit code that it deserves.

Exit codes are those of the command line: 2 the trust file, 3 tampered or forked, 4 cut, 5 not
trusted, 6 witness missing, 7 a rule or the budget, 9 unreadable.
"""


class Problem(Exception):
    """Something wrong with a log, its notes or the trust file; nothing else leaves `fsck`."""

    def __init__(self, exit_code: int, message: str) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def tampered(message: str) -> Problem:
    """Return a problem of exit code 3."""
    return Problem(3, message)


def untrusted(message: str) -> Problem:
    """Return a problem of exit code 5."""
    return Problem(5, message)
