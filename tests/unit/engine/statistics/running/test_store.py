"""The encrypted file: it opens for its own trend and key, unchanged and not outdated, or not."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine import durable
from engine.statistics.errors import StudyInvalid
from engine.statistics.running import (
    ROW_SCHEMA,
    Trend,
    TrendState,
    TrendStateUnusable,
    TrendStateUnwritable,
    held,
    load_state,
    save_state,
    store,
    strategy_named,
)

KEY = bytes(range(32))
TREND = Trend(
    policy="sha256:" + "0" * 64,
    dataset="panel",
    statistic="totals",
    series=("Adidas", "Nike"),
    strategy=strategy_named("tree", 6),
    participations=2,
    max_series=2,
    noise="discrete-gaussian 100",
)


def _trend(**changed: object) -> Trend:
    return Trend(**{**TREND.__dict__, **changed})  # type: ignore[arg-type]


def _state(until: int = 3, people: int = 5) -> TrendState:
    shown = [(b"contributor %4d" % n, n % 2, n % 4) for n in range(people)]
    rows = pl.DataFrame(shown, schema=ROW_SCHEMA, orient="row")
    noise = iter(range(10**6))
    return TrendState.before(TREND).advance(
        rows, until, lambda draws: [next(noise) for _ in range(draws)]
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "totals.trend"


@pytest.mark.parametrize(("until", "people"), [(0, 0), (1, 0), (3, 5), (3, 5000), (6, 5)])
def test_a_state_comes_back_as_it_was(path: Path, until: int, people: int) -> None:
    state = _state(until, people)
    save_state(path, state, KEY)
    back = load_state(path, TREND, KEY, published=until)
    for name in ("noisy", "history", "values"):
        one, other = getattr(back, name), getattr(state, name)
        assert one.dtype == np.int64
        assert one.shape == other.shape
        assert (one == other).all()
    order = ["contributor", "series"]
    assert back.memory.sort(order).equals(state.memory.sort(order))
    if until < 6:
        empty = pl.DataFrame(schema=ROW_SCHEMA)
        further = [s.advance(empty, 6, lambda draws: [7] * draws) for s in (state, back)]
        assert (further[0].values == further[1].values).all()


def test_before_the_first_period_there_is_no_file(path: Path) -> None:
    state = load_state(path, TREND, KEY, published=0)
    assert state.closed == 0
    assert not path.exists()


def test_a_missing_or_older_state_of_what_is_published_is_refused(path: Path) -> None:
    with pytest.raises(TrendStateUnusable, match="missing, or older") as refused:
        load_state(path, TREND, KEY, published=1)
    assert refused.value.exit_code == 9
    save_state(path, _state(3), KEY)
    assert load_state(path, TREND, KEY, published=2).closed == 3
    with pytest.raises(TrendStateUnusable, match="missing, or older"):
        load_state(path, TREND, KEY, published=4)


@pytest.mark.parametrize(
    "other",
    [
        {"policy": "sha256:" + "1" * 64},
        {"dataset": "other"},
        {"statistic": "other"},
        {"series": ("Nike", "Adidas")},
        {"strategy": strategy_named("toeplitz", 6)},
        {"strategy": strategy_named("tree", 7)},
        {"participations": 1},
        {"max_series": 1},
        {"noise": "discrete-gaussian 101"},
    ],
)
def test_another_trends_state_is_refused(path: Path, other: dict[str, object]) -> None:
    save_state(path, _state(), KEY)
    with pytest.raises(TrendStateUnusable, match="another running total's"):
        load_state(path, _trend(**other), KEY, published=0)


def test_a_wrong_key_is_refused(path: Path) -> None:
    save_state(path, _state(), KEY)
    with pytest.raises(TrendStateUnusable):
        load_state(path, TREND, KEY[::-1], published=0)
    for wrong in (b"", KEY[:16], KEY + b"0", bytearray(KEY)):
        with pytest.raises(StudyInvalid):
            load_state(path, TREND, wrong, published=0)  # type: ignore[arg-type]
        with pytest.raises(StudyInvalid):
            save_state(path, _state(), wrong)  # type: ignore[arg-type]


def test_every_changed_byte_and_every_cut_is_refused(path: Path) -> None:
    save_state(path, _state(), KEY)
    sealed = path.read_bytes()
    places = [*range(60), *range(60, len(sealed), 1009), *range(len(sealed) - 20, len(sealed))]
    for place in places:
        path.write_bytes(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :])
        with pytest.raises(TrendStateUnusable):
            load_state(path, TREND, KEY, published=0)
        path.write_bytes(sealed[:place])
        with pytest.raises(TrendStateUnusable):
            load_state(path, TREND, KEY, published=0)
    path.write_bytes(sealed + b"\0")
    with pytest.raises(TrendStateUnusable):
        load_state(path, TREND, KEY, published=0)


def test_another_format_is_refused_even_with_the_right_key(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_FORMAT", b"crowdlens-trend/0\n")
    save_state(path, _state(), KEY)
    older = path.read_bytes()
    monkeypatch.undo()
    with pytest.raises(TrendStateUnusable, match="format"):
        load_state(path, TREND, KEY, published=0)
    path.write_bytes(older.replace(b"trend/0", b"trend/1", 1))
    with pytest.raises(TrendStateUnusable, match="changed"):
        load_state(path, TREND, KEY, published=0)


def test_what_is_no_file_of_ours_is_refused(path: Path, tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"")
    path.symlink_to(tmp_path / "real")
    with pytest.raises(TrendStateUnusable, match="can't be read"):
        load_state(path, TREND, KEY, published=0)
    path.unlink()
    path.mkdir()
    with pytest.raises(TrendStateUnusable, match="can't be read"):
        load_state(path, TREND, KEY, published=0)


def test_the_file_is_the_owners_alone_and_tells_nothing(path: Path) -> None:
    for people in (0, 5, 900):
        save_state(path, _state(3, people), KEY)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        # Of few and of many contributors: the same size.
        assert path.stat().st_size == 18 + 12 + 16 + (1 << 16)
    sealed = path.read_bytes()
    for hidden in (b"contributor", b"Nike", b"panel", b"noisy"):
        assert hidden not in sealed
    save_state(path, _state(3, 900), KEY)
    assert path.read_bytes()[:30] != sealed[:30]
    assert list(path.parent.iterdir()) == [path]


def test_the_size_goes_in_steps_of_two(path: Path) -> None:
    save_state(path, _state(3, 9000), KEY)
    assert path.stat().st_size - 46 == 1 << 18


@pytest.mark.parametrize("failing", ["write_new", "sync_directory"])
def test_a_write_that_fails_leaves_a_whole_state(
    path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    save_state(path, _state(1), KEY)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable, failing, full)
    with pytest.raises(TrendStateUnwritable, match="No space") as refused:
        save_state(path, _state(3), KEY)
    assert refused.value.exit_code == 10
    assert load_state(path, TREND, KEY, published=1).closed in (1, 3)
    assert list(path.parent.iterdir()) == [path]


def test_what_a_killed_run_left_behind_is_swept_away(path: Path) -> None:
    left = path.with_name(path.name + ".new")
    left.write_bytes(b"half")
    save_state(path, _state(), KEY)
    assert not left.exists()
    assert load_state(path, TREND, KEY, published=3).closed == 3


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "none" / "totals.trend"
    with pytest.raises(TrendStateUnwritable):
        save_state(path, _state(), KEY)
    with pytest.raises(TrendStateUnwritable), held(path):
        pass


def test_one_run_at_a_time(path: Path) -> None:
    with held(path):
        with pytest.raises(TrendStateUnusable, match="another run"), held(path):
            pass
        script = (
            "import sys; from pathlib import Path\n"
            "from engine.statistics.running import held\n"
            "with held(Path(sys.argv[1])): pass\n"
        )
        other = subprocess.run(
            [sys.executable, "-c", script, str(path)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "another run" in other.stderr
    with held(path):
        pass
    assert stat.S_IMODE((path.parent / "totals.trend.lock").stat().st_mode) == 0o600


def test_the_lock_is_let_go_when_a_run_fails(path: Path) -> None:
    with pytest.raises(RuntimeError), held(path):
        raise RuntimeError
    with held(path):
        pass


def test_no_message_holds_a_number_of_the_data(path: Path) -> None:
    save_state(path, _state(), KEY)
    messages = []
    for wrong, published in ((_trend(dataset="other"), 0), (TREND, 5)):
        with pytest.raises(TrendStateUnusable) as refused:
            load_state(path, wrong, KEY, published)
        messages.append(str(refused.value) + refused.value.hint)
    assert not any(digit in message for message in messages for digit in "0123456789")
