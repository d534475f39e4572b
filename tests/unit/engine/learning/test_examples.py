"""Which photos of whom teach, and that one contributor's depend on nobody else's."""

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.learning.embedding_job import Points
from engine.learning.examples import Chosen, choose, digest_of, gathered
from engine.learning.labels import Labels, Lesson
from engine.sources import SourcePhoto
from engine.sources.files import NoFile
from tests.unit.engine.learning.trainings import recipe

KEY = b"k" * 32
LESSON = Lesson(0, (0.0, 0.0, 9.0, 9.0))


def photo(who: str, path: str) -> SourcePhoto:
    return SourcePhoto(NoFile(), who, date(2026, 6, 1), path=path)


def labels(*paths: str) -> Labels:
    return Labels(dict.fromkeys(paths, (LESSON,)), dict.fromkeys(paths, 1), "sha256:0")


def paths_of(chosen: tuple[Chosen, ...], names: dict[int, str]) -> list[str]:
    return [names[id(one.photo.file)] for one in chosen]


@settings(max_examples=50)
@given(
    own=st.sets(st.integers(0, 99), min_size=1, max_size=12),
    others=st.lists(st.tuples(st.sampled_from("bcd"), st.integers(0, 99)), max_size=20),
    most=st.integers(1, 6),
    at=st.integers(0, 20),
)
def test_what_counts_of_a_contributor_depends_on_their_own_rows_alone(
    own: set[int], others: list[tuple[str, int]], most: int, at: int
) -> None:
    mine = [photo("a", f"{number}.jpg") for number in sorted(own)]
    theirs = [photo(who, f"{number}.jpg") for who, number in others]
    told = labels(*(f"{number}.jpg" for number in range(0, 100, 2)))
    alone = choose(mine, told, recipe(photos_per_contributor=most), KEY)
    among = choose(
        [*theirs[:at], *mine, *theirs[at:]], told, recipe(photos_per_contributor=most), KEY
    )
    assert [one for one in among if one.contributor == "a"] == list(alone)
    for who in "abcd":
        assert len([one for one in among if one.contributor == who]) <= most


def test_which_of_many_photos_count_follows_from_the_secret_key() -> None:
    files = [NoFile() for _ in range(40)]
    many = [SourcePhoto(f, "a", date(2026, 6, 1), path=f"{n}.jpg") for n, f in enumerate(files)]
    told = labels(*(f"{number}.jpg" for number in range(40)))
    names = {id(f): f"{n}.jpg" for n, f in enumerate(files)}
    kept = [
        tuple(
            paths_of(choose(many, told, recipe(photos_per_contributor=8), bytes([k]) * 32), names)
        )
        for k in range(4)
    ]
    assert {len(one) for one in kept} == {8}
    assert len(set(kept)) == 4


def test_a_row_that_stands_twice_teaches_once_and_one_without_a_label_not_at_all() -> None:
    rows = [photo("a", "1.jpg"), photo("a", "1.jpg"), photo("a", "2.jpg"), photo("b", "1.jpg")]
    chosen = choose(rows, labels("1.jpg"), recipe(), KEY)
    assert [one.contributor for one in chosen] == ["a", "b"]


def points(*targets: int) -> Points:
    rows = np.eye(5, dtype=np.float32)[np.array(targets, dtype=np.int64) % 5]
    return Points(rows, np.array(targets, dtype=np.int64))


def test_examples_are_cut_to_the_bound_and_stand_by_contributor() -> None:
    rows = [photo(who, f"{n}.jpg") for n, who in enumerate("bbaac")]
    chosen = choose(rows, labels(*(f"{n}.jpg" for n in range(5))), recipe(), KEY)
    assert [one.contributor for one in chosen] == ["a", "a", "b", "b", "c"]
    left = [points(0, 1), points(2), None, points(1, 1, 1), points()]
    found = gathered(chosen, left, recipe(photos_per_contributor=2), 5)
    assert found.contributors.tolist() == [0, 0, 1, 1]
    assert found.targets.tolist() == [0, 1, 1, 1]
    assert found.rows.shape == (4, 5)


def test_nobody_at_all_gives_no_rows_of_the_right_width() -> None:
    found = gathered((), (), recipe(), 128)
    assert found.rows.shape == (0, 128)
    assert found.contributors.dtype == found.targets.dtype == np.int64


def test_what_names_the_photos_changes_with_their_lessons() -> None:
    one = choose([photo("a", "1.jpg")], labels("1.jpg"), recipe(), KEY)
    other = Labels({"1.jpg": (Lesson(1, LESSON.box),)}, {"1.jpg": 1}, "sha256:0")
    assert digest_of(one) != digest_of(choose([photo("a", "1.jpg")], other, recipe(), KEY))
