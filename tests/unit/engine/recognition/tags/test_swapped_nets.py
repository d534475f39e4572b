"""Another net in the place of one that ships, by path and digest, from the policy on."""

from pathlib import Path

import numpy as np
import pytest
from skimage import data

from engine.catalogue.build import learn
from engine.catalogue.built import shipped_models, write_built
from engine.catalogue.errors import BuiltUnusable
from engine.observer import Silence
from engine.recognisers import nets_of, ready
from engine.recognition import Recognised, RecognitionRules, score
from engine.recognition.errors import NetUnusable
from engine.recognition.nets import net_of
from engine.recognition.rules import BuiltPlace
from engine.recognition.tags.objects import LABELS
from policies.built import SCHEMA, BuiltRecord
from policies.lexicon import Lexicon
from tests.unit.engine.recognition.tags.test_tags import photo
from tests.unit.engine.recognition.tags.test_taught import MEADOWS, WALLS, bricks

SCENES = {"scene": frozenset({"wall"})}


def taught_by(net, path: Path) -> BuiltPlace:
    parts = learn((), {"meadow": MEADOWS, "wall": WALLS}, Silence(), net)
    record = BuiltRecord.model_validate(
        {
            "schema": SCHEMA,
            "catalogue": "sha256:" + "0" * 64,
            "files": {},
            "brands": [],
            "scenes": ["meadow", "wall"],
            "models": shipped_models(),
            "embedding": net.digest if net else None,
        }
    )
    return BuiltPlace(path, write_built(path, record, parts))


def test_scenes_are_taught_and_seen_by_the_net_that_a_policy_names(small_net, tmp_path) -> None:
    net = small_net("embedding", np.zeros(4), like_pixels=3)
    built = taught_by(net, tmp_path / "c.built.safetensors")
    rules = RecognitionRules(Lexicon(()), SCENES, built=built, embedding=net)
    seen = score(photo(bricks(77)), ready(rules))
    assert seen[Recognised("scene", "wall")] > 0.5
    assert net in nets_of(rules)
    with pytest.raises(BuiltUnusable, match="another net"):
        ready(RecognitionRules(Lexicon(()), SCENES, built=built))


def test_a_detector_by_path_and_digest_is_what_runs(small_net) -> None:
    logits = np.full(len(LABELS) + 1, -20.0)
    logits[1 + LABELS.index("oven")] = 20
    net = small_net("objects", logits)
    wanted = {"object": frozenset({"oven", "cat"})}
    rules = RecognitionRules(Lexicon(()), wanted, detector=net_of(net.file))
    seen = score(photo(data.chelsea()), ready(rules))
    assert seen[Recognised("object", "oven")] > 0.9 > seen[Recognised("object", "cat")]


def test_a_net_that_was_changed_stops_what_would_use_it(small_net) -> None:
    net = small_net("objects", np.zeros(len(LABELS) + 1), name="detector.onnx")
    net.file.write_bytes(net.file.read_bytes() + b"\0")
    rules = RecognitionRules(Lexicon(()), {"object": frozenset({"cat"})}, detector=net)
    with pytest.raises(NetUnusable, match=r"detector\.onnx is another file"):
        ready(rules)
