"""The photos of `crowdlens demo`: real pictures with made-up brands, people and private details.

The result is a folder source: JPEG files and `photos.csv`. As real photos do, they carry what must
not get out: GPS positions, owners' names and camera serials in EXIF, faces, phone numbers, names
and addresses on signs; a few lie on their side, and two files are broken. All of it is made up
(phone numbers from 555-01xx, addresses under `.example`), and drawn from a seed: noise never is.
"""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from engine.demo.backgrounds import Scene, build_scene, choose_scene
from engine.demo.metadata import UPRIGHT, comment, exif, orientation
from engine.demo.pictures import Pixels
from engine.demo.signs import set_sign, set_tag
from engine.demo.story import DEMO_BRANDS, Person, Post, people, tell

__all__ = ["COLUMNS", "DEMO_BRANDS", "DemoPhoto", "make_photos"]

COLUMNS = ("path", "contributor", "taken_at", "region", "platform", "caption")
"""Columns of `photos.csv`."""


@dataclass(frozen=True)
class DemoPhoto:
    """What is true of one photo; kept out of the folder, for tests to compare with."""

    path: str
    contributor: str
    """As the manifest writes it: case and spaces differ between some rows of one account."""
    taken_at: datetime
    brands: tuple[str, ...]
    """Brands that can be seen on it; empty for a broken file."""
    seen: tuple[str, ...]
    """Texts about a person that can be seen on it."""
    told: tuple[str, ...]
    """Texts about a person in its metadata or caption."""
    scene: str
    faces: int
    broken: bool = False
    """True for the files that can't be decoded whole."""


@dataclass(frozen=True)
class _File:
    """A photo's truth, its bytes and its manifest row."""

    photo: DemoPhoto
    data: bytes
    caption: str
    person: Person

    @property
    def row(self) -> tuple[str, ...]:
        taken_at = self.photo.taken_at.isoformat()
        who = self.person
        return (
            *(self.photo.path, self.photo.contributor, taken_at),
            *(who.region, who.platform, self.caption),
        )


def make_photos(
    out: Path,
    *,
    brands: Sequence[str],
    contributors: int = 60,
    weeks: Sequence[str],
    seed: int = 2026,
    on_photo: Callable[[], None] | None = None,
) -> tuple[DemoPhoto, ...]:
    """Fill the new or empty directory `out` with photos and `photos.csv`; return what is on them.

    Each contributor posts one to three photos over the ISO weeks (120 for 60), and two
    broken files come on top. Of the brands, the first rises, the second falls, the third stays
    and the fourth is nearly absent. The same arguments give the same bytes on the same versions
    of the packages. `on_photo` is called after each file.

    Raises `ValueError` for no contributor, no brand, or a text that is no week,
    `FileExistsError` when the directory holds something, and other `OSError` as they come.
    """
    if contributors < 1 or not brands or not weeks:
        raise ValueError("a demo needs a contributor, a brand and a week")
    rng = np.random.default_rng(seed)
    posts = tell(people(contributors, rng), brands, weeks, rng)
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise FileExistsError("the demo's photos need an empty directory")
    damaged = {len(posts) // 3: _cut_short, 2 * len(posts) // 3: _no_image}
    made: list[_File] = []
    for index, post in enumerate(posts):
        # A generator of its own for each photo: drawing one never moves another.
        own = np.random.default_rng((seed, index))
        file = _make(post, own)
        for damage in (None, damaged.get(index)) if index in damaged else (None,):
            path = f"IMG_{len(made) * 3 + seed % 40 + 1:04d}.jpg"
            made.append(_named(file, path) if damage is None else damage(_named(file, path)))
            (out / path).write_bytes(made[-1].data)
            if on_photo is not None:
                on_photo()
    with (out / "photos.csv").open("x", newline="", encoding="utf-8") as manifest:
        writer = csv.writer(manifest, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(file.row for file in made)
    return tuple(file.photo for file in made)


def _make(post: Post, rng: np.random.Generator) -> _File:
    """Make one photo, still without a file name."""
    person = post.person
    name = choose_scene(rng, signs=len(post.brands))
    scene = build_scene(name, rng)
    seen = _write_on(scene, post, rng)
    pixels = _develop(scene.pixels, rng)
    caption = _caption(person, rng)
    told = [text for text in (person.name, person.phone) if text in caption]
    side = orientation(rng)
    if side != UPRIGHT:
        # Stored a quarter turn to the left; the viewer turns it back.
        pixels = np.rot90(pixels).copy()
    buffer = BytesIO()
    with_details = side != UPRIGHT or rng.random() < 0.9
    Image.fromarray(pixels).save(
        buffer,
        "JPEG",
        quality=int(rng.integers(85, 93)),
        exif=exif(person, post.taken_at, side, rng) if with_details else b"",
        comment=comment(person) if with_details else b"",
    )
    if with_details:
        told += [person.name, person.serial]
    photo = DemoPhoto(
        path="",
        contributor=_as_typed(person.handle, rng),
        taken_at=post.taken_at,
        brands=post.brands,
        seen=seen,
        told=tuple(dict.fromkeys(told)),
        scene=name,
        faces=scene.faces,
    )
    return _File(photo, buffer.getvalue(), caption, person)


def _write_on(scene: Scene, post: Post, rng: np.random.Generator) -> tuple[str, ...]:
    """Set the post's brands, and now and then a private text; return the private texts."""
    person = post.person
    first = person.name.split()[0]
    texts = (
        f"Call {first} {person.phone}",
        person.phone,
        person.address,
        f"Hi, I am {person.name}",
    )
    text = texts[int(rng.integers(len(texts)))] if rng.random() < 0.35 else ""
    under = bool(text and post.brands and scene.places[0].roomy and rng.random() < 0.4)
    places = scene.places[: len(post.brands)]
    for index, (brand, place) in enumerate(zip(post.brands, places, strict=True)):
        small = text if under and index == 0 else ""
        set_sign(scene.pixels, place, brand, rng, small=small)
    if text and not under:
        set_tag(scene.pixels, scene.tag, text, rng)
    return (text,) if text else ()


def _develop(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Give the picture a phone's exposure, warmth, softness and grain."""
    light = rng.uniform(0.9, 1.1) * np.array([1 + (warm := rng.uniform(-0.05, 0.05)), 1, 1 - warm])
    soft = cv2.GaussianBlur(pixels, (0, 0), float(rng.uniform(0.25, 0.7)))
    grain = rng.normal(0, rng.uniform(1.0, 3.0), (*pixels.shape[:2], 1))
    return np.clip(soft * light + grain, 0, 255).astype(np.uint8)


def _caption(person: Person, rng: np.random.Generator) -> str:
    captions = (
        *("", "", "what a day", "look at this", "weekend walk", "found it!", "coffee first"),
        *(f"with {person.name}, finally", f"text me {person.phone}"),
    )
    return captions[int(rng.integers(len(captions)))]


def _as_typed(handle: str, rng: np.random.Generator) -> str:
    """Return the handle, in a few rows with another case or a stray space: the same account."""
    ways = (f"@{handle[1:].capitalize()} ", handle.upper(), f" {handle}")
    return ways[int(rng.integers(len(ways)))] if rng.random() < 0.08 else handle


def _named(file: _File, path: str) -> _File:
    return replace(file, photo=replace(file.photo, path=path))


def _broken(file: _File, data: bytes) -> _File:
    later = file.photo.taken_at + timedelta(seconds=40)
    photo = replace(file.photo, taken_at=later, brands=(), seen=(), faces=0, broken=True)
    return replace(file, photo=photo, data=data, caption="")


def _cut_short(file: _File) -> _File:
    """Return the file as an upload that broke off."""
    return _broken(file, file.data[: len(file.data) * 2 // 5])


def _no_image(file: _File) -> _File:
    """Return a text under a photo's name."""
    return _broken(file, b"<html><body>404: this photo has moved</body></html>\n")
