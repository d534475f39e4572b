"""`audit report` with all that an auditor can give it: policies, time stamps, releases."""

import re
import shutil
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from audit.stamps import add_token, keep_head
from audit.timestamp import TimeAuthority, make_request
from engine.setup import Place
from policies.approvals import approvals_path
from policies.policy import load_policy
from tests.conftest import Command
from tests.places import approve_policy, run_words
from tests.time_authority import STAMPING, Authority, Token


def text_of(page: Path) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.read_text())).split())


@pytest.fixture
def two_versions(place: Place, no_photos: Path, tmp_path: Path, crowdlens: Command) -> Path:
    """Run a study, and again under its next version; give the first version's file."""
    assert crowdlens(*run_words(place, no_photos, tmp_path / "one", "--quiet")).code == 0
    first = place.root / "first.yaml"
    shutil.copy(place.policy, first)
    shutil.copy(approvals_path(place.policy), approvals_path(first))
    digest = load_policy(first).digest
    text = place.policy.read_text()
    place.policy.write_text(re.sub(r"(?m)^version: 1$", f"version: 2\nsupersedes: {digest}", text))
    approve_policy(place)
    assert crowdlens(*run_words(place, no_photos, tmp_path / "two", "--quiet")).code == 0
    return first


def test_what_a_new_version_changed_is_shown(
    place: Place, two_versions: Path, tmp_path: Path, crowdlens: Command
) -> None:
    words = ("audit", "report", "--log", place.log)
    page = tmp_path / "a.html"
    assert crowdlens(*words, "--out", page).code == 0
    assert "test-study: version 1 to version 2" in text_of(page)
    assert "a policy was not given" in text_of(page)
    page = tmp_path / "b.html"
    given = ("--policy", two_versions, "--policy", place.policy)
    assert crowdlens(*words, *given, "--out", page).code == 0
    said = text_of(page)
    assert "a policy was not given" not in said
    assert "other version 1 2" in said
    assert "Not declared" not in said
    # In whatever order they are given, the log says which came first.
    again = tmp_path / "c.html"
    assert crowdlens(*words, *given[2:], *given[:2], "--out", again).code == 0
    assert "other version 1 2" in text_of(again)


def test_time_stamps_are_shown_only_where_they_were_believed(
    place: Place, tmp_path: Path, crowdlens: Command
) -> None:
    stamper = Authority.create(by=Authority.create(), name="Stamper", usage=STAMPING)
    tsa = tmp_path / "tsa.pem"
    tsa.write_bytes(stamper.pem())
    words = ("audit", "report", "--log", place.log)
    assert crowdlens(*words, "--out", tmp_path / "none.html").code == 0
    assert "No third party's word" in text_of(tmp_path / "none.html")
    request = make_request(keep_head(place.log))
    now = datetime.now(UTC).replace(microsecond=0)
    token = Token.answer(stamper, request.body, now).to_bytes()
    add_token(place.log, token, TimeAuthority.load([tsa]))
    assert crowdlens(*words, "--out", tmp_path / "unasked.html").code == 0
    assert f"{now:%H:%M:%S}" not in text_of(tmp_path / "unasked.html")
    assert crowdlens(*words, "--tsa", tsa, "--out", tmp_path / "asked.html").code == 0
    said = text_of(tmp_path / "asked.html")
    assert f"{now:%Y-%m-%d %H:%M:%S}" in said
    assert "It does not say that they are the newest" in said
    stranger = tmp_path / "stranger.pem"
    stranger.write_bytes(Authority.create().pem())
    done = crowdlens(*words, "--tsa", stranger, "--out", tmp_path / "failed.html")
    assert done.code == 5
    assert "Not verified" in text_of(tmp_path / "failed.html")
    assert f"{now:%H:%M:%S}" not in text_of(tmp_path / "failed.html")
