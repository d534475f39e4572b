"""Opt-out lists, consent and erasure, as a steward and an auditor use them."""

import io
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audit import Trust, verify
from audit.commitments import Opening, Salts, keep, kept_runs
from audit.fsck import fsck
from engine.intake import OptOutPlace, take_in
from engine.looking import _digest_of, kept
from engine.optouts import load_secret
from engine.optouts.list_file import OptOutList
from engine.setup import Place
from engine.sources import SourceAt
from engine.store import StorePlace
from policies.decision import load_rules
from tests.conftest import Command
from tests.places import approve_policy, run_words, write_manifest

BY_RUN = "optouts: {applied: by-run, max_age_days: 7}\n"
TODAY = datetime.now(UTC).date()
ROWS = [
    ("a.png", "ana", "2026-06-02"),
    ("b.png", "ben", "2026-06-02"),
    ("c.png", "cai", "2026-06-09"),
]
"""Of photos that are not there: a run withholds them."""


@pytest.fixture
def demanding(place: Place) -> Place:
    """Give a place whose policy demands a list of the run."""
    place.policy.write_text(place.policy.read_text() + BY_RUN)
    approve_policy(place)
    return place


@pytest.fixture
def listed(crowdlens: Command, demanding: Place) -> list[object]:
    """Make a list that ben is in, and return the words that give it."""
    file, key = demanding.root / "optouts.json", demanding.root / "keys" / "optouts.key"
    words = ("optouts", "init", file, "--key", key, "--dataset", "test-photos")
    assert crowdlens(*words).code == 0
    added = crowdlens("optouts", "add", file, "--key", key, "--contributor", " @BEN ")
    assert added.code == 0, added.err
    return ["--optouts", file, "--optouts-key", key]


def entries(place: Place) -> list[str]:
    return [entry.type for entry in verify(place.log, Trust.load(place.trust)).entries]


def date_back(listed: list[object], days: int) -> None:
    """Make the list one that was last brought up to date so many days ago."""
    secret = load_secret(Path(str(listed[3])))
    Path(str(listed[1])).write_bytes(
        OptOutList.empty("test-photos", TODAY - timedelta(days=days), secret).data
    )


def test_without_a_fresh_list_nothing_is_read(
    crowdlens: Command, demanding: Place, listed: list[object], tmp_path: Path
) -> None:
    nowhere, out = tmp_path / "no-source-at-all", tmp_path / "release"
    before = (demanding.log / "entries.jsonl").read_bytes()
    missing = crowdlens(*run_words(demanding, nowhere, out))
    assert (missing.code, "[PL-OPT-002]" in missing.err) == (7, True)
    date_back(listed, 8)
    stale = crowdlens(*run_words(demanding, nowhere, out, *listed))
    assert (stale.code, "[PL-OPT-001]" in stale.err) == (7, True)
    assert "8 days ago, and 7 are allowed" in stale.err
    shown = crowdlens("optouts", "show", listed[1], "--policy", demanding.policy)
    assert shown.code == 7
    assert "fresh     NO" in shown.out
    # A list of the last day that is allowed is taken: it is the source that is not there.
    date_back(listed, 7)
    assert crowdlens(*run_words(demanding, nowhere, out, *listed)).code == 9
    assert (demanding.log / "entries.jsonl").read_bytes() == before


def test_a_list_is_given_where_it_is_demanded_and_nowhere_else(
    crowdlens: Command, place: Place, tmp_path: Path
) -> None:
    file, key = tmp_path / "optouts.json", tmp_path / "optouts.key"
    crowdlens("optouts", "init", file, "--key", key, "--dataset", "test-photos")
    words = ["--optouts", file, "--optouts-key", key]
    done = crowdlens(*run_words(place, tmp_path / "none", tmp_path / "out", *words))
    assert (done.code, "[PL-OPT-003]" in done.err) == (7, True)
    half = crowdlens(*run_words(place, tmp_path / "none", tmp_path / "out", *words[:2]))
    assert half.code == 2


@pytest.mark.parametrize(
    ("harm", "code", "said"),
    [
        ("damaged", 9, "is damaged"),
        ("other key", 5, "not the one that the opt-out list was made with"),
        ("other dataset", 9, "is of the dataset panel"),
        ("ahead", 9, "has not come"),
        ("gone", 9, "can't be read"),
        ("key gone", 5, "key can't be read"),
        ("key open", 5, "read by others"),
    ],
)
def test_a_list_that_can_not_be_relied_on_stops_the_run(
    crowdlens: Command,
    demanding: Place,
    listed: list[object],
    tmp_path: Path,
    harm: str,
    code: int,
    said: str,
) -> None:
    file, key = Path(str(listed[1])), Path(str(listed[3]))
    match harm:
        case "damaged":
            file.write_bytes(file.read_bytes()[:-30])
        case "other key":
            key.unlink()
            made = ("optouts", "init", tmp_path / "o.json", "--key", key, "--dataset", "panel")
            assert crowdlens(*made).code == 0
        case "other dataset":
            file.write_bytes(OptOutList.empty("panel", TODAY, load_secret(key)).data)
        case "ahead":
            date_back(listed, -1)
        case "gone":
            file.unlink()
        case "key gone":
            key.unlink()
        case "key open":
            key.chmod(0o644)
    before = (demanding.log / "entries.jsonl").read_bytes()
    done = crowdlens(*run_words(demanding, tmp_path / "none", tmp_path / "out", *listed))
    assert done.code == code
    assert said in done.err
    assert "ben" not in done.err
    assert (demanding.log / "entries.jsonl").read_bytes() == before
    looked = crowdlens("doctor", "--optouts", file, "--optouts-key", key, "--json")
    (found,) = [f for f in json.loads(looked.out)["findings"] if f["name"] == "opt-out list"]
    # Without a policy nobody knows of which dataset it ought to be.
    assert found["status"] == ("not checked" if harm == "other dataset" else "problem")


def test_a_run_commits_to_what_it_reads_and_the_auditor_sees_it(
    crowdlens: Command, demanding: Place, listed: list[object], tmp_path: Path
) -> None:
    source, out = write_manifest(tmp_path / "source", ROWS), tmp_path / "release"
    done = crowdlens(*run_words(demanding, source, out, *listed, "--json"))
    assert done.code == 0, done.err
    run = json.loads(done.out)["run"]
    assert entries(demanding)[-4:] == ["run.start", "run.inputs", "budget.reserve", "release"]
    words = ("audit", "inputs", run[:8], "--log", demanding.log, "--photos")

    same = crowdlens(*words, source, *listed, "--json")
    assert same.code == 0, same.err
    assert json.loads(same.out) == {
        "run": run,
        "rows": True,
        "optouts": True,
        "applied_a_list": True,
    }
    # Whoever leaves ben out by hand has what was read; in whatever order, and elsewhere.
    moved = write_manifest(tmp_path / "moved", [ROWS[2], ROWS[0]])
    assert crowdlens(*words, moved).code == 0
    for number, rows in enumerate((ROWS[:1], [*ROWS[:1], ("c.png", "cai", "2026-06-10")])):
        other = write_manifest(tmp_path / f"other-{number}", rows)
        differs = crowdlens(*words, other, *listed)
        assert differs.code == 8, rows
        assert not any(row[1] in differs.out + differs.err for row in rows)
        assert crowdlens(*words, other).code == 9, "the list may be all that makes a difference"
    unsaid = crowdlens(*words, source)
    assert unsaid.code == 9
    assert "can't be said without the list" in unsaid.err
    # Another list: that it is another one is said, whatever it does to the rows.
    crowdlens("optouts", "add", listed[1], "--key", listed[3], "--contributor", "dan")
    other_list = crowdlens(*words, source, *listed)
    assert other_list.code == 8
    assert "rows      the same" in other_list.out
    assert "opt-outs  NOT THE SAME" in other_list.out

    policy = ("--policy", demanding.policy)
    assert crowdlens("audit", "verify", "--log", demanding.log, *policy).code == 0
    assert "commits to the rows it reads" in crowdlens("audit", "show", "--log", demanding.log).out


def test_erasing_ends_what_can_be_shown_and_leaves_everything_green(
    crowdlens: Command, place: Place, tmp_path: Path
) -> None:
    source, out = write_manifest(tmp_path / "source", ROWS), tmp_path / "release"
    run = json.loads(crowdlens(*run_words(place, source, out, "--json")).out)["run"]
    inputs = ("audit", "inputs", run, "--log", place.log, "--photos", source)
    assert crowdlens(*inputs).code == 0
    before = (place.log / "entries.jsonl").read_bytes()
    for words, code in (((), 2), (("--before", "soon"), 2), ((run, "--expired"), 2), (("x",), 2)):
        assert crowdlens("audit", "erase", *words, "--log", place.log).code == code
    unmoved = crowdlens("audit", "erase", "--before", TODAY, "--log", place.log)
    assert "nothing to destroy" in unmoved.err
    assert kept_runs(place.log) == (run,)
    tomorrow = TODAY + timedelta(days=2)
    erased = crowdlens("audit", "erase", "--before", tomorrow, "--log", place.log, "--json")
    assert json.loads(erased.out) == {"erased": [run]}
    gone = crowdlens(*inputs)
    assert gone.code == 9
    assert "nobody can say any more" in gone.err

    assert (place.log / "entries.jsonl").read_bytes() == before
    assert crowdlens("audit", "verify", "--log", place.log, "--release", out).code == 0
    assert fsck(place.log, place.trust).exit_code == 0
    assert crowdlens("audit", "verify-proof", out, "--trust", place.trust).code == 0
    assert crowdlens(*run_words(place, source, tmp_path / "next")).code == 0


def test_salts_that_are_too_old_go_with_the_next_run(
    crowdlens: Command, place: Place, tmp_path: Path
) -> None:
    yesterday = TODAY - timedelta(days=1)
    old, kept = "0" * 32, "1" * 32
    for run, until in ((old, yesterday), (kept, TODAY)):
        opening = Opening(Salts.fresh(), yesterday, yesterday, consent=False, keep_until=until)
        keep(place.log, run, opening)
    told = crowdlens("doctor", "--log", place.log, "--json")
    (found,) = [f for f in json.loads(told.out)["findings"] if f["name"].startswith("salts")]
    assert found["status"] == "problem"
    text = place.policy.read_text() + "retention: {private_commitments_days: 0}\n"
    place.policy.write_text(text)
    approve_policy(place)
    source = write_manifest(tmp_path / "source", ROWS)
    done = crowdlens(*run_words(place, source, tmp_path / "out", "--json"))
    assert done.code == 0, done.err
    # And of a policy that keeps none, none is kept.
    assert kept_runs(place.log) == (kept,)
    run = json.loads(done.out)["run"]
    words = ("audit", "inputs", run, "--log", place.log, "--photos", source)
    assert crowdlens(*words).code == 9


def test_consent_is_asked_of_the_manifest(crowdlens: Command, place: Place, tmp_path: Path) -> None:
    text = place.policy.read_text()
    text = text.replace("collection: made-up", "collection: made-up\n  consent: column")
    place.policy.write_text(text)
    approve_policy(place)
    before = (place.log / "entries.jsonl").read_bytes()
    without = write_manifest(tmp_path / "without", ROWS)
    refused = crowdlens(*run_words(place, without, tmp_path / "out"))
    assert refused.code == 9
    assert "has no column consent" in refused.err
    assert (place.log / "entries.jsonl").read_bytes() == before

    cells = ("yes", "no", "")
    lines = [",".join((*row, cell)) for row, cell in zip(ROWS, cells, strict=True)]
    source = tmp_path / "source"
    source.mkdir()
    head = "path,contributor,taken_at,consent"
    (source / "photos.csv").write_text("\n".join([head, *lines]) + "\n")
    done = crowdlens(*run_words(place, source, tmp_path / "out", "--json"))
    assert done.code == 0, done.err
    run = json.loads(done.out)["run"]
    words = ("audit", "inputs", run, "--log", place.log, "--photos")
    assert crowdlens(*words, source).code == 0
    # A yes that was a no on that day makes another source.
    (source / "photos.csv").write_text("\n".join([head, *lines]).replace(",no", ",yes") + "\n")
    assert crowdlens(*words, source).code == 8


def test_an_objection_of_one_account_is_one_of_the_person(
    crowdlens: Command, demanding: Place, listed: list[object], tmp_path: Path
) -> None:
    text = demanding.policy.read_text() + "privacy_unit: {identities: map}\n"
    demanding.policy.write_text(text)
    approve_policy(demanding)
    (tmp_path / "map.csv").write_text("account,person\nben,one\ncai,one\n")
    joined = ["--identities", tmp_path / "map.csv"]
    source = write_manifest(tmp_path / "source", ROWS)
    done = crowdlens(*run_words(demanding, source, tmp_path / "o", *listed, *joined, "--json"))
    assert done.code == 0, done.err
    words = ("audit", "inputs", json.loads(done.out)["run"], "--log", demanding.log, "--photos")
    assert crowdlens(*words, write_manifest(tmp_path / "ana", ROWS[:1])).code == 0
    assert crowdlens(*words, source, *listed, *joined).code == 0
    assert crowdlens(*words, source, *listed).code == 8


def test_redacted_copies_heed_the_list_too(
    crowdlens: Command, demanding: Place, listed: list[object], tmp_path: Path
) -> None:
    source = write_manifest(tmp_path / "source", [ROWS[1]])
    words = ("redact", source, "--policy", demanding.policy, "--out", tmp_path / "copies")
    refused = crowdlens(*words)
    assert (refused.code, "[PL-OPT-002]" in refused.err) == (7, True)
    done = crowdlens(*words, *listed)
    assert done.code == 0, done.err
    assert "0 written" in done.out
    assert "0 withheld" in done.out


def test_the_list_is_kept_from_the_command_line(
    crowdlens: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, key = tmp_path / "optouts.json", tmp_path / "keys" / "optouts.key"
    init = ("optouts", "init", file, "--key", key, "--dataset", "test-photos")
    assert crowdlens(*init).code == 0
    assert crowdlens(*init).code == 2, "a list is never overwritten"
    never = tmp_path / "keys" / "never.key"
    for place, dataset in ((file, "panel"), (tmp_path / "new.json", "My Photos")):
        wrong = crowdlens("optouts", "init", place, "--key", never, "--dataset", dataset)
        assert wrong.code in (2, 9)
        assert not never.exists(), "a key of nothing is not left behind"
    assert not (tmp_path / "new.json").exists()
    # One key serves the lists of several datasets.
    other = ("optouts", "init", tmp_path / "other.json", "--key", key, "--dataset", "panel")
    assert crowdlens(*other).code == 0

    stdin = io.TextIOWrapper(io.BytesIO("\ufeffana\r\n\n  @Ben\nANA\n".encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    piped = crowdlens("optouts", "add", file, "--key", key, "--from", "-", "--json")
    assert json.loads(piped.out)["added"] == 2
    (tmp_path / "more.txt").write_text("cai\nben\n")
    more = crowdlens("optouts", "add", file, "--key", key, "--from", tmp_path / "more.txt")
    assert "1 added; the list has 3" in more.out
    for words, code in (
        ((), 2),
        (("--contributor", "a", "--from", "-"), 2),
        (("--contributor", " "), 9),
        (("--from", tmp_path / "nothing.txt"), 9),
    ):
        assert crowdlens("optouts", "add", file, "--key", key, *words).code == code, words

    shown = json.loads(crowdlens("optouts", "show", file, "--key", key, "--json").out)
    assert shown == {
        "dataset": "test-photos",
        "updated": TODAY.isoformat(),
        "age_days": 0,
        "accounts": 3,
        "proved": True,
        "fresh": None,
    }
    assert "not checked: give --key" in crowdlens("optouts", "show", file).out
    assert crowdlens("optouts", "refresh", file, "--key", key).code == 0
    assert crowdlens("optouts", "refresh", file, "--key", tmp_path / "none").code == 5


def test_a_policy_of_another_dataset_has_another_list(
    crowdlens: Command, demanding: Place, tmp_path: Path
) -> None:
    file, key = tmp_path / "optouts.json", tmp_path / "optouts.key"
    crowdlens("optouts", "init", file, "--key", key, "--dataset", "panel")
    shown = crowdlens("optouts", "show", file, "--policy", demanding.policy)
    assert shown.code == 9
    assert "of the dataset panel" in shown.err


def test_sightings_that_a_killed_run_left_go_where_somebody_objects(
    crowdlens: Command, demanding: Place, listed: list[object], tmp_path: Path
) -> None:
    """Of whoever objects between the kill and the next try nothing is counted."""
    today, secret = TODAY, load_secret(Path(str(listed[3])))
    rules = load_rules(demanding.policy)
    source = SourceAt(write_manifest(tmp_path / "source", ROWS))
    place = StorePlace(tmp_path / "store", tmp_path / "store.key")
    counted = []
    for accounts in ((), ("ana",), ("ana",)):
        Path(str(listed[1])).write_bytes(
            OptOutList.empty("test-photos", today, secret).with_accounts(accounts, today).data
        )
        door = take_in(rules.policy, OptOutPlace(Path(str(listed[1])), Path(str(listed[3]))), today)
        with kept(place, rules) as store:
            photos = source.photos(
                *rules.policy.dimensions.days,
                store.keys.contributors,
                admission=door.admission,
            )
            done = store.begin(_digest_of(photos))
            counted.append(done)
            for number, photo in list(enumerate(photos))[done:]:
                row = (photo.contributor, number, "photo", "", photo.day, None, None)
                store.add([row])
            assert len(set(store.seen().sightings["contributor"])) == 3 - len(accounts)
    # Another list, another source: what was kept is dropped; the same again goes on.
    assert counted == [0, 0, 2]


def test_what_a_run_will_need_is_said_before(
    crowdlens: Command, demanding: Place, tmp_path: Path
) -> None:
    words = ("policy", "verify", demanding.policy)
    assert "needs --optouts, a list brought up to date within 7 day(s)" in crowdlens(*words).out
    assert json.loads(crowdlens(*words, "--json").out)["optouts_within_days"] == 7
    begun = crowdlens("init", tmp_path / "posts", "--policy", "public-posts")
    assert "crowdlens optouts init" in begun.out
    assert "--dataset posts-2026" in begun.out
    assert "--optouts-key" in begun.out
    assert "optouts" not in crowdlens("init", tmp_path / "test").out


def test_doctor_says_how_old_a_list_is(
    crowdlens: Command, demanding: Place, listed: list[object]
) -> None:
    words = ("doctor", "--json", "--policy", demanding.policy, *listed)

    def found() -> dict[str, str]:
        findings = json.loads(crowdlens(*words).out)["findings"]
        return next(f for f in findings if f["name"] == "opt-out list")

    assert found()["status"] == "fine"
    assert "0 day(s) ago" in found()["explanation"]
    date_back(listed, 9)
    assert found()["status"] == "problem"
    assert "PL-OPT-001" in found()["explanation"]
