"""Fuzz one parser by coverage: `python -m tests.fuzz.by_coverage NAME SECONDS DIRECTORY`.

What it finds lies in the directory, as `crash-...`; `python -m tests.fuzz.by_coverage NAME FILE`
feeds a file to the parser once more. An exception that is not the parser's own, an input that
takes longer than ten seconds and one that takes two gigabytes are all findings.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["audit", "policies"]):
    from tests.fuzz.targets import targets

from tests.fuzz.mutations import PIECES


def _dictionary(folder: Path) -> Path:
    """Write the pieces that a parser may trip over, for the fuzzer to put together."""
    path = folder / "pieces"
    short = sorted({piece for piece in PIECES if 0 < len(piece) < 40})
    quoted = ("".join(f"\\x{byte:02x}" for byte in piece) for piece in short)
    path.write_text("".join(f'"{piece}"\n' for piece in quoted), encoding="ascii")
    return path


def main() -> None:
    """Fuzz, or feed one file."""
    name, what = sys.argv[1], sys.argv[2]
    target = targets()[name]
    if not what.isdigit():
        target.try_one(Path(what).read_bytes())
        return
    folder = Path(sys.argv[3])
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = [
        *(f"-max_total_time={what}", "-timeout=10", "-rss_limit_mb=2048", "-max_len=20000"),
        *(f"-artifact_prefix={folder}/", f"-dict={_dictionary(folder)}", "-print_final_stats=1"),
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], target.try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
