"""Which weights a study looks through, by name and digest: what is logged, and what may be pinned.

A policy can name them all (`models`), so that approvers sign for exactly these nets; a run through
others is refused before a photo is read.
"""

import re
from collections.abc import Iterable

from engine.recognisers import nets_of
from engine.recognition.nets import Net
from engine.recognition.weights import LITE0
from engine.recognition.weights.regions import EMBEDDER
from engine.study import recognition_rules_of
from policies.decision import StudyRules
from policies.errors import PolicyRefuses
from redaction import models


def models_in_use(rules: StudyRules) -> dict[str, str]:
    """Return `sha256:...` of every weight file that a run of this study loads, by its log name.

    Raises `ModelUnusable` where redaction's weights are missing.
    """
    return _named(nets_of(recognition_rules_of(rules)))


def models_in_training(rules: StudyRules) -> dict[str, str]:
    """Return the same of a training under these rules: redaction's, and the net that it is on.

    Raises `ModelUnusable`.
    """
    model = rules.policy.model_release
    if model is not None and model.kind == "brand":
        return _named((EMBEDDER,))
    return _named((recognition_rules_of(rules).embedding or LITE0,))


def models_to_pin(rules: StudyRules) -> dict[str, str]:
    """Return every weight file that anything under these rules loads, for a policy to name."""
    trained = models_in_training(rules) if rules.policy.model_release is not None else {}
    return dict(sorted((models_in_use(rules) | trained).items()))


def require_pinned(rules: StudyRules) -> None:
    """Raise `PolicyRefuses` (PL-MODEL-001) unless the policy's `models` are those in use here."""
    pinned = rules.policy.models
    if pinned is None:
        return
    used = models_to_pin(rules)
    differing = sorted(name for name in pinned.keys() | used if pinned.get(name) != used.get(name))
    if differing:
        raise PolicyRefuses(
            "PL-MODEL-001",
            f"the policy names other models than this machine looks through: {differing[0]}",
            hint="`crowdlens policy models POLICY` prints those of this machine; approvers decide.",
        )


def _named(nets: Iterable[Net]) -> dict[str, str]:
    named = [(_log_name(model.name), model.digest) for model in models()]
    return dict(sorted([*named, *((_log_name(net.file.name), net.digest) for net in nets)]))


def _log_name(file_name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", file_name.lower())
