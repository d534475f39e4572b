"""What can be wrong with an opt-out list or its key. Messages never name an account.

EngineError
├── OptOutsUnusable         damaged, of another dataset, dated ahead, not there (exit 9)
└── OptOutKeyUntrusted      the key is another one, unsafe, or no key (exit 5)
"""

from typing import ClassVar

from engine.errors import EngineError


class OptOutsUnusable(EngineError):
    """The list can't be relied on, so that whoever is in it might be overlooked."""

    code: ClassVar[str] = "optouts-unusable"
    exit_code: ClassVar[int] = 9


class OptOutKeyUntrusted(EngineError):
    """The key is not the list's, or others can read it."""

    code: ClassVar[str] = "optout-key-untrusted"
    exit_code: ClassVar[int] = 5
