"""The order of entries and the budget once more: one fold over plain values and fractions.

A run starts once, under a policy adopted before; commits to what it reads at most once, before it
spends; spends once, within the dataset's first declared total and before the policy's last day, and
on a training no less than it costs; releases after its spend, a model after that on its training,
or ends without. The periods of a continual study go forward. Of the real policies of one id the
newest alone is used, which names the one that it followed; a revoked policy is used no more.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from audit.fsck.form import parts
from audit.fsck.problem import Problem
from audit.fsck.training import is_paid


@dataclass
class Purse:
    """What a dataset may lose and has lost, in exact fractions of its one unit."""

    unit: str
    total: Fraction
    total_delta: Fraction
    spent: Fraction = Fraction(0)
    spent_delta: Fraction = Fraction(0)


@dataclass
class Fold:
    """Where a log stands after the entries taken so far."""

    purses: dict[str, Purse] = field(default_factory=dict)
    _policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    _runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    _in_use: dict[str, dict[str, Any]] = field(default_factory=dict)
    _revoked: set[str] = field(default_factory=set)
    _last: dict[tuple[str, str], str] = field(default_factory=dict)
    _opened: bool = False

    def take(self, entry: dict[str, Any], *, keep: bool = True) -> None:
        """Take an entry, or only ask whether it could come next; raises `Problem`."""
        kind, body = str(entry["type"]), entry["body"]
        if (kind == "log.open") == self._opened:
            raise _out("log.open is the first entry, and no other is")
        if kind == "policy.adopt":
            self._adopt(body)
        elif kind == "dataset.declare":
            self._declare(body)
        elif kind == "run.start":
            self._start(entry)
        elif kind == "run.inputs":
            self._read(entry)
        elif kind == "budget.reserve":
            self._spend(entry)
        elif kind == "release":
            self._release(entry)
        elif kind == "run.end":
            self._run(entry)
        if keep:
            self._opened = True
            self._keep(kind, body, entry.get("run", ""))

    def _keep(self, kind: str, body: dict[str, Any], run: str) -> None:
        if kind == "policy.adopt":
            self._policies[body["policy"]] = body
            if body["class"] != "test":
                self._in_use[body["id"]] = body
        elif kind == "policy.revoke":
            self._revoked.add(body["policy"])
        elif kind == "dataset.declare":
            self.purses[body["dataset"]] = Purse(*parts(body["total"]))
        elif kind == "run.start":
            self._runs[run] = {"start": body, "read": False, "periods": None, "over": False}
        elif kind == "run.inputs":
            self._runs[run]["read"] = True
        elif kind == "budget.reserve":
            self._runs[run]["periods"] = body["periods"]
            self._runs[run]["trained"] = any("training" in s for s in body["statistics"])
            _, amount, delta = parts(body["cost"])
            purse = self.purses[body["dataset"]]
            purse.spent += amount
            purse.spent_delta += delta
        elif kind in ("release", "run.end"):
            self._runs[run]["over"] = True
            periods = self._runs[run]["periods"]
            if kind == "release" and periods:
                self._last[body["policy"], body["dataset"]] = periods[1]

    def _adopt(self, body: dict[str, Any]) -> None:
        known = self._policies.get(body["policy"], body)
        if {**known, "approvals": None} != {**body, "approvals": None}:
            raise _out("one policy digest stands for two policies")
        if body["policy"] in self._policies:
            self._usable(body["policy"])
        elif body["policy"] in self._revoked:
            raise _out("a policy is adopted that was revoked")
        elif body["class"] != "test" and body["id"] in self._in_use:
            before = self._in_use[body["id"]]
            if body["version"] <= before["version"]:
                raise _out("a policy is followed by a version that is not higher")
            if body.get("supersedes") != before["policy"]:
                raise _out("a policy does not name the version that it follows")

    def _usable(self, policy: str) -> None:
        if policy in self._revoked:
            raise _out("a policy is used that was revoked")
        body = self._policies[policy]
        if body["class"] != "test" and self._in_use[body["id"]]["policy"] != policy:
            raise _out("a policy is used that a later version has followed")

    def _declare(self, body: dict[str, Any]) -> None:
        if body["dataset"] in self.purses:
            raise _out("a dataset is declared twice")

    def _start(self, entry: dict[str, Any]) -> None:
        if entry["run"] in self._runs:
            raise _out("a run starts twice")
        if entry["body"]["policy"] not in self._policies:
            raise _out("a run starts under a policy that was not adopted")
        self._usable(entry["body"]["policy"])

    def _run(self, entry: dict[str, Any]) -> dict[str, Any]:
        run = self._runs.get(entry["run"])
        if run is None or run["over"]:
            raise _out("an entry's run has not started, or is over")
        body = entry["body"]
        if any(body.get(n, run["start"][n]) != run["start"][n] for n in ("policy", "dataset")):
            raise _out("a run has one policy and one dataset")
        return run

    def _read(self, entry: dict[str, Any]) -> None:
        run = self._run(entry)
        if run["read"] or run["periods"] is not None:
            raise _out("a run commits to its inputs twice, or after its spend")

    def _spend(self, entry: dict[str, Any]) -> None:
        run, body = self._run(entry), entry["body"]
        if run["periods"] is not None:
            raise _out("a run spends twice")
        self._usable(body["policy"])
        self._forward(body, body["periods"])
        if entry["at"] > self._policies[body["policy"]]["not_after"]:
            raise _out("a spend stands after its policy's last day")
        unit, amount, delta = parts(body["cost"])
        purse = self.purses.get(body["dataset"])
        if purse is None or purse.unit != unit:
            raise _out("a spend is from a dataset without a total in its unit")
        if purse.spent + amount > purse.total or purse.spent_delta + delta > purse.total_delta:
            raise _out("a dataset spent more than its total")
        for statistic in body["statistics"]:
            if "training" in statistic and not is_paid(statistic["training"], statistic["cost"]):
                raise _out("a training costs more than was spent on it")

    def _release(self, entry: dict[str, Any]) -> None:
        run = self._run(entry)
        if run["periods"] is None:
            raise _out("a release stands without its spend")
        named = {output["name"] for output in entry["body"]["outputs"]}
        if not run["trained"] and named & {"model.safetensors", "model-card.md"}:
            raise _out("a model is released by a run that did not pay for its training")
        if entry["body"]["policy"] in self._revoked:
            raise _out("a policy is used that was revoked")
        self._forward(entry["body"], run["periods"])

    def _forward(self, body: dict[str, Any], periods: list[str]) -> None:
        last = self._last.get((body["policy"], body["dataset"]))
        if periods and last is not None and periods[0] <= last:
            raise _out("a period is released twice")


def _out(message: str) -> Problem:
    return Problem(7, message)
