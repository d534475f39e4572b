"""Bad input: one clear sentence, the right exit code, and nothing lost."""

import resource
import struct
import subprocess
import sys
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from audit import Trust, verify
from engine.setup import Place
from tests.conftest import Command, Outcome
from tests.places import approve_policy, draw_sign, made_real, make_place, run_words, write_manifest

TODAY = datetime.now(UTC).date()


def log_bytes(place: Place) -> bytes:
    return (place.log / "entries.jsonl").read_bytes()


def expect(done: Outcome, code: int, *words: str) -> None:
    """Check the exit code, and that what is said is a sentence or two with these words."""
    assert done.code == code, done.err
    assert done.out == ""
    lines = [line for line in done.err.splitlines() if not line.endswith(" ...")]
    assert lines[0].startswith("crowdlens: ")
    assert len(lines) <= 2
    assert "Traceback" not in done.err
    for word in words:
        assert word in done.err


def huge_png() -> bytes:
    """Return a tiny PNG file whose header says 50,000 x 50,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 150_001)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


@pytest.mark.models
def test_photos_that_can_not_be_read_cost_themselves_only(
    crowdlens: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    whole = draw_sign(folder / "whole.png", "Brightwater")
    (folder / "text.jpg").write_bytes(b"this is not an image")
    (folder / "half.png").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "huge.png").write_bytes(huge_png())
    frames = [Image.new("RGB", (64, 64), (80 * i, 40, 40)) for i in range(3)]
    frames[0].save(folder / "moving.gif", save_all=True, append_images=frames[1:])
    Image.open(whole).convert("CMYK").save(folder / "cmyk.jpg")
    Image.open(whole).convert("I;16").save(folder / "deep.png")
    names = ["whole.png", "text.jpg", "half.png", "empty.jpg", "huge.png", "moving.gif"]
    names += ["cmyk.jpg", "deep.png", "missing.jpg"]
    write_manifest(folder, [(name, f"c{i}", "2026-06-02") for i, name in enumerate(names)])
    place = make_place(tmp_path / "site")

    done = crowdlens(*run_words(place, folder, tmp_path / "out", "--quiet"))
    assert done.code == 0, done.err
    assert "withheld" in done.err
    said = done.err.replace(str(tmp_path), "")
    assert not any(character.isdigit() for character in said), "no count is told"

    copies = tmp_path / "copies"
    done = crowdlens("redact", folder, "--out", copies, "--policy", place.policy, "--quiet")
    assert done.code == 0, done.err
    rows = [line.split(",") for line in (copies / "copies.csv").read_text().splitlines()[1:]]
    assert [(outcome, reason) for _, outcome, reason in rows] == [
        ("written", ""),
        ("withheld", "not-an-image"),
        ("withheld", "truncated"),
        ("withheld", "empty"),
        ("withheld", "too-many-pixels"),
        ("written", ""),  # its first frame
        ("written", ""),
        ("written", ""),
        ("withheld", "empty"),
    ]
    text = place.policy.read_text()
    place.policy.write_text(text.replace("animations: first-frame", "animations: withhold"))
    still = tmp_path / "still"
    done = crowdlens("redact", folder, "--out", still, "--policy", place.policy, "--quiet")
    assert done.code == 0, done.err
    outcomes = [line.split(",")[1:] for line in (still / "copies.csv").read_text().splitlines()[1:]]
    assert outcomes[5] == ["withheld", "too-many-frames"]


MANIFESTS = {
    "a path that climbs out": ("path,contributor,taken_at\n../a.jpg,a,2026-06-02\n", "row 1"),
    "an absolute path": ("path,contributor,taken_at\n/etc/passwd,a,2026-06-02\n", "row 1"),
    "a missing column": ("path,contributor\na.jpg,a\n", "lacks the column taken_at"),
    "a spreadsheet's semicolons": ("path;contributor;taken_at\na.jpg;a;2026-06-01\n", "commas"),
    "a duplicate column": ("path,path,contributor,taken_at\na,a,a,2026-06-02\n", "column twice"),
    "an unknown column": ("path,contributor,taken_at,mood\na,a,2026-06-02,x\n", "not known"),
    "a bad date": ("path,contributor,taken_at\na.jpg,a,2026-06-02\nb.jpg,b,2.6.26\n", "row 2"),
    "no header": ("", "is empty"),
    "a field too many": ("path,contributor,taken_at\na.jpg,a,2026-06-02,x\n", "can't be read"),
    "not text": ("path,contributor,taken_at\n\udcff,a,2026-06-02\n", "can't be read"),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_broken_manifest_stops_the_run_before_anything_is_logged(
    crowdlens: Command, place: Place, tmp_path: Path, name: str
) -> None:
    content, words = MANIFESTS[name]
    before = log_bytes(place)
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "photos.csv").write_text(content, encoding="utf-8", errors="surrogateescape")
    expect(crowdlens(*run_words(place, folder, tmp_path / "out")), 9, words)
    assert log_bytes(place) == before
    assert not (tmp_path / "out").exists()


def test_a_link_that_leads_out_is_a_path_that_climbs_out(
    crowdlens: Command, place: Place, tmp_path: Path
) -> None:
    draw_sign(tmp_path / "secret.png", "Brightwater")
    folder = write_manifest(tmp_path / "photos", [("link.png", "a", "2026-06-02")])
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    expect(crowdlens(*run_words(place, folder, tmp_path / "out")), 9, "row 1")


def test_an_empty_folder_and_no_folder(crowdlens: Command, place: Place, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    expect(crowdlens(*run_words(place, tmp_path / "empty", tmp_path / "out")), 9, "no manifest")
    expect(crowdlens(*run_words(place, tmp_path / "none", tmp_path / "out")), 9, "there is nothing")


def test_a_policy_whose_period_is_over(
    crowdlens: Command, place: Place, no_photos: Path, tmp_path: Path
) -> None:
    text = place.policy.read_text()
    yesterday = TODAY - timedelta(days=1)
    text = text.replace(f"not_after: {TODAY + timedelta(days=365)}", f"not_after: {yesterday}")
    text = text.replace(f"not_before: {TODAY}", f"not_before: {yesterday}")
    place.policy.write_text(text)
    approve_policy(place)
    before = log_bytes(place)
    expect(crowdlens(*run_words(place, no_photos, tmp_path / "out")), 7, "PL-TIME-001")
    assert log_bytes(place) == before


def test_a_policy_without_its_approvals(
    crowdlens: Command, no_photos: Path, tmp_path: Path
) -> None:
    place = make_place(tmp_path / "site", approved=False)
    done = crowdlens(*run_words(place, no_photos, tmp_path / "out"))
    expect(done, 7, "PL-APPR-002", "policy sign")


def test_a_production_policy_runs_only_approved_and_witnessed(
    crowdlens: Command, no_photos: Path, tmp_path: Path
) -> None:
    place = make_place(tmp_path / "site")
    text = place.policy.read_text()
    place.policy.write_text(made_real(text, "production", "consented-panel"))
    words = run_words(place, no_photos, tmp_path / "out")
    expect(crowdlens(*words), 7, "PL-APPR-002")
    approve_policy(place)
    trust = place.trust.read_text()
    place.trust.write_text(trust.replace("quorum: 1", "quorum: 0"))
    expect(crowdlens(*words), 6, "witness")
    place.trust.write_text(trust)
    assert crowdlens(*words).code == 0


def test_a_budget_that_is_spent(crowdlens: Command, no_photos: Path, tmp_path: Path) -> None:
    place = make_place(tmp_path / "site", total="1.5")
    assert crowdlens(*run_words(place, no_photos, tmp_path / "one")).code == 0
    before = log_bytes(place)
    done = crowdlens(*run_words(place, no_photos, tmp_path / "two"))
    expect(done, 7, "requested epsilon 1 ", "remaining epsilon 0.5 ")
    assert log_bytes(place) == before
    assert not (tmp_path / "two").exists()


def test_another_policy_can_not_raise_the_datasets_total(
    crowdlens: Command, no_photos: Path, tmp_path: Path
) -> None:
    place = make_place(tmp_path / "site", total="1.5")
    assert crowdlens(*run_words(place, no_photos, tmp_path / "one")).code == 0
    text = place.policy.read_text()
    place.policy.write_text(text.replace('epsilon: "1.5"', 'epsilon: "100"'))
    approve_policy(place)
    expect(crowdlens(*run_words(place, no_photos, tmp_path / "two")), 7, "binds for ever")


def test_a_dataset_of_tests_never_becomes_real(
    crowdlens: Command, no_photos: Path, tmp_path: Path
) -> None:
    place = make_place(tmp_path / "site")
    assert crowdlens(*run_words(place, no_photos, tmp_path / "one")).code == 0
    place.policy.write_text(made_real(place.policy.read_text(), "pilot", "public-posts"))
    approve_policy(place)
    expect(crowdlens(*run_words(place, no_photos, tmp_path / "two")), 7, "PL-CLASS-002")


def test_approvals_for_one_log_do_not_open_another(
    crowdlens: Command, no_photos: Path, tmp_path: Path
) -> None:
    first, second = make_place(tmp_path / "a"), make_place(tmp_path / "b")
    approvers = first.trust.read_text().partition("approvers:")[1:]
    kept = second.trust.read_text().partition("approvers:")[0]
    second.trust.write_text(kept + "".join(approvers))
    words = run_words(first, no_photos, tmp_path / "out")
    words[words.index(first.log)] = second.log
    expect(crowdlens(*words), 7, "PL-APPR-002")


def test_a_log_and_witness_rolled_back_together_are_told_by_the_release(
    crowdlens: Command, place: Place, no_photos: Path, tmp_path: Path
) -> None:
    kept = {
        f: f.read_bytes() for d in (place.log, place.witness) for f in d.iterdir() if f.is_file()
    }
    words = run_words(place, no_photos, tmp_path / "out")
    assert crowdlens(*words).code == 0
    for file, data in kept.items():
        file.write_bytes(data)
    expect(crowdlens(*words), 4, "lost the release")
    other = run_words(place, no_photos, tmp_path / "other")
    assert crowdlens(*other).code == 0
    expect(crowdlens(*words), 4, "lost the release")


@pytest.mark.parametrize("kind", ["dangling link", "link", "root", "file"])
def test_an_output_that_is_no_new_directory_spends_nothing(
    crowdlens: Command, place: Place, no_photos: Path, tmp_path: Path, kind: str
) -> None:
    out = tmp_path / "out"
    if kind == "dangling link":
        out.symlink_to(tmp_path / "nowhere")
    elif kind == "link":
        out.symlink_to(tmp_path)
    elif kind == "file":
        out.write_text("mine")
    before = log_bytes(place)
    target = Path("/") if kind == "root" else out
    expect(crowdlens(*run_words(place, no_photos, target)), 2)
    assert log_bytes(place) == before


def test_a_log_with_one_byte_changed(
    crowdlens: Command, place: Place, no_photos: Path, tmp_path: Path
) -> None:
    assert crowdlens(*run_words(place, no_photos, tmp_path / "one")).code == 0
    data = bytearray(log_bytes(place))
    data[len(data) // 2] ^= 1
    (place.log / "entries.jsonl").write_bytes(data)
    verified = crowdlens("audit", "verify", "--log", place.log)
    assert verified.code == 3
    assert "FAILED" in verified.out
    expect(crowdlens(*run_words(place, no_photos, tmp_path / "two")), 3)
    assert log_bytes(place) == bytes(data), "evidence is left as it is"


def test_a_log_that_was_rolled_back(
    crowdlens: Command, place: Place, no_photos: Path, tmp_path: Path
) -> None:
    files = [place.log / "entries.jsonl", place.log / "checkpoint"]
    before = [file.read_bytes() for file in files]
    assert crowdlens(*run_words(place, no_photos, tmp_path / "one")).code == 0
    for file, data in zip(files, before, strict=True):
        file.write_bytes(data)
    assert crowdlens("audit", "verify", "--log", place.log).code == 4
    expect(crowdlens(*run_words(place, no_photos, tmp_path / "two")), 4)


def test_a_witness_that_is_gone(
    crowdlens: Command, place: Place, no_photos: Path, tmp_path: Path
) -> None:
    place.witness.rename(tmp_path / "away")
    expect(crowdlens(*run_words(place, no_photos, tmp_path / "out")), 6, "witness")


def test_a_trust_file_with_another_log_key(
    crowdlens: Command, place: Place, tmp_path: Path
) -> None:
    other = make_place(tmp_path / "other")
    done = crowdlens("audit", "verify", "--log", place.log, "--trust", other.trust)
    assert done.code == 5


def test_a_release_that_was_changed(
    crowdlens: Command, place: Place, no_photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert crowdlens(*run_words(place, no_photos, out)).code == 0
    table = out / "release.csv"
    table.write_text(table.read_text().replace("geometric", "geometrie"))
    assert crowdlens("audit", "verify", "--log", place.log, "--release", out).code == 8
    expect(crowdlens(*run_words(place, no_photos, out)), 8)


def test_an_output_directory_with_something_else_in_it(
    crowdlens: Command, place: Place, no_photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    expect(crowdlens(*run_words(place, no_photos, out)), 2, "not a release")
    assert (out / "thesis.txt").read_text() == "years of work"


FULL_DISK = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
sys.argv = ["crowdlens", *sys.argv[2:]]
from engine.cli.main import main
main()
"""


@pytest.mark.parametrize("room", [0, 100, 700, 1500])
def test_a_full_disk_while_logging(
    crowdlens: Command, place: Place, no_photos: Path, tmp_path: Path, room: int
) -> None:
    """A limit on the size of files is a disk that is full once the log has grown so far."""
    words = run_words(place, no_photos, tmp_path / "out", "--quiet")
    limit = len(log_bytes(place)) + room
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(limit), *map(str, words)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        # A limit would cut compiled modules short as well.
        env={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    expect(Outcome(done.returncode, done.stdout, done.stderr), 10)
    assert not (tmp_path / "out").exists()
    result = verify(place.log, Trust.load(place.trust))
    assert result.exit_code == 0, [c for c in result.checks if c.status == "failed"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    assert crowdlens(*words).code == 0
