"""A policy file and its approvals against the log: names alone are not approvals."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from audit import Approval, Approver, Log, PolicyAdopt, Training, Trust, verify
from audit.bodies import RunStart
from audit.commitments import Opening, Salts
from audit.keys import create_key
from engine.setup import Place
from policies.amounts import Delta, Epsilon, Loss
from policies.approvals import approvals_path, public_name
from policies.policy import load_policy
from tests.conftest import Command
from tests.places import approve_policy, make_place, run_words


@pytest.fixture
def done(tmp_path: Path, no_photos: Path, crowdlens: Command) -> Place:
    """Give a place with one run under an approved policy."""
    place = make_place(tmp_path / "site")
    out = tmp_path / "release"
    assert crowdlens(*run_words(place, no_photos, out, "--quiet")).code == 0
    return place


def check(place: Place, trust: Trust | None = None) -> tuple[str, int]:
    trust = trust or Trust.load(place.trust)
    found = verify(place.log, trust, policies=[place.policy])
    return {c.name: c.status for c in found.checks}["policy study.yaml"], found.exit_code


def test_what_was_approved_passes(done: Place, crowdlens: Command) -> None:
    assert check(done) == ("passed", 0)
    words = ("audit", "verify", "--log", done.log, "--policy", done.policy)
    assert "passed       policy study.yaml" in crowdlens(*words).out


def test_a_name_in_the_log_is_no_approval(done: Place) -> None:
    kept = approvals_path(done.policy).read_bytes()
    approvals_path(done.policy).unlink()
    status, code = check(done)
    policy = load_policy(done.policy)
    # A test policy asks for none; the log still may not name one that nobody signed.
    assert policy.policy_class == "test"
    assert (status, code) == ("failed", 5)
    approvals_path(done.policy).write_bytes(kept.replace(b'"sig": "', b'"sig": "00', 1))
    assert check(done) == ("failed", 5)


def test_it_says_that_approvals_are_not_beside_the_policy(done: Place, crowdlens: Command) -> None:
    approvals_path(done.policy).unlink()
    said = crowdlens("audit", "verify", "--log", done.log, "--policy", done.policy)
    assert said.code == 5
    assert "approvals are not beside it, in study.approvals.json" in said.err


def test_without_pinned_approvers_it_is_not_checked(done: Place) -> None:
    trust = Trust.load(done.trust)
    assert check(done, Trust(trust.log, trust.witnesses, 1)) == ("not-checked", 0)


def test_a_key_of_nobodys_is_not_trusted(done: Place, tmp_path: Path) -> None:
    trust = Trust.load(done.trust)
    stranger = public_name(create_key(tmp_path / "stranger.key"))
    other = Trust(trust.log, trust.witnesses, 1, (Approver(role="steward", key=stranger),))
    assert check(done, other) == ("failed", 5)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("test-study", "text-study"),
        lambda text: text.replace("version: 1", "version: 2", 1),
    ],
)
def test_another_policy_is_not_the_one_in_the_log(
    done: Place, change: Callable[[str], str]
) -> None:
    done.policy.write_text(change(done.policy.read_text()))
    approve_policy(done)
    assert check(done) == ("failed", 7)


@pytest.mark.parametrize(
    "what",
    [
        *("id", "statistic", "catalogue", "total", "approvals", "day", "dataset", "nothing"),
        *("list", "list left out", "list not committed to"),
    ],
)
def test_a_log_that_says_other_things_of_the_policy(tmp_path: Path, what: str) -> None:
    place = make_place(tmp_path / "site")
    if what == "day":
        text = place.policy.read_text()
        old = load_policy(place.policy).validity.not_before
        new = datetime.now(UTC).date() + timedelta(days=1)
        place.policy.write_text(text.replace(f"not_before: {old}", f"not_before: {new}"))
        approve_policy(place)
    if "list" in what:
        demand = "optouts: {applied: by-run, max_age_days: 7}\n"
        place.policy.write_text(place.policy.read_text() + demand)
        approve_policy(place)
    policy = load_policy(place.policy)
    trust = Trust.load(place.trust)
    given = [] if what == "approvals" else trust.approvers
    roles = [Approval(role=a.role, key=a.key) for a in given]
    other = "sha256:" + "0" * 64
    log = Log.open(place.log, trust, datetime.now(UTC).date())
    total = policy.budget.total.loss
    dataset = "other" if what == "dataset" else policy.dataset.id
    log.declare_dataset(policy.dataset.id, total + total if what == "total" else total)
    if what == "dataset":
        log.declare_dataset(dataset, total)
    log.adopt_policy(
        PolicyAdopt(
            policy=policy.digest,
            id="other" if what == "id" else policy.id,
            version=policy.version,
            class_=policy.policy_class,
            not_after=policy.validity.not_after.isoformat(),
            catalogue=other if what == "catalogue" else policy.dimensions.brand.digest,
            approvals=tuple(sorted(roles, key=lambda a: (a.role, a.key))),
        )
    )
    start = {"policy": policy.digest, "dataset": dataset, "models": ()}
    code = {"version": "0.1.0", "source": other}
    with log.start_run(RunStart.model_validate({**start, "code": code})) as run:
        if what in ("list", "list left out"):
            day = datetime.now(UTC).date()
            opening = Opening(Salts.fresh(), day, day, consent=False, keep_until=day)
            run.commit(opening, (), b"a list" if what == "list" else None)
        name = "made_up" if what == "statistic" else "brand_by_week"
        run.reserve({name: Loss(Epsilon.parse("1"), total.delta.zero())})
        run.end("failed")
    assert check(place) == (("passed", 0) if what in ("nothing", "list") else ("failed", 7))


MODEL = (
    'model_release: {id: head, kind: brand, contributors: 9, epsilon: "0.5", delta: "1e-8",'
    ' figures: {epsilon: "0.1"}}\n'
)


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("as it asks for", 0),
        ("another price", 7),
        ("other figures", 7),
        ("other steps", 7),
        ("another rate", 7),
        ("other accounts", 7),
        ("no training", 7),
        ("a training of a table", 7),
        ("more noise than it asks for", 7),
    ],
)
def test_a_training_is_held_against_the_policy(tmp_path: Path, what: str, code: int) -> None:
    place = make_place(tmp_path / "site")
    model = MODEL.replace("epsilon", 'noise: "90", epsilon', 1) if "more noise" in what else MODEL
    place.policy.write_text(place.policy.read_text() + model)
    approve_policy(place)
    policy, trust = load_policy(place.policy), Trust.load(place.trust)
    log = Log.open(place.log, trust, datetime.now(UTC).date())
    log.declare_dataset(policy.dataset.id, policy.budget.total.loss)
    log.adopt_policy(
        PolicyAdopt(
            policy=policy.digest,
            id=policy.id,
            version=policy.version,
            class_=policy.policy_class,
            not_after=policy.validity.not_after.isoformat(),
            catalogue=policy.dimensions.brand.digest,
            approvals=tuple(Approval(role=a.role, key=a.key) for a in trust.approvers[::-1]),
        )
    )
    training = Training.of(
        9 if what == "other steps" else 10,
        Fraction(1, 2) if what == "another rate" else Fraction(1),
        Fraction(100),
        2 if what == "other accounts" else 1,
    )
    price = Loss(Epsilon.parse("0.6" if what == "another price" else "0.5"), Delta.parse("1e-8"))
    figures = Loss(Epsilon.parse("0.2" if what == "other figures" else "0.1"), Delta.zero())
    spends, trained = {"head": price, "head_figures": figures}, {"head": training}
    if what == "no training":
        trained = {}
    elif what == "a training of a table":
        spends, trained = {"brand_by_week": price}, {"brand_by_week": training}
    start = {"policy": policy.digest, "dataset": policy.dataset.id, "models": ()}
    source = {"version": "0.1.0", "source": policy.digest}
    with log.start_run(RunStart.model_validate({**start, "code": source})) as run:
        run.reserve(spends, training=trained)
        run.end("failed")
    assert check(place) == ("passed" if code == 0 else "failed", code)


def test_a_policy_that_asks_for_more_witnesses(done: Place) -> None:
    done.policy.write_text(done.policy.read_text() + "\naudit: {witness_quorum: 2}\n")
    approve_policy(done)
    assert check(done) == ("failed", 6)
