"""The opt-out list: keyed, sealed, dated; and never one objection lost."""

import hashlib
import hmac
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import EngineError, OutputTaken
from engine.optouts import (
    OptOutKeyUntrusted,
    OptOutsUnusable,
    Secret,
    add_accounts,
    create_list,
    create_secret,
    load_secret,
    open_list,
    read_list,
    refresh_list,
)
from engine.optouts.list_file import OptOutList
from engine.sources import canonical_contributor

DAY = date(2026, 11, 27)
SECRET = Secret(bytes(range(32)))
OTHER = Secret(bytes(32))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "optouts.json"
    create_list(path, "city-photos", SECRET, DAY)
    add_accounts(path, SECRET, ["Ana", " ben "], DAY)
    return path


def test_who_was_added_is_in_it_however_it_is_spelt(file: Path) -> None:
    listed = open_list(file, SECRET, DAY, "city-photos")
    for account in ("ana", "@ana", "ben", "@ben"):
        assert account in listed, account
    assert "cai" not in listed
    assert 12 not in listed
    after, new = add_accounts(file, SECRET, ["ANA", "@ben", "A\u200bna", "@Cai"], DAY)
    assert new == 1
    assert len(after.marks) == 3
    assert "cai" in open_list(file, SECRET, DAY)


def test_no_account_stands_in_it_in_clear(file: Path) -> None:
    text = file.read_bytes().lower()
    assert b"ana" not in text
    assert b"ben" not in text
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "Secret()" in repr(SECRET)
    assert "marks" not in repr(open_list(file, SECRET, DAY))


def test_lists_of_two_datasets_or_two_keys_can_not_be_compared() -> None:
    lists = [
        OptOutList.empty(dataset, DAY, secret).with_accounts(["ana"], DAY)
        for dataset in ("city-photos", "panel")
        for secret in (SECRET, OTHER)
    ]
    assert len({mark for listed in lists for mark in listed.marks}) == len(lists)
    purposes = {SECRET.key("city-photos", p) for p in ("account", "seal", "check")}
    assert len(purposes) == 3
    # RFC 5869: no purpose of one dataset is a purpose of another.
    assert not purposes & {SECRET.key("city-photos2", p) for p in ("account", "seal", "check")}


def test_the_keys_are_those_of_rfc_5869() -> None:
    prk = hmac.new(bytes(32), SECRET.value, hashlib.sha256).digest()
    info = b"crowdlens opt-outs v1\0account\0city-photos"
    okm = hmac.new(prk, info + b"\1", hashlib.sha256).digest()
    assert SECRET.key("city-photos", "account") == okm
    listed = OptOutList.empty("city-photos", DAY, SECRET).with_accounts(["ana"], DAY)
    assert listed.marks == {hmac.new(okm, b"ana", hashlib.sha256).hexdigest()}


def test_adding_and_refreshing_bring_it_up_to_date(file: Path) -> None:
    later = DAY + timedelta(days=9)
    assert read_list(file)[0].day == DAY
    assert refresh_list(file, SECRET, later).updated == later
    assert open_list(file, SECRET, later).marks == open_list(file, SECRET, later).marks
    add_accounts(file, SECRET, ["cai"], later + timedelta(days=1))
    assert read_list(file)[0].day == later + timedelta(days=1)
    assert len(read_list(file)[0].accounts) == 3


def test_an_empty_account_adds_nothing_at_all(file: Path) -> None:
    before = file.read_bytes()
    for accounts in ([], ["cai", " "], ["cai", "\u200b"], ["@"]):
        with pytest.raises(OptOutsUnusable):
            add_accounts(file, SECRET, accounts, DAY)
    assert file.read_bytes() == before


def test_two_who_add_at_a_time_lose_nobody(file: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: add_accounts(file, SECRET, [f"account-{n}"], DAY), range(40)))
    assert len(open_list(file, SECRET, DAY).marks) == 42


def test_another_key_another_dataset_and_a_day_to_come_are_refused(file: Path) -> None:
    with pytest.raises(OptOutKeyUntrusted, match="not the one") as caught:
        open_list(file, OTHER, DAY)
    assert caught.value.exit_code == 5
    for secret, day, dataset, said in (
        (SECRET, DAY, "panel", "of the dataset city-photos"),
        (SECRET, DAY - timedelta(days=1), "city-photos", "has not come"),
    ):
        with pytest.raises(OptOutsUnusable, match=said) as unusable:
            open_list(file, secret, day, dataset)
        assert unusable.value.exit_code == 9
    before = file.read_bytes()
    with pytest.raises(OptOutKeyUntrusted):
        add_accounts(file, OTHER, ["cai"], DAY)
    assert file.read_bytes() == before


@pytest.mark.parametrize("part", ["updated", "dataset", "accounts", "check", "seal", "schema"])
def test_no_part_of_it_can_be_changed_without_its_key(file: Path, part: str) -> None:
    value = json.loads(file.read_text())
    value[part] = {
        "updated": "2026-11-26",
        "dataset": "panel",
        "accounts": value["accounts"][1:],
        "check": "0" * 64,
        "seal": "0" * 64,
        "schema": "crowdlens-optouts/v2",
    }[part]
    file.write_text(json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n")
    with pytest.raises(EngineError):
        open_list(file, SECRET, DAY)


@given(data=st.data())
def test_a_damaged_list_is_never_taken_for_whole(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    file = tmp_path_factory.mktemp("list") / "optouts.json"
    good = OptOutList.empty("d", DAY, SECRET).with_accounts(["ana", "ben"], DAY).data
    at = data.draw(st.integers(0, len(good) - 1))
    bad = data.draw(
        st.sampled_from(
            [
                good[:at],
                good[:at] + good[at + 1 :],
                good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :],
                good[:at] + b" " + good[at:],
                good + good,
            ]
        )
    )
    file.write_bytes(bad)
    with pytest.raises((OptOutsUnusable, OptOutKeyUntrusted)):
        open_list(file, SECRET, DAY)


@given(data=st.binary(max_size=200))
def test_whatever_is_no_list_raises_only_our_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    file = tmp_path_factory.mktemp("list") / "optouts.json"
    for text in (data, b"[" * 5000, b'{"schema":' + data + b"}"):
        file.write_bytes(text)
        with pytest.raises(OptOutsUnusable):
            read_list(file)


def test_a_list_is_made_once(tmp_path: Path) -> None:
    create_list(tmp_path / "optouts.json", "d", SECRET, DAY)
    with pytest.raises(OutputTaken):
        create_list(tmp_path / "optouts.json", "d", SECRET, DAY)
    with pytest.raises(OptOutsUnusable):
        open_list(tmp_path / "none.json", SECRET, DAY)


def test_the_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "optouts.key"
    secret = create_secret(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(secret.value) == 32
    assert load_secret(path) == secret
    with pytest.raises(OutputTaken):
        create_secret(path)
    path.chmod(0o640)
    with pytest.raises(OptOutKeyUntrusted, match="read by others"):
        load_secret(path)
    path.chmod(0o600)
    for text in ("", "00", "zz" * 32, "00" * 33, "\xff"):
        path.write_text(text, encoding="latin-1")
        with pytest.raises(OptOutKeyUntrusted):
            load_secret(path)
    with pytest.raises(OptOutKeyUntrusted):
        load_secret(tmp_path / "none.key")


@given(st.text(max_size=30))
def test_an_account_that_is_in_it_is_found_again(text: str) -> None:
    canonical = canonical_contributor(text)
    if canonical is None:
        return
    listed = OptOutList.empty("d", DAY, SECRET).with_accounts([canonical], DAY)
    assert canonical in listed
    assert (canonical + "x") not in listed


def test_a_list_that_can_not_be_written_is_said(file: Path, monkeypatch) -> None:
    from engine import durable

    def full(*_: object) -> None:
        raise OSError(28, "no space")

    before = file.read_bytes()
    monkeypatch.setattr(durable, "write_new", full)
    with pytest.raises(EngineError) as caught:
        refresh_list(file, SECRET, DAY)
    assert caught.value.exit_code == 10
    assert file.read_bytes() == before
