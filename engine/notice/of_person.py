"""What people ask for themselves: what gets out, how well they are protected, how to keep out."""

from collections.abc import Iterator

from engine.learning.planning import PlannedModel
from engine.notice.interface import Block, Code, Listed, Points
from engine.notice.odds import one_in, sureness
from engine.notice.tables import tables_in_words
from engine.notice.words import LABELS, MOST_LISTED, PROHIBITED, RIGHTS, in_days, in_words, said
from engine.statistics.plan import Plan
from policies.policy import Policy

_WHO_KEEPS_OUT = {
    "by-operator": "Those who prepare the photos see to that; the program does not check it.",
    "by-run": "The program itself sees to that, and does not run without the list of objections.",
}


def what_leaves(policy: Policy, planned: Plan, model: PlannedModel | None) -> Iterator[Block]:
    """Say what is published, and how exact it is."""
    if model is None:
        yield "Tables of numbers, and nothing else:"
    else:
        yield "Tables of numbers, what a computer has learned, and nothing else. The tables:"
    yield Points(tables_in_words(policy.statistics, planned))
    yield (
        "Each number is blurred on purpose: a random amount is added or taken away before anybody"
        " sees it. For a crowd that matters little. It hides what any one account adds."
    )
    if model is None:
        return
    taught = LABELS[model.recipe.kind]
    names = tuple(name.replace("_", " ") for name in model.recipe.labels[:MOST_LISTED])
    more = len(model.recipe.labels) - len(names)
    yield (
        f"And a small program part that can tell each {taught} of this list in a photo. It learns"
        " that from the photos of the study, after they are covered as said above. Somebody has"
        " noted down before what is in them."
    )
    yield Listed("It learns to tell", (*names, *((f"and {more} more",) if more else ())))
    yield (
        "It is made of numbers, and holds no photo. While it learns, what one account can add is"
        " kept small, and random amounts are added that are larger."
        if model.recipe.noise > 1
        else "It is made of numbers, and holds no photo. While it learns, what one account can add"
        " is kept small, and random amounts are added."
    )
    if model.figures is not None:
        yield (
            "Beside it stand two blurred numbers: how many accounts it learned from, and how many"
            " of them it mostly gets right."
        )


def how_protected(policy: Policy, planned: Plan, model: PlannedModel | None) -> Iterator[Block]:
    """Say in words what the epsilon of a release, and of all, promises."""
    whom = (
        "one account with all of its photos"
        if planned.accounts == 1
        else f"one person with up to {planned.accounts} accounts and all of their photos"
    )
    yield f"The protection is for {whom}."
    yield (
        "Think of somebody who knows everything about everybody else, and would toss a coin on"
        " whether your photos are in the study. Without the results they are right 50 times in 100."
    )
    points = [f"After one set of results: {sureness(planned.stated_epsilon)}."]
    if model is not None:
        points.append(
            f"After what a computer has learned once: {sureness(model.stated_epsilon)}. If it"
            " learns again, that counts again."
        )
    points.append(
        f"After every set that may ever be made of these photos: {sureness(planned.stated_total)}."
        " This limit can't be raised later."
    )
    yield Points(tuple(points))
    rare = [
        planned.total.delta,
        *([planned.stated_at] if policy.budget.accounting == "zcdp" else []),
    ]
    chance = one_in(*rare)
    but = "" if chance is None else f", but for a chance of at most 1 in {chance:,}"
    yield (
        "That is the worst case; it holds whatever they know and however much they compute"
        f"{but}. (For experts: epsilon {planned.stated_epsilon:.4g} for one release,"
        f" {planned.stated_total:.4g} in all.)"
    )


def never(policy: Policy) -> Iterator[Block]:
    """Say what is never done."""
    yield Points(
        (
            "No face is recognised, measured or compared with another.",
            "Nothing about a person is looked for: no name, age, sex, origin, health or mood.",
            "No photo, no account name and no exact number leaves the computer.",
            "Nobody is told whether you are in the study.",
        )
    )
    uses = [PROHIBITED.get(use, use.replace("-", " ")) for use in policy.purpose.prohibited_uses]
    if uses:
        yield f"The results must never be used {in_words(uses, 'or')}."


def not_promised() -> Iterator[Block]:
    """Say what no rule can make sure of."""
    yield Points(
        (
            "You may be in a photo that somebody else posted. The protection above is for the"
            " account that posts. Your face is covered there too, as far as it is found.",
            "Now and then a face or a line of writing is not found. It goes no further than the"
            " computer, which looks for the lists alone; nothing of the photo leaves.",
            "Those who run the study hold the photos in any case. These rules are about what they"
            " do with them here.",
        )
    )


def objecting(policy: Policy) -> Iterator[Block]:
    """Say how somebody keeps out, and what rights they have."""
    who_is, optouts = policy.controller, policy.optouts
    if policy.dataset.consent == "column":
        yield "A photo is read only if a yes is written beside it in the list of photos."
    if who_is is not None:
        yield f"Turn to {said(who_is.contact)} and name the account whose photos are to stay out."
    if optouts is not None:
        when = "at once" if optouts.max_age_days == 0 else f"within {in_days(optouts.max_age_days)}"
        yield f"Your photos are then left out of every run, {when}."
        yield _WHO_KEEPS_OUT[optouts.applied]
    elif who_is is not None:
        yield "How soon that works is not laid down in the rules."
    else:
        yield "The rules name nobody to turn to, since no real person's photos are in it."
    yield (
        "What is out already stays out: nothing in it can be told to be yours, by anybody, so that"
        " nothing can be taken back."
    )
    if policy.lawful_basis is not None:
        yield f"Your photos may be used because {RIGHTS[policy.lawful_basis.gdpr]}."
        yield (
            "You can ask those responsible what they hold about you, have it corrected or deleted,"
            " and complain to the data protection authority of your country."
        )


def checking(policy: Policy) -> Iterator[Block]:
    """Say how anybody checks what is said here."""
    yield (
        "The rules of this study have a fingerprint. Whoever changes a single rule changes it. Ask"
        " for the file with the rules; the program Crowdlens makes this very page of it:"
    )
    yield Code("crowdlens notice POLICY")
    yield Code(policy.digest)
    yield (
        "Every run is written into a log that can't be changed unnoticed. Results come with a proof"
        " that they are in it. With the log and the keys, which those responsible hand out, anybody"
        " can check it without the photos and without the internet:"
    )
    yield Code("crowdlens audit verify --log LOG --trust KEYS --release RESULTS")
