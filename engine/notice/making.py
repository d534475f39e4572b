"""The public notice of a study: what everybody may know who is or might be in it.

It follows from the policy and its catalogue alone: no photo, no log, no clock is read, so that the
same rules always make the same page.
"""

from engine.learning.planning import plan_model
from engine.notice import of_person, of_study
from engine.notice.interface import Notice, Section
from engine.notice.odds import sureness
from engine.notice.words import said
from engine.statistics.plan import plan
from engine.study import study_of
from policies.decision import StudyRules
from policies.policy import Policy
from policies.unfilled import unfilled

_TEST = (
    "This is a test. Its photos are test photos or made up, and nobody's real posts may be used."
)

_LEARNS = (
    "The study also teaches a computer by these photos. What it learns is given away; what that can"
    " tell of you is limited, too."
)


def notice(rules: StudyRules) -> Notice:
    """Return the notice; of a policy that is not filled in yet, one that says that it is a draft.

    Raises `PolicyRefuses` where the study's tables, or its model, cost more than the policy allows.
    """
    policy = rules.policy
    planned = plan(study_of(rules), policy.budget.total.loss, policy.budget.stated_at)
    model = plan_model(rules)
    gaps = tuple(finding.field for finding in unfilled(policy))
    sections = (
        ("Who is responsible?", of_study.who(policy)),
        ("What is studied, and why?", of_study.why(policy)),
        ("Which photos, and what is looked for?", of_study.which(rules)),
        ("What happens to a photo?", of_study.what_happens(policy)),
        ("What is never done?", of_person.never(policy)),
        ("What is published?", of_person.what_leaves(policy, planned, model)),
        ("How well am I protected?", of_person.how_protected(policy, planned, model)),
        ("What can't be promised?", of_person.not_promised()),
        ("How do I keep out, and what are my rights?", of_person.objecting(policy)),
        ("How can I check this?", of_person.checking(policy)),
    )
    return Notice(
        title="What this study learns from photos, and what it never learns",
        warning=_warning(policy, gaps),
        draft=bool(gaps),
        lead=(
            f"This page is about the study “{said(policy.id)}”. It is for everybody whose photos"
            " may be in it.",
            "The study counts what a crowd of people shows in its photos. It does not learn what"
            " you show. Before anything is counted faces are covered. What is counted is blurred: a"
            f" guess about you is {sureness(planned.stated_epsilon)}; a tossed coin is right 50"
            " times.",
            *((_LEARNS,) if model is not None else ()),
        ),
        sections=tuple(Section(title, tuple(blocks)) for title, blocks in sections),
        foot=(
            f"Rules “{policy.id}”, version {policy.version}, class {policy.policy_class},"
            f" for the photos “{policy.dataset.id}”. This page was made from the rules alone."
        ),
    )


def _warning(policy: Policy, gaps: tuple[str, ...]) -> str | None:
    if policy.policy_class == "test":
        return _TEST
    return f"This is a draft. Still to be filled in: {', '.join(gaps)}." if gaps else None
