"""Looking through trained heads: what they tell, and which are refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skimage import data

from engine.recognisers import nets_of, recognisers_of
from engine.recognition import Recognised, RecognitionRules
from engine.recognition.backbone import Backbone
from engine.recognition.errors import HeadUnusable
from engine.recognition.learned.brands import LearnedBrands
from engine.recognition.learned.head import Head, load_head
from engine.recognition.learned.points import (
    digests_of,
    point_of_whole,
    points_of_boxes,
    public_points,
)
from engine.recognition.nets import Net
from engine.recognition.regions.find import Seen
from engine.recognition.rules import HeadPlace
from engine.recognition.tags import Tags
from policies.heads import read_head_record
from policies.lexicon import Lexicon
from tests.heads import head_record, write_head
from tests.unit.engine.recognition.test_wordmarks import photo

pytestmark = pytest.mark.models


def placed(file: Path, record: Any, weights: Any = None) -> HeadPlace:
    digest = write_head(file, record, weights)
    return HeadPlace(file, digest, read_head_record(file)[0])


def pointing_at(*points: Any) -> Any:
    """Return weights whose rows are these points, and nothing for none of these."""
    rows = np.concatenate([np.asarray(point).reshape(1, -1) for point in points])
    return np.concatenate([4 * rows, np.zeros((1, rows.shape[1]))])


@pytest.fixture(scope="module")
def cat() -> Any:
    return np.ascontiguousarray(data.chelsea())


@pytest.fixture(scope="module")
def coffee() -> Any:
    return np.ascontiguousarray(data.coffee())


def test_points_have_length_one_and_the_width_that_public_ones_have(cat: Any) -> None:
    box = np.array([[10, 10, 90, 90]], dtype=np.float32)
    for kind, point in (
        ("brand", points_of_boxes(cat, box)),
        ("scene", point_of_whole(Backbone(), cat)),
    ):
        public = public_points(kind, None)  # type: ignore[arg-type]
        assert public is not None
        assert point.shape == (1, public.shape[1])
        assert np.allclose(np.linalg.norm(np.concatenate([point, public]), axis=1), 1, atol=1e-5)


def test_through_another_net_there_are_no_public_rows(tmp_path: Path) -> None:
    other = Net(tmp_path / "other.onnx", "sha256:" + "0" * 64)
    assert public_points("scene", other) is None
    assert digests_of("scene", other) == {"other.onnx": other.digest}
    assert public_points("brand", other) is not None, "brands are not seen through it"


def test_a_head_of_a_scene_takes_the_place_of_its_rule(
    tmp_path: Path, cat: Any, coffee: Any
) -> None:
    record = head_record("scene", ("kitchen",))
    shown = np.concatenate([point_of_whole(Backbone(), pixels) for pixels in (coffee, cat)])
    head = load_head(placed(tmp_path / "own.safetensors", record, 4 * shown), None)
    tags = Tags({"scene": frozenset({"kitchen", "beach"})}, heads=(head,))
    told, other = tags.scores(coffee), tags.scores(cat)
    assert set(told) == {("scene", "kitchen"), ("scene", "beach")}
    assert told["scene", "kitchen"] > 0.9
    assert other["scene", "kitchen"] < 0.1
    rule = Tags({"scene": frozenset({"beach"})}).scores(coffee)
    assert told["scene", "beach"] == rule["scene", "beach"]


def test_what_was_not_asked_for_is_not_told(tmp_path: Path, coffee: Any) -> None:
    record = head_record("interest", ("coffee", "pets"))
    head = load_head(placed(tmp_path / "own.safetensors", record), None)
    told = Tags({"interest": frozenset({"pets"})}, heads=(head,)).scores(coffee)
    assert told == {("interest", "pets"): pytest.approx(1 / 3)}


def test_a_window_counts_as_a_brand_where_it_beats_public_pictures_of_nothing(cat: Any) -> None:
    mark = points_of_boxes(cat, np.array([[20, 30, 120, 130]], dtype=np.float32))
    nothing = public_points("brand", None)
    assert nothing is not None
    veil = np.zeros(cat.shape[:2], dtype=bool)
    boxes = np.array([[20, 30, 120, 130]], dtype=np.float32)
    rows = nothing[:: len(nothing) // 8]
    for weights in (pointing_at(mark), 0.1 * pointing_at(mark)):
        head = Head("brand", ("Kestrel",), np.asarray(weights, np.float32), 6.0)
        brands = LearnedBrands((head,))
        assert brands.scores(cat, Seen(boxes, mark, veil))["Kestrel"] > 0.5
        # However dull or sharp a head is, of what shows nothing it tells next to nothing.
        blank = np.full((200, 200, 3), 90, np.uint8)
        wrong = [brands.scores(blank, Seen(boxes, row[None], veil[:200, :200])) for row in rows]
        assert sum(told["Kestrel"] > 0.5 for told in wrong) == 0
        assert brands.scores(cat, Seen(boxes[:0], mark[:0], veil)) == {}


def test_a_head_of_brands_stands_beside_names_and_their_parents(tmp_path: Path) -> None:
    record = head_record(labels=("Kestrel",))
    place = placed(tmp_path / "own.safetensors", record)
    rules = RecognitionRules(
        lexicon=Lexicon(()),
        wanted={"brand": frozenset({"Kestrel", "Brightwater"})},
        parents={"Kestrel": "Brightwater"},
        heads=(place,),
    )
    (brands,) = recognisers_of(rules)
    told = brands.score(photo(lexicon=Lexicon(())))
    assert told.keys() == {Recognised("brand", "Kestrel"), Recognised("brand", "Brightwater")}
    assert {net.digest for net in nets_of(rules)} >= {place.digest}
    elsewhere = RecognitionRules(Lexicon(()), {"scene": frozenset({"beach"})}, heads=(place,))
    assert place.digest not in {net.digest for net in nets_of(elsewhere)}


def test_a_head_that_is_not_what_it_should_be_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "own.safetensors"
    place = placed(file, head_record())
    with pytest.raises(HeadUnusable, match="other nets") as refused:
        load_head(placed(file, head_record(nets={"lite0.onnx": "sha256:" + "0" * 64})), None)
    assert refused.value.exit_code == 9
    with pytest.raises(HeadUnusable, match="another file"):
        load_head(place, None)
    other = Net(tmp_path / "other.onnx", "sha256:" + "0" * 64)
    with pytest.raises(HeadUnusable, match="other nets"):
        load_head(placed(file, head_record("scene", ("beach",))), other)
    with pytest.raises(HeadUnusable, match="holds another table"):
        load_head(placed(file, head_record(), np.full((2, 128), np.nan)), None)
    file.unlink()
    with pytest.raises(HeadUnusable, match="can't be read"):
        load_head(place, None)
