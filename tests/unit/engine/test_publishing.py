import threading
from datetime import date
from pathlib import Path

import pytest

from audit import OutputDiffers
from engine.errors import OutputTaken, OutputUnwritable
from engine.publishing import OutputPlace
from policies.canonical import digest_of_bytes

RUN = "0" * 32


def staged(place: OutputPlace) -> dict[str, str]:
    folder = place.stage(RUN)
    (folder / "release.csv").write_bytes(b"table")
    return {"release.csv": digest_of_bytes(b"table")}


def test_a_staged_release_is_closed_until_it_is_published(tmp_path: Path) -> None:
    place = OutputPlace(tmp_path / "out")
    staged(place)
    assert place.staging(RUN).stat().st_mode & 0o777 == 0o700
    assert place.staged_runs() == (RUN,)
    place.publish(RUN, b"proof", date(2026, 6, 1))
    assert place.staged_runs() == ()
    assert sorted(f.name for f in place.out.iterdir()) == ["release.csv", "release.tlog-proof"]


def test_two_runs_can_not_take_one_place(tmp_path: Path) -> None:
    out = tmp_path / "out"
    refused = []

    def try_to_take() -> None:
        try:
            with OutputPlace(out).taken():
                pass
        except OutputTaken as error:
            refused.append(error)

    with OutputPlace(out).taken():
        other = threading.Thread(target=try_to_take)
        other.start()
        other.join()
    assert len(refused) == 1
    assert list(tmp_path.iterdir()) == [], "the mark goes with its holder"
    with OutputPlace(out).taken():
        pass


@pytest.mark.parametrize("change", ["edit", "add", "remove"])
def test_what_was_changed_while_staged_is_not_published(tmp_path: Path, change: str) -> None:
    place = OutputPlace(tmp_path / "out")
    outputs = staged(place)
    place.require_staged(RUN, outputs)
    file = place.staging(RUN) / "release.csv"
    if change == "edit":
        file.write_bytes(b"tables")
    elif change == "add":
        (place.staging(RUN) / "more.csv").write_bytes(b"")
    else:
        file.unlink()
    with pytest.raises(OutputDiffers) as caught:
        place.require_staged(RUN, outputs)
    assert caught.value.exit_code == 8


def test_a_place_that_can_not_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputUnwritable) as caught, OutputPlace(tmp_path / "file" / "out").taken():
        pass
    assert caught.value.exit_code == 10


def test_a_link_in_the_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputTaken):
        OutputPlace(tmp_path / "out").is_empty()
