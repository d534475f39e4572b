from pathlib import Path

import pytest

from policies.errors import TruthInvalid
from policies.truth import Labelled, read_truth

HEADER = "photo,kind,label,x0,y0,x1,y1\n"


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "truth.csv"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    return file


def test_a_truth_file_is_read_whole(tmp_path: Path) -> None:
    text = (
        HEADER
        + "a.jpg,face,,1,2.5,3,4\nb.jpg,brand,Nimbus,,,,\na.jpg,text,zwei\u2028drei,0,0,9,9\n"
    )
    truth = read_truth(write(tmp_path, "\ufeff" + text))
    assert truth.photos == {
        "a.jpg": (
            Labelled("face", "", (1.0, 2.5, 3.0, 4.0)),
            Labelled("text", "zwei\u2028drei", (0.0, 0.0, 9.0, 9.0)),
        ),
        "b.jpg": (Labelled("brand", "Nimbus", None),),
    }
    assert truth.digest != read_truth(write(tmp_path, text)).digest, "of the bytes as they are"


def test_labels_of_whole_photos_need_no_columns_for_boxes(tmp_path: Path) -> None:
    truth = read_truth(write(tmp_path, "photo,kind,label\na.jpg,scene,street\n"))
    assert truth.photos == {"a.jpg": (Labelled("scene", "street", None),)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "photo,kind\na.jpg,face\n",
        HEADER,
        HEADER + "a.jpg\n",
        HEADER + ",face,,1,2,3,4\n",
        HEADER + "a\0.jpg,face,,1,2,3,4\n",
        HEADER + "a.jpg,face,,1,2\n",
        HEADER + "a.jpg,face,,1,2,x,4\n",
        HEADER + "a.jpg,face,,nan,2,3,4\n",
        HEADER + "a.jpg,face,,1,2,1e300,4\n",
        HEADER + "a.jpg,face,,3,2,1,4\n",
        HEADER + 'a.jpg,"face,,1,2,3,4\n',
        "\udcff",
    ],
)
def test_a_truth_file_that_cannot_be_used_is_refused_unquoted(tmp_path: Path, text: str) -> None:
    with pytest.raises(TruthInvalid) as caught:
        read_truth(write(tmp_path, text))
    assert caught.value.exit_code == 9
    assert "a.jpg" not in str(caught.value) + caught.value.hint


def test_no_truth_file(tmp_path: Path) -> None:
    with pytest.raises(TruthInvalid):
        read_truth(tmp_path / "none.csv")
