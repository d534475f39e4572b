"""A model's card: what the head is for, and what it tells of the people who taught it.

Everything in it is public: the policy, the recipe, what both cost, and figures only under noise.
"""

from collections.abc import Iterator, Sequence

from engine.finishing import MODEL
from engine.learning.accounting import epsilon_up, tightness
from engine.learning.figures import Figures
from engine.learning.interface import Recipe
from engine.learning.planning import plan_model
from engine.learning.recipe import as_one, figures_law, model_of
from engine.notice.odds import sureness
from engine.statistics.accounting import stated_epsilon
from policies.decision import StudyRules
from policies.heads import HeadRecord

_WHAT = {
    "brand": "whether a part of a redacted photo shows the mark of one of these brands",
    "scene": "which of these scenes a redacted photo shows",
    "interest": "which of these interests a redacted photo speaks of",
}


def card_of(
    rules: StudyRules, recipe: Recipe, record: HeadRecord, digest: str, figures: Figures | None
) -> str:
    """Return the card as Markdown; `digest` is that of the head's file."""
    parts = (
        _head(rules, recipe, digest),
        _promise(rules, recipe),
        _recipe(recipe),
        _figures(rules, figures),
        _limits(recipe),
        _licence(rules, record),
    )
    return "\n".join(line for part in parts for line in (*part, "")).rstrip() + "\n"


def _head(rules: StudyRules, recipe: Recipe, digest: str) -> Iterator[str]:
    policy = rules.policy
    many = len(recipe.labels)
    yield f"# {recipe.id}: a head that tells {many} {recipe.kind} label{'' if many == 1 else 's'}"
    yield ""
    if policy.policy_class == "test":
        yield "**Of class test: trained on test photos or made-up ones, for trying out.**"
        yield ""
    yield f"It says {_WHAT[recipe.kind]}, or none of them: {', '.join(map(_code, recipe.labels))}."
    yield "It is one layer of numbers on what a fixed net sees; the net was not trained here."
    yield ""
    yield from _table(
        (
            ("file", _code(MODEL)),
            ("digest", _code(digest)),
            ("dataset", _code(policy.dataset.id)),
            ("study", f"{_code(policy.id)}, version {policy.version}"),
            ("policy", _code(policy.digest)),
            ("purpose", policy.purpose.statement),
        )
    )
    yield ""
    yield "To use it, put the file beside a policy and name it there by this digest, under"
    yield "`recognition.heads`. It is for the purpose above and for counting what a crowd shows."
    yield "It is not for telling who somebody is, nor for deciding anything about a person."


def _promise(rules: StudyRules, recipe: Recipe) -> Iterator[str]:
    accounts = rules.policy.privacy_unit.accounts_of_one_person
    whom = "one contributor" if accounts == 1 else f"one person with up to {accounts} accounts"
    planned = plan_model(rules)
    assert planned is not None
    yield "## What it tells of anybody"
    yield ""
    yield "The unit is the contributor. Somebody who knows all else there is to know, and would"
    yield f"toss a coin on whether {whom} was among those who taught it, with all"
    yield f"of their photos, is, with this file and this card, {sureness(planned.stated_epsilon)}."
    yield "That is what epsilon says, and it holds but for a probability of delta."
    yield ""
    yield from _table(tuple(_costs(rules, recipe, accounts)))
    yield ""
    yield "Trained by DP-SGD (Opacus): a step adds up what contributors' redacted photos teach,"
    yield "each contributor's part cut to one length whatever the number of their photos, and adds"
    yield "exact discrete Gaussian noise. The budget was reserved in the audit log before the first"
    yield "step."


def _costs(rules: StudyRules, recipe: Recipe, accounts: int) -> Iterator[tuple[str, str]]:
    model, budget = model_of(rules), rules.policy.budget
    rate, noise = as_one(recipe.sampling_rate, recipe.noise, accounts)
    yield "price of the weights", str(model.price)
    if model.figures is not None:
        yield "price of the figures below", str(model.figures.loss)
    if model.price.rho is not None:
        stated = stated_epsilon(model.price.rho, budget.stated_at).epsilon
        at = budget.stated_at
        yield "which is, by Opacus's RDP accountant", f"epsilon {stated:.4g} at delta {at}"
    else:
        at = model.price.delta
        found = epsilon_up(recipe.steps, rate, noise, at)
        yield "what the weights cost, by Opacus's RDP accountant", f"epsilon {found} at delta {at}"
    tight = tightness(recipe.steps, rate, noise, at)
    yield (
        "by Opacus's PRV accountant, for comparison",
        "it gives none" if tight is None else f"about epsilon {tight:.4g} at delta {at}",
    )


def _recipe(recipe: Recipe) -> Iterator[str]:
    yield "## How it was trained"
    yield ""
    yield from _table(
        (
            ("steps", str(recipe.steps)),
            ("chance of a contributor to take part in a step", f"{float(recipe.sampling_rate):g}"),
            ("noise, in units of the clip", f"{float(recipe.noise):g}"),
            ("clip: most that a contributor can add to a step (L2)", f"{float(recipe.clip):g}"),
            ("guess of the number of contributors, from the policy", f"{recipe.contributors:,}"),
            ("photos of one contributor that count, at most", str(recipe.photos_per_contributor)),
        )
    )


def _figures(rules: StudyRules, figures: Figures | None) -> Iterator[str]:
    yield "## Figures"
    yield ""
    law = figures_law(rules)
    if figures is None or law is None:
        yield "None: the policy pays for none, and exact ones would tell of people."
        return
    width = law.half_width
    yield f"Both are off by noise ({law.name}), by up to {width} in 95 of 100 draws; a number may"
    yield "come out below zero."
    yield ""
    yield from _table(
        (
            ("contributors who taught something", str(figures.contributors)),
            ("of whom it tells more than half of the examples right", str(figures.told_right)),
        )
    )
    yield ""
    yield "The second is about those who taught it, and so better than it will do on others."


def _limits(recipe: Recipe) -> Iterator[str]:
    yield "## What it can't do"
    yield ""
    yield "- It knows what labels said: a wrong label teaches something wrong."
    yield "- It was trained on redacted photos; what redaction veils, it has never seen."
    yield "- Its probabilities were not calibrated: measure it on labelled test photos of your own"
    yield f"  (`crowdlens evaluate {recipe.kind}s --head`) before you rely on it."
    yield "- The noise makes it worse the fewer contributors there were."


def _licence(rules: StudyRules, record: HeadRecord) -> Iterator[str]:
    release = rules.policy.release.recipients
    yield "## Whose it is"
    yield ""
    yield "What it may be used for, and by whom, is what the policy says"
    yield f"(recipients: {', '.join(map(_code, release)) if release else 'none are named'})."
    yield "Crowdlens claims no right in it. It looks through these files, which it does not hold;"
    yield "those that ship with Crowdlens are described in `LICENCES.md` beside them (Apache-2.0,"
    yield "and numbers made here). Names and marks of brands stay their owners'."
    yield ""
    yield from _table(tuple((name, _code(digest)) for name, digest in record.nets.items()))


def _table(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield "| | |"
    yield "|---|---|"
    for name, value in rows:
        yield f"| {_cell(name)} | {_cell(value)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{text}`"
