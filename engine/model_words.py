"""A model that a policy releases, in plain words: what it learns, and what it tells of anybody."""

from engine.learning.planning import PlannedModel
from engine.notice.odds import sureness


def model_words(model: PlannedModel) -> list[str]:
    """Return the lines that a reviewer reads of it."""
    recipe, many = model.recipe, len(model.recipe.labels)
    share = 100 * float(recipe.sampling_rate)
    who = "all contributors take part"
    if share < 100:
        who = f"a contributor takes part with a chance of {share:.3g} %"
    lines = [
        f"  {recipe.id}: a model that tells {many} {recipe.kind} label{_s(many)}; `crowdlens train`"
        " makes it, in a run of its own.",
        f"    It learns from redacted photos, at most {recipe.photos_per_contributor} of one"
        f" contributor, in {recipe.steps} step{_s(recipe.steps)}. In each {who}.",
        f"    In a step the noise is {float(recipe.noise):.4g} times what one contributor can add.",
        "    Somebody who would toss a coin on whether a contributor is in it is, with the model,"
        f" {sureness(model.stated_epsilon)}.",
    ]
    if model.figures is not None:
        lines.append(
            "    Its card says how many contributors taught it, and how many it mostly gets right:"
            f" both numbers are at most {model.figures_half_width} off, 95 times in 100."
        )
    return lines


def _s(count: int) -> str:
    return "" if count == 1 else "s"
