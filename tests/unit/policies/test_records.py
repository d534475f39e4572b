import pytest

from policies.policy import Policy, load_policy
from policies.records import OPEN, impact_assessment, record_of_processing
from tests.places import made_real


@pytest.fixture
def policy(write_policy) -> Policy:
    path = write_policy()
    text = made_real(path.read_text(), "production", "consented-panel")
    path.write_text(text.replace("see PRIVACY.md", "locks_and *keys* | <b>doors</b>"))
    return load_policy(path)


def test_a_record_of_processing_holds_the_seven_things_of_article_30(policy: Policy) -> None:
    text = record_of_processing(policy)
    assert text.startswith("# Record of processing: street-brands\n")
    for letter in "abcdefg":
        assert f"\n## ({letter}) " in text
    for said in ("Example Ltd", "dpo@example.org", "people who posted photos", "account names"):
        assert said in text
    for said in ("research-team", "none", "nothing of a photo is kept", "art6-1-a", "D-1"):
        assert said in text
    assert policy.digest in text
    assert "not stated" not in text


def test_what_a_policy_does_not_say_is_marked(write_policy) -> None:
    text = record_of_processing(load_policy(write_policy()))
    assert text.count("[not stated in the policy]") >= 8


def test_a_model_stands_in_the_record_of_processing(write_policy) -> None:
    path = write_policy()
    model = 'model_release: {id: m, kind: brand, contributors: 9, epsilon: "1", delta: "1e-8"}\n'
    assert "is trained" not in record_of_processing(load_policy(path))
    path.write_text(path.read_text() + model)
    text = record_of_processing(load_policy(path))
    assert "A model (m) is trained" in text.replace("\\", "")


def test_texts_of_a_policy_are_no_markup(policy: Policy) -> None:
    text = record_of_processing(policy)
    assert r"locks\_and \*keys\* \| \<b\>doors\</b\>" in text
    assert "<b>" not in text.replace(r"\<b\>", "")


def test_an_assessment_leaves_open_what_only_people_can_judge(policy: Policy) -> None:
    text = impact_assessment(policy, ["A table of brands."])
    for number in range(1, 8):
        assert f"\n## {number}. " in text
    assert text.count(OPEN) > 15
    assert "- A table of brands." in text
    assert "Risk that remains: low" in text
    assert "Enforced by the engine: " in text
