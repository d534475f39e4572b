"""From the rules that reviewers signed to what each zone needs to know of them.

Everything here is computed from the policy and its catalogue; no data is read.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

from audit import Trust, WitnessMissing
from engine.learning.recipe import recipe_of
from engine.provenance import source_digest, version
from engine.recognition import RecognitionRules
from engine.recognition.nets import Net
from engine.recognition.rules import BuiltPlace, HeadPlace
from engine.statistics import (
    Contributors,
    Dimension,
    Photos,
    RunningTotal,
    Statistic,
    Study,
    Together,
    Top,
    cost,
)
from engine.statistics.found import FoundLabels
from engine.statistics.measures import Measure
from policies.built import require_fresh
from policies.catalogue import Catalogue
from policies.decision import NO_REDACTOR, ApprovedRules, StudyRules, approved
from policies.errors import PolicyRefuses
from policies.evaluation_record import Redactor
from policies.heads import head_for
from policies.label_deny_list import about_a_person
from policies.lexicon import Lexicon
from policies.policy import Policy
from policies.recognition_choices import LABEL_KINDS, LabelKind, LeastScores, NamedNet
from policies.redaction_choices import Redaction
from policies.statistic_choices import Statistic as PolicyStatistic
from policies.tags import INTERESTS, OBJECTS, SCENES
from redaction import Limits, RedactionRules, models


def study_of(rules: StudyRules) -> Study:
    """Return the cells, bounds and epsilons that the policy asks for.

    Raises `PolicyRefuses` (PL-BUDGET-003) where they cost more than the policy allows a release.
    """
    policy = rules.policy
    unit = policy.privacy_unit
    study = Study(
        tuple(_statistic(s, rules) for s in policy.statistics if s.kind != "found"),
        policy.contributions.max_cells,
        unit.accounts_of_one_person,
        unit.identities == "map",
        tuple(_found(s, rules) for s in policy.statistics if s.kind == "found"),
    )
    price = cost(study)
    if not price.within(policy.budget.per_release.loss):
        raise PolicyRefuses(
            "PL-BUDGET-003",
            f"a release costs {price}, more than budget.per_release allows",
            hint="Raise per_release, or ask for less; the delta is the noise sampler's own.",
        )
    return study


def require_feasible(rules: StudyRules) -> None:
    """Raise `PolicyRefuses` where tables, or a model, can't be had for what the policy allows.

    As `study_of`, and as `engine.learning.recipe.recipe_of` where the policy releases a model.
    """
    study_of(rules)
    if rules.policy.model_release is not None:
        recipe_of(rules)


def _statistic(asked: PolicyStatistic, rules: StudyRules) -> Statistic:
    price = asked.epsilon or asked.rho
    assert price is not None
    return Statistic(
        asked.id,
        tuple(_dimension(name, asked.id, rules) for name in asked.by),
        price,
        _measure(asked),
        asked.max_cells,
        asked.mechanism,
    )


def _found(asked: PolicyStatistic, rules: StudyRules) -> FoundLabels:
    price = asked.epsilon or asked.rho
    assert price is not None
    assert asked.least is not None
    assert asked.selection_delta is not None
    most = asked.max_cells or rules.policy.contributions.max_cells
    accounts = rules.policy.privacy_unit.accounts_of_one_person
    return FoundLabels(asked.id, price, asked.least, asked.selection_delta, most, accounts)


def _measure(asked: PolicyStatistic) -> Measure:
    match asked.kind:
        case "photos":
            assert asked.clip is not None
            return Photos(asked.clip)
        case "together":
            return Together()
        case "running-total":
            return RunningTotal(asked.participations or 1, asked.strategy)
        case "top":
            assert asked.k is not None
            return Top(asked.k)
        case _:
            return Contributors()


def _dimension(name: str, statistic: str, rules: StudyRules) -> Dimension:
    kind = name.removeprefix("with_")
    labels = _labels(rules)
    if kind in labels:
        return Dimension(name, labels[kind])
    if kind not in _KIND_OF:
        return Dimension(name, rules.policy.dimensions.keys(name))
    of = _FOLLOWING[kind](rules.catalogue)
    if not of:
        raise PolicyRefuses(
            "PL-STAT-008",
            f"the statistic {statistic!r} is by {name}, and no brand of the catalogue has one",
            hint=f"Give brands a {name} in the catalogue.",
        )
    keys = tuple(sorted(set(of.values())))
    about_people = [key for key in keys if about_a_person(key)]
    if about_people:
        raise PolicyRefuses(
            "PL-LABEL-002",
            f"the {name} {about_people[0]!r} is a label about persons",
            hint="Name what is sold, never who buys it.",
        )
    return Dimension(name, keys, tuple(sorted(of.items())))


def _families(catalogue: Catalogue) -> dict[str, str]:
    """Return the brand at the head of each brand's line of parents, itself where it has none."""
    heads = {}
    for label in catalogue.labels if catalogue.parents else ():
        head = label
        while head in catalogue.parents:
            head = catalogue.parents[head]
        heads[label] = head
    return heads


def _categories(catalogue: Catalogue) -> dict[str, str]:
    return {brand.name: brand.category for brand in catalogue.brands if brand.category}


_KIND_OF = {"parent": "brand", "category": "brand"}
_FOLLOWING = {"parent": _families, "category": _categories}


def _labels(rules: StudyRules) -> dict[str, tuple[str, ...]]:
    """Return every label that may be reported, by kind, less the kinds that nobody named."""
    named = rules.policy.dimensions
    kinds = {"scene": named.scene, "object": named.object, "interest": named.interest}
    return {
        "brand": rules.catalogue.labels,
        **{kind: part.keys for kind, part in kinds.items() if part is not None},
    }


def recognition_rules_of(rules: StudyRules) -> RecognitionRules:
    """Return what recognition needs: the labels that the statistics count, scores and nets."""
    policy = rules.policy
    counted = {
        _KIND_OF.get(name, name.removeprefix("with_"))
        for statistic in policy.statistics
        for name in statistic.by
    }
    labels = {kind: keys for kind, keys in _labels(rules).items() if kind in counted}
    choices = policy.recognition
    return RecognitionRules(
        lexicon=rules.catalogue.lexicon,
        wanted={kind: frozenset(labels.get(kind, ())) for kind in LABEL_KINDS},
        parents=rules.catalogue.parents,
        least=choices.least_score.floats,
        built=BuiltPlace(rules.built.path, rules.built.digest) if rules.built else None,
        embedding=_net(choices.nets.embedding, rules.file),
        detector=_net(choices.nets.detector, rules.file),
        heads=tuple(HeadPlace(head.path, head.digest, head.record) for head in rules.heads),
    )


def recognition_rules_for(
    catalogue: Catalogue | None,
    file: Path | None,
    kind: LabelKind,
    least: float | None,
    head: Path | None = None,
) -> RecognitionRules:
    """Return what an evaluation of one kind needs: every label of it that there is.

    Raises `PolicyRefuses` where the catalogue `file` has pictures and was not built from them, and
    where a trained `head` can't be read, is of another kind, or tells labels that nobody names.
    """
    public = {"brand": (), "scene": SCENES, "object": OBJECTS, "interest": INTERESTS}[kind]
    scores = LeastScores().floats
    rules = RecognitionRules(
        lexicon=Lexicon(()),
        wanted={kind: frozenset(public)},
        least=scores if least is None else {**scores, kind: least},
    )
    if catalogue is not None and file is not None:
        own = {"brand": catalogue.labels, "scene": catalogue.scene_labels}.get(kind, ())
        built = require_fresh(catalogue, file)
        rules = replace(
            rules,
            lexicon=catalogue.lexicon,
            wanted={kind: frozenset((*public, *own))},
            parents=catalogue.parents,
            built=BuiltPlace(built.path, built.digest) if built else None,
        )
    if head is None:
        return rules
    found = head_for(head, {kind: tuple(rules.wanted[kind])})
    return replace(rules, heads=(HeadPlace(found.path, found.digest, found.record),))


def _net(named: NamedNet | None, policy: Path) -> Net | None:
    return None if named is None else Net(policy.parent / named.file, named.digest)


def approved_by(rules: StudyRules, trust: Trust, today: date) -> ApprovedRules:
    """Return the rules as ones that may run today, by the keys and for the log that are trusted.

    An evaluation that the policy demands is held against this machine's redaction. Raises as
    `policies.approved`, and `WitnessMissing` for a trust file that asks for too few witnesses.
    """
    quorum = rules.policy.audit.witness_quorum
    if trust.quorum < quorum:
        raise WitnessMissing(
            f"the policy needs {quorum} witness(es), and the trust file asks for {trust.quorum}"
            " [PL-WIT-001]",
            hint="Raise quorum in the trust file, with witnesses in other places.",
        )
    demanded = rules.policy.redaction.evaluation is not None
    redactor = this_redactor(rules.catalogue.digest) if demanded else NO_REDACTOR
    return approved(rules, trust.approvers, trust.log.name, today, redactor)


def this_redactor(catalogue: str | None) -> Redactor:
    """Return what this machine redacts with; raises `ModelUnusable` where weights are missing.

    The version names the source, too: thresholds live in code.
    """
    exact = f"{version()}+{source_digest().removeprefix('sha256:')[:16]}"
    return Redactor(exact, tuple((m.name, m.digest) for m in models()), catalogue)


def counts_photos_once(policy: Policy) -> bool:
    """Say whether photos that look the same are told: never where no table is of photos.

    Where contributors are counted such photos count once anyway, and nobody has to tell them.
    """
    of_photos = any(s.kind in ("photos", "together") for s in policy.statistics)
    return of_photos and policy.contributions.near_duplicates == "once"


def redaction_rules_of(rules: StudyRules) -> RedactionRules:
    """Return what redaction needs: the words that may stay, the choices and the limits."""
    return redaction_rules(rules.policy.redaction, rules.catalogue.lexicon)


def redaction_rules(choices: Redaction, lexicon: Lexicon) -> RedactionRules:
    """Return the rules that these choices of a policy amount to."""
    limits = choices.limits
    return RedactionRules(
        lexicon=lexicon,
        limits=Limits(
            max_bytes=limits.max_bytes,
            max_pixels=limits.max_pixels,
            animations=choices.animations,
            max_seconds=float(limits.max_seconds),
            max_memory_mb=limits.max_memory_mb,
        ),
        people=choices.people,
        text=choices.text,
        fill=choices.fill,
    )
