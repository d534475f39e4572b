from collections.abc import Iterator
from typing import get_args

import pytest
from pydantic import BaseModel

from policies.field_notes import FIELD_NOTES, note_of
from policies.policy import Policy


def fields(model: type[BaseModel], path: str = "") -> Iterator[str]:
    """Yield every field and section of the schema."""
    for name, field in model.model_fields.items():
        here = f"{path}.{field.alias or name}".lstrip(".")
        yield here
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from fields(part, here)


def test_every_field_says_what_makes_it_hold() -> None:
    sections = {"purpose", "dataset", "release", "audit"}  # whose fields speak each for itself
    for field in set(fields(Policy)) - sections:
        note = note_of(field)
        assert note.how
    with pytest.raises(KeyError):
        note_of("vershun")


def test_notes_are_of_fields_that_exist_once_each() -> None:
    noted = [note.field for note in FIELD_NOTES]
    assert len(set(noted)) == len(noted)
    assert set(noted) <= set(fields(Policy))
