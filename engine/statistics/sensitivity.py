"""How far one person can move the numbers that noise is added to."""

from dataclasses import dataclass

from engine.statistics.errors import StudyInvalid


@dataclass(frozen=True)
class Sensitivity:
    """Exact upper bounds over all neighbouring datasets (add or remove one person)."""

    linf: int
    """Most that one number moves."""
    l1: int
    """Most that all numbers move, added up."""
    l2_squared: int
    """Most that their squares add up to."""

    def __post_init__(self) -> None:
        parts = (self.linf, self.l1, self.l2_squared)
        if not all(type(part) is int and part >= 1 for part in parts):
            raise StudyInvalid("sensitivity is a whole number, 1 at least")

    @classmethod
    def of(cls, cells: int, per_cell: int) -> "Sensitivity":
        """Return that of one contributor who touches `cells` cells by `per_cell` each."""
        if type(cells) is not int or type(per_cell) is not int:
            raise StudyInvalid("sensitivity is a whole number, 1 at least")
        return cls(per_cell, cells * per_cell, cells * per_cell**2)

    def times(self, accounts: int) -> "Sensitivity":
        """Return that of a person with so many accounts: each number moves so many times as far.

        INVARIANT: the triangle inequality holds in every norm, so that group privacy needs no
        theorem of its own and costs no delta.
        """
        return Sensitivity(self.linf * accounts, self.l1 * accounts, self.l2_squared * accounts**2)
