"""Make `simple-icons.json.xz` from the npm package; not run at install.

    npm pack simple-icons@16.37.0
    python -m engine.catalogue.icons.build_icons simple-icons-16.37.0.tgz

The data stays as it is shipped: of each icon its title, slug, colour, source, aliases, licence and
SVG. Left out is the drawing, and nothing else, of icons whose own licence is not one under which
it may be passed on and changed by anybody for any purpose; LICENCES.md says more.
"""

import hashlib
import json
import lzma
import sys
import tarfile
from pathlib import Path
from typing import Any, Final

SOURCE: Final = "cd9faf0e6faa8a8fdd15e9632ab4c86fcae4b986fe552b87673149847f2f671d"
"""SHA-256 of simple-icons-16.37.0.tgz."""
FREE: Final = frozenset(
    {
        "CC0-1.0",
        "Unlicense",
        "MIT",
        "BSD-3-Clause",
        "Apache-2.0",
        "MPL-2.0",
        "CC-BY-2.5",
        "CC-BY-3.0",
        "CC-BY-4.0",
        "CC-BY-SA-2.0",
        "CC-BY-SA-2.5",
        "CC-BY-SA-3.0",
        "CC-BY-SA-4.0",
    }
)
KEYS: Final = ("title", "slug", "hex", "source", "guidelines", "aliases", "license")


def main() -> None:
    """Write the file beside this script from the archive named on the command line."""
    archive = Path(sys.argv[1])
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SOURCE:
        raise SystemExit("this is another archive than the one that was checked")
    with tarfile.open(archive) as tar:
        entries = json.loads(_read(tar, "data/simple-icons.json"))
        icons = [_icon(tar, entry) for entry in entries]
    text = json.dumps(icons, ensure_ascii=False, separators=(",", ":"))
    packed = lzma.compress(text.encode(), format=lzma.FORMAT_XZ, preset=9 | lzma.PRESET_EXTREME)
    Path(__file__).with_name("simple-icons.json.xz").write_bytes(packed)


def _icon(tar: tarfile.TarFile, entry: dict[str, Any]) -> dict[str, Any]:
    icon: dict[str, Any] = {key: entry[key] for key in KEYS if key in entry}
    if entry.get("license", {"type": "CC0-1.0"})["type"] in FREE:
        icon["svg"] = _read(tar, f"icons/{entry['slug']}.svg").decode()
    return icon


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(f"package/{name}")
    if file is None:
        raise SystemExit(f"the archive has no {name}")
    return file.read()


if __name__ == "__main__":
    main()
