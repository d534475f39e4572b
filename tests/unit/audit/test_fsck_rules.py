"""Each rule of the order and the budget, at its very edge, as both verifiers see it."""

import json
from typing import Any

import pytest

from audit import AuditError
from audit.entries import parse_entry
from audit.fsck.form import read
from audit.fsck.problem import Problem
from audit.fsck.rules import Fold
from audit.history import History, parse_line

A, B = ("sha256:" + letter * 64 for letter in "ab")
ORIGIN = "crowdlens/" + "0" * 32
COMMITTED = "hmac-sha256:" + "c" * 64
TRAINING = {"steps": 20, "sampling_rate": "0.5", "noise": "100", "accounts": 1}
EPSILON = "0.087816"
"""What such a training costs at a delta of 1e-6, rounded up."""
Step = tuple[str, str, dict[str, Any]]


def epsilon(amount: str, delta: str = "0") -> dict[str, str]:
    return {"epsilon": amount, "delta": delta}


def rho(amount: str, delta: str = "0") -> dict[str, str]:
    return {"rho": amount, "delta": delta}


def opened() -> Step:
    return "log.open", "", {"origin": ORIGIN}


def adopt(policy: str, **more: object) -> Step:
    body = {"policy": policy, "id": "p", "version": 1, "class": "test", "not_after": "2026-11-24"}
    return "policy.adopt", "", {**body, "catalogue": A, "approvals": [], **more}


def declare(dataset: str, total: dict[str, str]) -> Step:
    return "dataset.declare", "", {"dataset": dataset, "unit": "contributor", "total": total}


def start(run: str, policy: str = A, dataset: str = "d") -> Step:
    code = {"version": "0.1.0", "source": A}
    return "run.start", run, {"policy": policy, "dataset": dataset, "code": code, "models": []}


def read_inputs(run: str, optouts: str | None = None) -> Step:
    return "run.inputs", run, {"inputs": COMMITTED, "optouts": optouts}


def spend(
    run: str,
    cost: dict[str, str],
    policy: str = A,
    dataset: str = "d",
    periods: tuple[str, ...] = (),
    **more: object,
) -> Step:
    free = all(value == "0" for value in cost.values())
    statistics = [] if free else [{"id": "s", "cost": cost}]
    body = {"policy": policy, "dataset": dataset, "cost": cost, "statistics": statistics}
    return "budget.reserve", run, {**body, "periods": list(periods), **more}


def train(run: str, cost: dict[str, str], dataset: str = "d", **other: object) -> Step:
    model = {"id": "m", "cost": cost, "training": {**TRAINING, **other}}
    return spend(run, cost, dataset=dataset, statistics=[model])


def release(run: str, policy: str = A, dataset: str = "d", name: str = "release.csv") -> Step:
    outputs = [{"name": name, "digest": A}]
    return "release", run, {"policy": policy, "dataset": dataset, "outputs": outputs}


def end(run: str) -> Step:
    return "run.end", run, {"outcome": "failed"}


BASE = [
    opened(),
    adopt(A),
    adopt(B, not_after="2026-11-23"),
    declare("d", epsilon("1", "1e-6")),
    declare("r", rho("1", "1e-6")),
]
W = [f"2026-W{week:02}" for week in range(1, 9)]
DONE = [start("1"), spend("1", epsilon("0.5"), periods=(W[1], W[2])), release("1")]

# Steps, of which the last is the question: whether it may stand there.
CASES: list[tuple[str, list[Step], bool]] = [
    ("opened twice", [opened()], False),
    ("adopted again", [adopt(A)], True),
    (
        "adopted again with approvals",
        [adopt(A, approvals=[{"role": "s", "key": "ed25519:" + "1" * 64}])],
        True,
    ),
    ("one digest, two versions", [adopt(A, version=2)], False),
    ("one digest, two last days", [adopt(A, not_after="2027-01-01")], False),
    ("declared twice", [declare("d", epsilon("1", "1e-6"))], False),
    ("declared twice, in rho", [declare("d", rho("9"))], False),
    ("started twice", [start("1"), start("1")], False),
    ("started twice, over", [*DONE, start("1")], False),
    ("started under no policy", [start("1", "sha256:" + "c" * 64)], False),
    ("all of epsilon", [start("1"), spend("1", epsilon("1"))], True),
    ("more than epsilon", [start("1"), spend("1", epsilon("1.000000000001"))], False),
    ("all of delta", [start("1"), spend("1", epsilon("0.1", "1e-6"))], True),
    ("more than delta", [start("1"), spend("1", epsilon("0.1", "1.1e-6"))], False),
    ("what is left", [*DONE, start("2"), spend("2", epsilon("0.5"))], True),
    ("more than is left", [*DONE, start("2"), spend("2", epsilon("0.51"))], False),
    (
        "of failed runs nothing comes back",
        [start("1"), spend("1", epsilon("1")), end("1"), start("2"), spend("2", epsilon("0.001"))],
        False,
    ),
    ("all of rho", [start("1", dataset="r"), spend("1", rho("1", "1e-6"), dataset="r")], True),
    ("more than rho", [start("1", dataset="r"), spend("1", rho("1.01"), dataset="r")], False),
    ("rho of epsilon", [start("1"), spend("1", rho("0.1"))], False),
    ("epsilon of rho", [start("1", dataset="r"), spend("1", epsilon("0.1"), dataset="r")], False),
    ("of no dataset", [start("1", dataset="x"), spend("1", epsilon("0.1"), dataset="x")], False),
    ("a training for what it costs", [start("1"), train("1", epsilon(EPSILON, "1e-6"))], True),
    ("a training for less", [start("1"), train("1", epsilon("0.087814", "1e-6"))], False),
    ("a training at no delta", [start("1"), train("1", epsilon("1"))], False),
    ("a step more", [start("1"), train("1", epsilon(EPSILON, "1e-6"), steps=21)], False),
    (
        "a larger chance",
        [start("1"), train("1", epsilon(EPSILON, "1e-6"), sampling_rate="0.5001")],
        False,
    ),
    ("less noise", [start("1"), train("1", epsilon(EPSILON, "1e-6"), noise="99.99")], False),
    ("two accounts", [start("1"), train("1", epsilon(EPSILON, "1e-6"), accounts=2)], False),
    ("more noise", [start("1"), train("1", epsilon(EPSILON, "1e-6"), noise="101")], True),
    ("in rho", [start("1", dataset="r"), train("1", rho("0.001"), dataset="r")], True),
    ("less rho", [start("1", dataset="r"), train("1", rho("0.000999999"), dataset="r")], False),
    (
        "rho for two accounts",
        [start("1", dataset="r"), train("1", rho("0.004"), dataset="r", accounts=2)],
        True,
    ),
    (
        "less rho for two accounts",
        [start("1", dataset="r"), train("1", rho("0.0039999"), dataset="r", accounts=2)],
        False,
    ),
    (
        "no noise at all",
        [start("1", dataset="r"), train("1", rho("1"), dataset="r", noise="0")],
        False,
    ),
    (
        "nobody takes part",
        [start("1", dataset="r"), train("1", rho("1"), dataset="r", sampling_rate="0")],
        False,
    ),
    *(
        (
            f"{name} of {'a training' if trained else 'tables'}",
            [
                start("1"),
                train("1", epsilon("0.1", "1e-6")) if trained else spend("1", epsilon("0.1")),
                release("1", name=name),
            ],
            trained,
        )
        for name in ("model.safetensors", "model-card.md")
        for trained in (True, False)
    ),
    ("spent twice", [start("1"), spend("1", epsilon("0.1")), spend("1", epsilon("0.1"))], False),
    ("committed", [start("1"), read_inputs("1")], True),
    ("committed to a list", [start("1"), read_inputs("1", COMMITTED)], True),
    ("committed twice", [start("1"), read_inputs("1"), read_inputs("1")], False),
    ("committed, then spent", [start("1"), read_inputs("1"), spend("1", epsilon("0.1"))], True),
    ("spent, then committed", [start("1"), spend("1", epsilon("0.1")), read_inputs("1")], False),
    ("committed in no run", [read_inputs("1")], False),
    ("committed when over", [start("1"), end("1"), read_inputs("1")], False),
    ("spent in no run", [spend("1", epsilon("0.1"))], False),
    ("spent when over", [start("1"), end("1"), spend("1", epsilon("0.1"))], False),
    ("spent under another policy", [start("1"), spend("1", epsilon("0.1"), policy=B)], False),
    ("spent of another dataset", [start("1"), spend("1", epsilon("0.1"), dataset="r")], False),
    ("spent on the last day", [start("1", B), spend("1", epsilon("0.1"), policy=B)], True),
    ("released without a spend", [start("1"), release("1")], False),
    ("released when over", [*DONE, release("1")], False),
    (
        "released another dataset",
        [start("1"), spend("1", epsilon("0.1")), release("1", dataset="r")],
        False,
    ),
    (
        "released another policy",
        [start("1"), spend("1", epsilon("0.1")), release("1", policy=B)],
        False,
    ),
    ("ended twice", [start("1"), end("1"), end("1")], False),
    ("ended after the release", [*DONE, end("1")], False),
    ("ended in no run", [end("1")], False),
    (
        "the next period",
        [*DONE, start("2"), spend("2", epsilon("0.1"), periods=(W[3], W[3]))],
        True,
    ),
    (
        "the last period again",
        [*DONE, start("2"), spend("2", epsilon("0.1"), periods=(W[2], W[3]))],
        False,
    ),
    (
        "an earlier period",
        [*DONE, start("2"), spend("2", epsilon("0.1"), periods=(W[0], W[0]))],
        False,
    ),
    ("no period", [*DONE, start("2"), spend("2", epsilon("0.1"))], True),
    ("for nothing", [*DONE, start("2"), spend("2", epsilon("0"), periods=(W[3], W[4]))], True),
    (
        "another policy's period",
        [*DONE, start("2", B), spend("2", epsilon("0.1"), policy=B, periods=(W[0], W[0]))],
        True,
    ),
    (
        "a period of a run that failed",
        [
            start("1"),
            spend("1", epsilon("0.1"), periods=(W[1], W[1])),
            end("1"),
            start("2"),
            spend("2", epsilon("0.1"), periods=(W[1], W[1])),
        ],
        True,
    ),
    (
        "two runs at once, one period",
        [
            start("1"),
            start("2"),
            spend("1", epsilon("0.1"), periods=(W[1], W[1])),
            spend("2", epsilon("0.1"), periods=(W[1], W[1])),
            release("1"),
            release("2"),
        ],
        False,
    ),
]


def line(seq: int, step: Step, at: str = "2026-11-23") -> bytes:
    kind, run, body = step
    value = {"v": 1, "seq": seq, "type": kind, "at": at, "body": body}
    if run:
        value["run"] = run * 32
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def both(steps: list[Step], last_day: str = "2026-11-23") -> tuple[bool, bool]:
    """Say whether each verifier lets the last step stand, having taken the others."""
    history, fold = History(), Fold()
    lines = [line(n, step) for n, step in enumerate(steps[:-1])]
    for text in lines:
        entry = parse_line(text)
        history.check(entry)
        history.record(entry)
        fold.take(read(text))
    last = line(len(lines), steps[-1], last_day)
    codes = [0, 0]
    try:
        history.check(parse_line(last))
    except AuditError as error:
        codes[0] = error.exit_code
    try:
        fold.take(read(last))
    except Problem as problem:
        codes[1] = problem.exit_code
    assert set(codes) <= {0, 7}
    first, second = (code == 0 for code in codes)
    return first, second


@pytest.mark.parametrize(("steps", "stands"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_what_may_stand_where(steps: list[Step], stands: bool) -> None:
    assert both([*BASE, *steps]) == (stands, stands)


def test_the_first_entry_and_the_day_after_the_last() -> None:
    assert both([adopt(A)]) == (False, False)
    steps = [*BASE, start("1", B), spend("1", epsilon("0.1"), policy=B)]
    assert both(steps, "2026-11-24") == (False, False)


STATISTIC = {"id": "s", "cost": epsilon("0.1")}
FORMS: list[tuple[str, Step, bool]] = [
    ("a training", train("1", epsilon("0.1")), True),
    ("a training of no steps", train("1", epsilon("0.1"), steps=0), False),
    ("too many steps", train("1", epsilon("0.1"), steps=100_001), False),
    ("steps as text", train("1", epsilon("0.1"), steps="20"), False),
    ("a chance above 1", train("1", epsilon("0.1"), sampling_rate="1.1"), False),
    ("a chance of 1", train("1", epsilon("0.1"), sampling_rate="1"), True),
    ("a longer chance", train("1", epsilon("0.1"), sampling_rate="0.50"), False),
    ("a float", train("1", epsilon("0.1"), noise=2.5), False),
    ("no noise", train("1", epsilon("0.1"), noise="-1"), False),
    ("no accounts", train("1", epsilon("0.1"), accounts=0), False),
    ("how many photos", train("1", epsilon("0.1"), photos=12), False),
    (
        "a training without noise",
        spend("1", epsilon("0.1"), statistics=[{**STATISTIC, "training": {"steps": 1}}]),
        False,
    ),
    (
        "null for no training",
        spend("1", epsilon("0.1"), statistics=[{**STATISTIC, "training": None}]),
        False,
    ),
    ("whole", spend("1", epsilon("0.1")), True),
    ("adds up", spend("1", epsilon("0.2"), statistics=[STATISTIC, {**STATISTIC, "id": "t"}]), True),
    ("one name twice", spend("1", epsilon("0.2"), statistics=[STATISTIC, STATISTIC]), False),
    (
        "not sorted",
        spend("1", epsilon("0.2"), statistics=[{**STATISTIC, "id": "t"}, STATISTIC]),
        False,
    ),
    ("does not add up", spend("1", epsilon("0.3"), statistics=[STATISTIC]), False),
    ("delta does not add up", spend("1", epsilon("0.1", "1e-9"), statistics=[STATISTIC]), False),
    (
        "two units",
        spend("1", epsilon("0.1"), statistics=[STATISTIC, {"id": "t", "cost": rho("0")}]),
        False,
    ),
    ("in another unit", spend("1", rho("0.1"), statistics=[STATISTIC]), False),
    ("for nothing, of no period", spend("1", epsilon("0")), False),
    (
        "something, on nothing",
        spend("1", epsilon("0.1"), statistics=[], periods=(W[0], W[1])),
        False,
    ),
    ("periods back", spend("1", epsilon("0.1"), periods=(W[1], W[0])), False),
    ("one period", spend("1", epsilon("0.1"), periods=(W[1],)), False),
    ("periods of two kinds", spend("1", epsilon("0.1"), periods=("2026-01", "2026-W01")), False),
    ("days", spend("1", epsilon("0.1"), periods=("2026-01-01", "2026-01-31")), True),
    ("a truth for a number", adopt(A, version=True), False),
    ("version 0", adopt(A, version=0), False),
    ("no such day", adopt(A, not_after="2026-02-29"), False),
    ("a field more", adopt(A, note=""), False),
    ("another class", adopt(A, **{"class": "Test"}), False),
    ("a longer number", declare("d", epsilon("1.00")), False),
    ("an exponent too many", declare("d", epsilon("0.00001", "1e-5")), False),
    ("the smallest plain number", declare("d", epsilon("0.00001", "0.00001")), True),
    ("the largest small number", declare("d", epsilon("1", "9.9e-6")), True),
    ("both units", declare("d", {**epsilon("1"), "rho": "1"}), False),
    ("37 digits", declare("d", epsilon("1." + "1" * 36)), False),
    ("36 digits", declare("d", epsilon("1." + "1" * 35)), True),
    ("commitments", read_inputs("1", COMMITTED), True),
    ("no list", read_inputs("1"), True),
    ("a list left out", ("run.inputs", "1", {"inputs": COMMITTED}), False),
    ("no inputs", ("run.inputs", "1", {"inputs": None, "optouts": None}), False),
    ("a digest", ("run.inputs", "1", {"inputs": A, "optouts": None}), False),
    ("a digest of a list", read_inputs("1", A), False),
    ("a commitment cut", read_inputs("1", COMMITTED[:-1]), False),
    ("a commitment in capitals", read_inputs("1", COMMITTED.replace("c", "C")), False),
    ("a size", ("run.inputs", "1", {"inputs": COMMITTED, "optouts": None, "rows": 3}), False),
    ("commitments in no run", ("run.inputs", "", {"inputs": COMMITTED, "optouts": None}), False),
    ("a long id", declare("d" * 64, epsilon("1")), True),
    ("too long an id", declare("d" * 65, epsilon("1")), False),
    ("a newline after it", declare("d\n", epsilon("1")), False),
]


@pytest.mark.parametrize(("step", "good"), [f[1:] for f in FORMS], ids=[f[0] for f in FORMS])
def test_what_an_entry_may_say(step: Step, good: bool) -> None:
    text = line(0, step)
    outcomes = []
    for parse, error in ((parse_line, AuditError), (read, Problem)):
        try:
            parse(text)
            outcomes.append(True)
        except error:
            outcomes.append(False)
    assert outcomes == [good, good]


def test_one_spelling_of_a_line() -> None:
    good = line(0, opened())
    assert parse_entry(read(good)).line() == good
    for bad in (
        good + b" ",
        b" " + good,
        good.replace(b'"seq":0', b'"seq":0.0'),
        good.replace(b'"seq":0', b'"seq":-0'),
        good.replace(b'"seq":0', b'"seq":0,"seq":0'),
        good.replace(b'"v":1', b'"v":true'),
        good.replace(b"crowdlens", b"crowdl\\u0065ns"),
        good.replace(b'"seq":0', b'"seq":NaN'),
        good[:-1] + b',"zzz":"' + b"a" * 60_000 + b'"}',
    ):
        with pytest.raises(AuditError):
            parse_line(bad)
        with pytest.raises(Problem):
            read(bad)
