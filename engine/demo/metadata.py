"""What a phone writes beside the pixels: owner, camera serial, position, time, orientation.

Tags after Exif 2.3 (JEITA CP-3451C), tables 4, 8 and 15. All values are made up.
"""

from datetime import datetime

import numpy as np
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from engine.demo.story import Person

UPRIGHT, ON_ITS_SIDE = 1, 6
"""EXIF orientations: show as stored; turn 90 degrees clockwise to show."""

_PLACES = {"north": (59.3, 18.1), "south": (41.4, 2.2), "east": (52.2, 21.0), "west": (51.5, -0.1)}
"""Latitude and longitude, degrees, about which a region's photos are taken."""
_CAMERAS = (("Lumora", "P4"), ("Fennec", "One"), ("Halden", "X2"))
_OWNER, _SERIAL = 0xA430, 0xA431


def orientation(rng: np.random.Generator) -> int:
    """Return `UPRIGHT`, or now and then `ON_ITS_SIDE`."""
    return ON_ITS_SIDE if rng.random() < 0.05 else UPRIGHT


def comment(person: Person) -> bytes:
    """Return a JPEG comment (COM segment), as some apps write it."""
    return f"(c) {person.name}".encode()


def exif(person: Person, taken_at: datetime, side: int, rng: np.random.Generator) -> bytes:
    """Return an EXIF block with the position, the owner, the camera's serial and the time."""
    make, model = _CAMERAS[len(person.name) % len(_CAMERAS)]
    latitude, longitude = (v + rng.uniform(-0.2, 0.2) for v in _PLACES[person.region])
    when = taken_at.strftime("%Y:%m:%d %H:%M:%S")
    block = Image.Exif()
    block[Base.Make] = make
    block[Base.Model] = model
    block[Base.Orientation] = side
    block[Base.DateTime] = when
    block[Base.Artist] = person.name
    block[IFD.Exif] = {Base.DateTimeOriginal: when, _OWNER: person.name, _SERIAL: person.serial}
    block[IFD.GPSInfo] = {
        GPS.GPSLatitudeRef: "N" if latitude >= 0 else "S",
        GPS.GPSLatitude: _sexagesimal(abs(latitude)),
        GPS.GPSLongitudeRef: "E" if longitude >= 0 else "W",
        GPS.GPSLongitude: _sexagesimal(abs(longitude)),
        GPS.GPSDateStamp: taken_at.strftime("%Y:%m:%d"),
    }
    return block.tobytes()


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    """Return degrees, minutes and seconds."""
    minutes = degrees % 1 * 60
    return float(int(degrees)), float(int(minutes)), round(minutes % 1 * 60, 2)
