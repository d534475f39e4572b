import pytest

from engine.explaining import explain
from engine.setup import Place
from policies.approvals import Approver
from policies.decision import load_rules
from policies.policy import read_policy
from tests.heads import head_record, write_head
from tests.places import made_real


def told(place: Place, *replacements: tuple[str, str], approvals=(), crowd=None) -> str:
    text = place.policy.read_text()
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    place.policy.write_text(text)
    rules, warnings = load_rules(place.policy), read_policy(place.policy)[1]
    paragraphs = explain(rules, approvals, warnings, crowd)
    return "\n".join(line for p in paragraphs for line in (p.title, *p.lines))


def test_a_policy_in_plain_words(place: Place) -> None:
    text = told(place, approvals=[Approver("steward", "ed25519:00")], crowd=100)
    for said in (
        "made-up photos, of nobody",
        "3 brand labels; nothing about a person",
        "brand_by_week: how many contributors, by brand, week (all 6 cells of it)",
        "% of the crowd) can't be told from zero",
        "A release costs epsilon 1, delta",
        "4 such releases",
        "It needs 1 as reviewer, 1 as steward.",
        "Approved as steward by ed25519:00",
        "Still missing: 1 as reviewer.",
        "No controller is named.",
    ):
        assert said in text, said
    assert "What to weigh" not in text


MODEL = (
    '\nmodel_release: {id: head, kind: brand, contributors: 200, epsilon: "0.5", delta: "1e-8",'
    ' sampling_rate: "0.5"%s}\nretention:'
)


def test_a_model_is_told_of_where_there_is_one(place: Place) -> None:
    assert "model" not in told(place)
    place.policy.write_text(place.policy.read_text() + "\nretention: {}\n")
    text = told(place, ("\nretention:", MODEL % ', figures: {epsilon: "0.25"}'))
    for said in (
        "Tables that are made with noise, and a model, and nothing else:",
        "head: a model that tells 3 brand labels; `crowdlens train` makes it",
        "at most 64 of one contributor, in 20 steps. In each a contributor takes part with a chance"
        " of 50 %.",
        "times what one contributor can add.",
        "with the model, right at most 68 times in 100.",
        "both numbers are at most 24 off",
        "A training costs epsilon 0.75, delta 1e-8, each time, from the same total:",
        "5 such trainings",
        "While a training lasts",
    ):
        assert said in text, said


def test_whoever_signs_learns_which_heads_look(place: Place) -> None:
    digest = write_head(place.root / "own.safetensors", head_record())
    named = f"recognition:\n  heads: [{{file: own.safetensors, digest: {digest}}}]\n"
    text = told(place, ("recognition:\n", named))
    wanted = (
        "own.safetensors, trained on test-photos for epsilon 4, delta 1e-6, looks for brand: Kes"
    )
    assert wanted in text


def test_a_real_study_says_who_answers_for_it_and_what_is_to_be_weighed(place: Place) -> None:
    real = made_real(place.policy.read_text(), "production", "public-posts")
    place.policy.write_text(real)
    text = told(place, ("reviewer: 1", "reviewer: 2"), approvals="Nobody knows.")
    for said in (
        "Controller: Example Ltd",
        "consent (GDPR, Art. 6(1)(a))",
        "the risk that remains is low",
        "left out of the source within 7 day(s)",
        "Witnesses of the log: 1.",
        "Nobody knows.",
        "[PL-LAW-013]",
        "dpv:CommercialResearch",
    ):
        assert said in text, said


@pytest.mark.parametrize(
    ("statistic", "said"),
    [
        ("kind: photos\n    clip: 3", "at most 3 of one contributor"),
        ("kind: top\n    k: 2", "the 2 labels that most contributors show"),
        ("kind: running-total", "added up from the first period on"),
    ],
)
def test_each_kind_of_table_has_its_words(place: Place, statistic: str, said: str) -> None:
    id_ = "  - id: brand_by_week\n"
    assert said in told(place, (id_, f"{id_}    {statistic}\n"))


def test_hashtags_that_are_found_have_their_words(place: Place) -> None:
    found = "id: t, kind: found, by: [hashtag], least: 20, selection_delta: '1e-9', epsilon: '1'"
    id_ = "  - id: brand_by_week\n"
    text = told(
        place,
        (id_, f"  - {{{found}}}\n{id_}"),
        ('per_release:\n    epsilon: "1"', 'per_release:\n    epsilon: "2"'),
        ("  week:\n    from", "  hashtag: {from: data}\n  week:\n    from"),
    )
    assert "A hashtag shows where 20 or more use it" in text
    assert "hashtags of each photo's row are read" in text


def test_who_leaves_objectors_out_is_said(place: Place) -> None:
    place.policy.write_text(
        place.policy.read_text() + "optouts: {applied: by-run, max_age_days: 3}\n"
    )
    text = told(place)
    assert "An opt-out list that was brought up to date within 3 day(s): the run leaves out" in text
    assert "nothing checks that" not in text
    by_hand = told(place, ("by-run", "by-operator"))
    assert "nothing checks that" in by_hand
    assert "An opt-out list" not in by_hand


def test_consent_and_what_is_kept_of_inputs_have_their_words(place: Place) -> None:
    text = told(place)
    assert "For 365 day(s), privately: what it takes to show which rows" in text
    assert "column consent" not in text
    place.policy.write_text(place.policy.read_text() + "retention: {private_commitments_days: 0}\n")
    text = told(place, ("collection: made-up", "collection: made-up\n  consent: column"))
    assert "A manifest with a column consent: only rows that say yes are read." in text
    assert "Nothing by which it could be shown which rows" in text


def test_rho_is_put_into_an_epsilon_for_readers(place: Place) -> None:
    text = told(
        place,
        ("budget:\n", "budget:\n  accounting: zcdp\n"),
        ('epsilon: "4"', 'rho: "4"'),
        ('epsilon: "1"', 'rho: "1"'),
    )
    assert "an epsilon of" in text
