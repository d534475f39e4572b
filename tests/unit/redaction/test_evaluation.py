import json

import pytest

from redaction.errors import TruthInvalid
from redaction.evaluation import evaluate_redaction

HEADER = "photo,kind,label,x0,y0,x1,y1\n"


@pytest.fixture
def folder(tmp_path, astronaut, sign):
    astronaut.save(tmp_path / "portrait.png")
    sign(["Jane Millerton"]).save(tmp_path / "sign.png")
    (tmp_path / "broken.png").write_bytes(b"nothing")
    return tmp_path


@pytest.mark.models
def test_scores(folder, rules) -> None:
    truth = folder / "truth.csv"
    truth.write_text(
        HEADER
        + "portrait.png,face,,180,70,270,185\n"
        + "portrait.png,face,,2,400,40,440\n"  # no face is there: never covered
        + "portrait.png,face,,0,0,5,5\n"  # too small to count
        + "portrait.png,brand,Nasa,0,0,50,50\n"
        + "sign.png,text,x,60,60,500,110\n"
        + "broken.png,face,,0,0,20,20\n"
    )
    seen: list[int] = []
    scores = evaluate_redaction(folder, truth, rules, on_photo=lambda: seen.append(1))
    assert len(seen) == scores.photos == 3
    assert scores.withheld == 1
    assert scores.covered == {"12-16": None, "16-24": None, "24-32": None, "32-64": 0.0, "64+": 1.0}
    assert scores.photos_with_every_face_covered == 0.0
    assert scores.text_covered_50 == scores.text_covered_90 == 1.0
    assert scores.per_label["face"].recall == 0.5
    assert scores.per_label["text"].recall == 1.0
    assert scores.recall == pytest.approx(2 / 3)
    assert scores.veiled_share is not None
    assert 0 < scores.veiled_share < 0.6
    document = json.loads(json.dumps(scores.to_json()))
    assert {"precision", "recall", "f1", "per_label", "photos", "seconds_per_photo"} <= set(
        document
    )


@pytest.mark.parametrize(
    "text",
    [
        "photo,kind\nportrait.png,face\n",
        HEADER + "portrait.png,face,,1,2,x,4\n",
        HEADER + "portrait.png,face,,1,2\n",
        HEADER + "portrait.png,brand,Nike,1,2,3,4\n",
        HEADER + "../outside.png,face,,1,2,30,40\n",
        HEADER + "missing.png,face,,1,2,30,40\n",
        "\udcff",
    ],
)
def test_a_truth_file_that_cannot_be_used_is_refused(text, folder, rules) -> None:
    truth = folder / "truth.csv"
    truth.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(TruthInvalid) as caught:
        evaluate_redaction(folder, truth, rules)
    assert "portrait" not in str(caught.value)
    assert caught.value.exit_code == 9


def test_no_truth_file(folder, rules) -> None:
    with pytest.raises(TruthInvalid):
        evaluate_redaction(folder, folder / "none.csv", rules)
