from collections.abc import Iterator

import pytest

from engine.catalogue.pictures import Drawer


@pytest.fixture(scope="session")
def drawer() -> Iterator[Drawer]:
    """Give a drawing process."""
    with Drawer() as running:
        yield running
