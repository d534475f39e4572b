"""What people ask of a study: who, why, which photos, and what becomes of them."""

from collections.abc import Iterator
from datetime import date

from engine.notice.interface import Block, Listed, Points
from engine.notice.words import (
    COLLECTED,
    LOOKED_FOR,
    MOST_LISTED,
    in_days,
    in_words,
    said,
    sentence,
)
from engine.study import counts_photos_once
from policies.decision import StudyRules
from policies.label_choices import labels_of
from policies.policy import Policy
from policies.purpose_choices import DPV


def who(policy: Policy) -> Iterator[Block]:
    """Say who answers for the study."""
    if policy.controller is None:
        yield "Nobody is named as responsible. Of a real study that would not be allowed."
        return
    yield f"Responsible: {sentence(policy.controller.name)}"
    yield f"Contact: {said(policy.controller.contact)}"
    if policy.controller.dpo is not None:
        yield f"Data protection officer: {said(policy.controller.dpo)}"
    roles = sorted(policy.approvals)
    if roles:
        yield (
            f"The rules of the study must be signed before it can run, by: {in_words(roles)}."
            " Whoever changes a rule needs new signatures."
        )


def why(policy: Policy) -> Iterator[Block]:
    """Say what is studied, what for, and who gets the results."""
    yield sentence(policy.purpose.statement)
    if policy.purpose.dpv:
        kinds = in_words([DPV[term] for term in policy.purpose.dpv])
        yield f"What kind of work that is: {kinds}."
    names = [said(name) for name in policy.release.recipients]
    yield f"Who gets the results: {in_words(names)}." if names else "Who gets them is not named."
    begins, ends = policy.validity.not_before, policy.validity.not_after
    yield f"The study may run from {_day(begins)} to {_day(ends)}, and not after."


def which(rules: StudyRules) -> Iterator[Block]:
    """Say which photos are looked at, and what is looked for in them."""
    policy = rules.policy
    first, last = policy.dimensions.days
    yield COLLECTED[policy.dataset.collection]
    if policy.dataset.acquisition is not None:
        yield f"How they are got: {sentence(policy.dataset.acquisition)}"
    yield f"Only photos taken from {_day(first)} to {_day(last)} are opened."
    if policy.dataset.consent == "column":
        yield "Of these, only photos whose owner said yes are opened; the program sees to that."
    counted = {name.removeprefix("with_") for s in policy.statistics for name in s.by}
    if counted & {"parent", "category"}:
        counted.add("brand")
    yield "A computer looks for what is in these lists, and for nothing else:"
    for kind, title in LOOKED_FOR.items():
        names = sorted(labels_of(rules, kind)) if kind in counted else []  # type: ignore[arg-type]
        if names:
            more = len(names) - MOST_LISTED
            shown = [*names[:MOST_LISTED], *([f"and {more} more"] if more > 0 else [])]
            yield Listed(title, tuple(name.replace("_", " ") for name in shown))
    if "hashtag" in counted:
        yield "Hashtags of the posts are read too. One that few people use is never shown."


def what_happens(policy: Policy) -> Iterator[Block]:
    """Say what becomes of a photo."""
    veiled = "Faces and whole people" if policy.redaction.people == "people" else "Faces"
    text = (
        "all writing but the brand names above"
        if policy.redaction.text == "default-deny"
        else "personal details in writing"
    )
    steps = ["Where and with what a photo was taken (its hidden data) is thrown away."]
    if policy.dimensions.countries:
        steps.append(
            "If a post says where it was, the country is read from that, where it is one of these: "
            f"{', '.join(policy.dimensions.countries)}. The place itself is thrown away."
        )
    steps += [
        f"{veiled}, number plates, bar codes and {text} are covered, as far as they are found.",
        "A photo that can't be checked for all this is not used.",
        "Only then does the computer look for what is in the lists.",
        "The photo, the covered copy and what was seen in it are not kept.",
    ]
    if counts_photos_once(policy):
        steps.append(
            "Covered photos of one account are compared with each other, so that a copy does not"
            " count twice. Photos of two accounts never are."
        )
    if policy.model_release is not None:
        steps.append(
            "While a computer learns from the covered photos, numbers that were made of each are"
            " kept, in memory or under lock and key (encrypted). Then they are destroyed."
        )
    if (days := policy.retention.private_commitments_days) > 0:
        steps.append(
            f"For {in_days(days)} a secret is kept that can show, to those who hold the list of"
            " photos, which of them were used. Then it is destroyed."
        )
    if policy.redaction.text != "default-deny":
        steps.append(f"Why other writing stays: {sentence(policy.redaction.text_reason or '')}")
    if policy.continual is not None and any(s.kind == "running-total" for s in policy.statistics):
        steps.append(
            "Until the last period, sums that go on are kept under lock and key (encrypted), with a"
            " code in the place of each account."
        )
    yield Points(tuple(steps))


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
