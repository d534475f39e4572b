import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from policies.approvals import approve
from policies.errors import PolicyRefuses
from policies.policy import read_policy
from policies.unfilled import ZEROS
from tests.places import made_real

KEY = Ed25519PrivateKey.generate()


def test_what_is_to_be_filled_in_is_named_and_stops_an_approval(write_policy) -> None:
    path = write_policy()
    text = made_real(path.read_text(), "production", "consented-panel")
    path.write_text(text.replace("Example Ltd", "FILL IN").replace("sha256:" + "a" * 64, ZEROS))
    policy, warnings = read_policy(path)
    left = [(w.field, w.severity) for w in warnings if w.rule == "PL-TEXT-002"]
    assert left == [("controller.name", "warning"), ("dpia.digest", "warning")]
    with pytest.raises(PolicyRefuses, match="PL-APPR-004"):
        approve(policy, "steward", KEY, "log")
    path.write_text(text)
    assert approve(read_policy(path)[0], "steward", KEY, "log")


def test_class_test_may_leave_it_open(write_policy) -> None:
    policy, warnings = read_policy(write_policy(("Measure how", "FILL IN how")))
    assert warnings == ()
    assert approve(policy, "steward", KEY, "log")
