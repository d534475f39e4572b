"""What an evaluation counts, on photos whose veils are drawn by hand."""

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from policies.errors import TruthInvalid
from policies.truth import read_truth
from redaction.evaluation import TrueBox, held_against, score, summed, true_boxes, unscored
from redaction.regions import mask_of
from redaction.review import Review
from redaction.types.photo import Reason
from redaction.types.region import Region

SIDE = 200
"""Of the redacted photo; the photo as given is twice as large."""


def region(kind, x0, y0, x1, y1) -> Region:
    return Region(kind, np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=float))


def seen(*regions: Region) -> Review:
    return Review(None, None, regions, mask_of(list(regions), SIDE, SIDE), (2 * SIDE, 2 * SIDE))


FACE = TrueBox("face", (100.0, 100.0, 140.0, 160.0))
"""Of the photo as given: from (50, 50) to (70, 80) in the redacted one."""


def test_a_face_is_covered_from_three_quarters_on() -> None:
    most = held_against(seen(region("face", 40, 57, 90, 90)), [FACE])
    assert most.boxes[0].covered == pytest.approx(23 / 30)
    half = held_against(seen(region("face", 40, 65, 90, 90)), [FACE])
    assert half.boxes[0].covered == 0.5
    scores = summed([most, half])
    assert scores.per_label["face"].recall == scores.faces_covered_12 == 0.5
    assert scores.covered == {
        "12-16": None,
        "16-24": None,
        "24-32": None,
        "32-64": 0.5,
        "64+": None,
    }
    assert scores.photos_with_every_face_covered == scores.photos_safe == 0.5


def test_text_codes_and_plates_are_told_by_half_and_nine_tenths() -> None:
    boxes = [
        TrueBox("text", (0.0, 0.0, 100.0, 20.0)),
        TrueBox("code", (200.0, 0.0, 300.0, 100.0)),
        TrueBox("plate", (0.0, 200.0, 100.0, 240.0)),
    ]
    veils = (
        region("text", 0, 0, 29, 20),
        region("code", 90, 0, 160, 60),
        region("text", 0, 90, 60, 130),
    )
    scores = summed([held_against(seen(*veils), boxes)])
    cover = {kind: (k.cover_50, k.cover_90, k.recall) for kind, k in scores.per_label.items()}
    assert cover == {"text": (1, 0, 1), "code": (1, 1, 1), "plate": (1, 1, 1)}
    assert (scores.text_covered_50, scores.text_covered_90) == (1, 0)
    assert scores.per_label["text"].photos_whole == 0
    assert scores.per_label["plate"].photos_whole == 1
    assert str(scores.figures.plate_cover_90) == "1"
    assert scores.figures.face_recall is None


def test_faces_too_small_to_name_do_not_count() -> None:
    small = TrueBox("face", (10.0, 10.0, 18.0, 21.0))
    scores = summed([held_against(seen(), [small])])
    assert scores.faces_covered_12 is None
    assert scores.photos_safe is None
    assert scores.boxes == {}


def test_what_is_veiled_for_nothing_lies_outside_every_true_box() -> None:
    text = TrueBox("text", (300.0, 300.0, 380.0, 320.0))
    head = region("face", 42, 40, 78, 88)
    stray = region("face", 0, 150, 19, 199)
    over_text = region("face", 150, 150, 190, 160)
    both = held_against(seen(head, stray, over_text), [FACE, text])
    assert both.for_nothing["face"] == pytest.approx(20 * 50 / SIDE**2, abs=0.003)
    assert both.for_nothing["text"] == 0, "no region was veiled as text"
    assert (both.regions["face"], both.touching["face"]) == (3, 1)
    assert both.veiled == pytest.approx((37 * 49 + 20 * 50 + 41 * 11) / SIDE**2)
    only_text = held_against(seen(head, stray), [text])
    assert "face" not in only_text.for_nothing, "nobody said where its faces are"
    stray = replace(region("remnant", 0, 150, 19, 199), taken_for="text")
    remnant = held_against(seen(stray), [FACE, text])
    assert remnant.for_nothing["text"] > 0 == remnant.for_nothing["face"]


def test_a_withheld_photo_is_safe_and_in_no_recall() -> None:
    scores = summed(
        [
            unscored([FACE], Reason.STILL_VISIBLE),
            held_against(seen(region("face", 40, 40, 90, 90)), [FACE]),
            held_against(seen(), [FACE]),
        ]
    )
    assert (scores.photos, scores.withheld) == (3, 1)
    assert scores.withheld_by_reason == {"still-visible": 1}
    assert scores.faces_covered_12 == 0.5
    assert scores.photos_safe == pytest.approx(2 / 3)
    assert str(scores.figures.photos_safe) == "0.6666"
    assert str(scores.figures.withheld) == "0.3334"
    assert scores.boxes == {"face": 3}


def test_photos_that_are_all_withheld_give_no_recall() -> None:
    scores = summed([unscored([FACE], Reason.DAMAGED)])
    assert scores.recall is scores.precision is scores.f1 is scores.veiled_share is None
    assert scores.figures.face_recall is None
    assert str(scores.figures.withheld) == "1"


def test_the_result_is_plain_json_and_a_photos_score_is_numbers() -> None:
    one = held_against(seen(region("face", 40, 40, 90, 90)), [FACE])
    document = json.loads(json.dumps(summed([one]).to_json()))
    assert {"precision", "recall", "f1", "per_label", "photos", "seconds_per_photo"} <= set(
        document
    )
    assert document["covered"]["32-64"] == 1.0
    assert b"numpy" not in pickle.dumps(one), "counts alone leave the worker"


@pytest.mark.models
def test_a_photo_is_scored_as_it_is_redacted(rules, astronaut, encoded) -> None:
    face = TrueBox("face", (180.0, 70.0, 270.0, 185.0))
    nobody = TrueBox("face", (2.0, 400.0, 40.0, 440.0))
    found = score(encoded(astronaut), [face, nobody], rules)
    assert found.withheld is None
    assert [box.covered == 1.0 for box in found.boxes] == [True, False]
    assert 0 < found.veiled < 0.6
    assert found.cpu_seconds > 0
    assert found.wall_seconds > 0
    broken = score(b"nothing", [face], rules)
    assert broken.withheld is Reason.NOT_AN_IMAGE
    assert broken.boxes[0].covered is None


HEADER = "photo,kind,label,x0,y0,x1,y1\n"


def boxes_of(tmp_path: Path, rows: str) -> dict[str, tuple[TrueBox, ...]]:
    file = tmp_path / "truth.csv"
    file.write_text(HEADER + rows)
    return true_boxes(read_truth(file))


def test_other_kinds_are_ignored_and_their_photos_stay(tmp_path: Path) -> None:
    rows = "a.png,face,,1,2,30,40\na.png,brand,Nimbus,0,0,9,9\nb.png,scene,street,,,,\n"
    assert boxes_of(tmp_path, rows) == {
        "a.png": (TrueBox("face", (1.0, 2.0, 30.0, 40.0)),),
        "b.png": (),
    }


@pytest.mark.parametrize("rows", ["a.png,face,,,,,\n", "a.png,brand,Nimbus,1,2,3,4\n"])
def test_a_truth_without_boxes_is_refused(tmp_path: Path, rows: str) -> None:
    with pytest.raises(TruthInvalid):
        boxes_of(tmp_path, rows)
