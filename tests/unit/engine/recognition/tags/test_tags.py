from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from skimage import data

from engine.recognition import recognise
from engine.recognition.backbone import Backbone
from engine.recognition.errors import NetUnusable
from engine.recognition.interface import Recognised
from engine.recognition.tags import Tags, fit_scenes
from engine.recognition.tags.objects import LABELS, Detector
from policies.tags import INTERESTS, OBJECTS, SCENES
from redaction.types.photo import seal
from tests.unit.engine.recognition.tags.test_taught import WALLS, bricks, meadow, two_scenes

ALL = {"object": frozenset(OBJECTS), "scene": frozenset(SCENES), "interest": frozenset(INTERESTS)}
HALF = {"object": 0.5, "scene": 0.5, "interest": 0.5}
CAT = Recognised("object", "cat")


def photo(pixels):
    return seal(np.ascontiguousarray(pixels), (), frozenset())


def told(tags, pixels, least=HALF):
    return set(recognise(photo(pixels), [tags], least))


def test_a_cat_is_an_object_and_speaks_for_pets():
    found = told(Tags(ALL), data.chelsea())
    assert {CAT, Recognised("interest", "pets")} <= found


def test_coffee_speaks_for_an_interest_that_was_asked_for_alone():
    found = told(Tags({"interest": frozenset({"coffee", "pets"})}), data.coffee())
    assert found == {Recognised("interest", "coffee")}


def test_only_wanted_labels_are_scored_and_only_sure_ones_told():
    tags = Tags({"object": frozenset({"cat", "dog"})})
    scores = tags.scores(data.chelsea())
    assert set(scores) == {("object", "cat"), ("object", "dog")}
    assert told(tags, data.chelsea()) == {CAT}
    assert told(tags, data.chelsea(), {"object": scores["object", "cat"]}) == {CAT}
    assert not told(tags, data.chelsea(), {"object": 1.0})


def test_nothing_is_looked_at_that_nothing_needs(monkeypatch):
    def never(*_):
        raise AssertionError("looked")

    monkeypatch.setattr(Backbone, "look", never)
    Tags({"object": frozenset({"cat"})}).scores(data.chelsea())
    monkeypatch.undo()
    monkeypatch.setattr(Detector, "scores", never)
    # Its rule has no objects among its signs.
    Tags({"scene": frozenset({"gas_station"})}).scores(data.chelsea())
    assert told(Tags({}), data.chelsea()) == set()


def test_a_taught_scene_is_told_beside_public_ones():
    wanted = {"scene": frozenset({"wall", "kitchen"})}
    tags = Tags(wanted, taught=two_scenes(), taught_labels=("meadow", "wall"))
    assert set(tags.scores(bricks(77))) == {("scene", "wall"), ("scene", "kitchen")}
    assert told(tags, bricks(77)) == {Recognised("scene", "wall")}


def test_a_taught_scene_takes_the_place_of_a_public_one():
    arrays = fit_scenes({"kitchen": WALLS})
    tags = Tags({"scene": frozenset({"kitchen"})}, taught=arrays, taught_labels=("kitchen",))
    assert told(tags, bricks(77)) == {Recognised("scene", "kitchen")}
    assert not told(tags, meadow(77))


@pytest.mark.parametrize("kind", ["object", "scene", "interest"])
def test_a_label_that_nothing_can_see_is_refused(kind):
    with pytest.raises(ValueError, match="sourdough"):
        Tags({kind: frozenset({"sourdough"})})


def test_there_is_no_label_for_persons():
    with pytest.raises(ValueError, match="person"):
        Tags({"object": frozenset({"person"})})


def test_another_detector_can_be_named(small_net):
    logits = np.full(len(LABELS) + 1, -20.0)
    logits[1 + LABELS.index("oven")] = 20
    tags = Tags(ALL, detector=small_net("objects", logits))
    found = told(tags, data.chelsea())
    assert Recognised("object", "oven") in found
    assert Recognised("scene", "kitchen") in found
    assert CAT not in found


def test_scores_are_those_of_what_was_asked():
    tags = Tags({"object": frozenset({"cat"})})
    scores = tags.score(photo(data.chelsea()))
    assert scores == {CAT: tags.scores(data.chelsea())["object", "cat"]}


def test_nets_that_do_not_fit_are_told_before_any_photo(small_net):
    tags = Tags(ALL, detector=small_net("boxes", np.zeros(80)))
    with pytest.raises(NetUnusable, match="does not fit"):
        tags.warm_up()
    other = small_net("embedding", np.zeros(1000), name="other.onnx")
    wanted = {"scene": frozenset({"wall"})}
    tags = Tags(wanted, two_scenes(), ("meadow", "wall"), embedding=other)
    with pytest.raises(NetUnusable, match="taught with another net"):
        tags.warm_up()
    Tags(ALL).warm_up()


def test_a_photo_gives_the_same_bytes_in_any_company():
    photos = [data.chelsea(), data.coffee(), data.rocket(), data.chelsea()[::2, ::3]]
    alone = [Tags(ALL).scores(pixels) for pixels in photos]
    tags = Tags(ALL)
    assert [tags.scores(pixels) for pixels in photos] == alone
    assert [tags.scores(pixels) for pixels in reversed(photos)] == alone[::-1]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(tags.scores, photos)) == alone
