"""The report as a file, beside a release or anywhere else; and its charts as files of their own."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from engine.durable import sync_directory, write_new
from engine.insight.errors import ReportUnwritable
from engine.insight.report import Analysis, Subject, drawings, report_html
from engine.insight.report.drawing import Drawing
from policies.canonical import digest_of_bytes

REPORT_FILE: Final = "report.html"


def write_report(directory: Path, subject: Subject) -> tuple[str, str]:
    """Write the report of a release beside it; return its name and `sha256:...`.

    Nothing is overwritten, and the file is on the disk when this returns. Raises
    `ReportUnwritable`.
    """
    data = report_html(Analysis.of(subject)).encode()
    _write(directory / REPORT_FILE, data)
    return REPORT_FILE, digest_of_bytes(data)


def write_report_to(file: Path, analysis: Analysis) -> None:
    """Write the report to a new file; raises `ReportUnwritable`."""
    _write(file, report_html(analysis).encode())


def write_charts(directory: Path, analysis: Analysis) -> tuple[str, ...]:
    """Write every chart as SVG and as PNG into a new or empty directory; return their names.

    Raises `ReportUnwritable`.
    """
    charts = drawings(analysis)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(error) from error
    names = []
    for chart in charts:
        _write(directory / f"{chart.name}.svg", chart.file().encode())
        _write(directory / f"{chart.name}.png", _png(chart))
        names += [f"{chart.name}.svg", f"{chart.name}.png"]
    return tuple(names)


def _png(chart: Drawing) -> bytes:
    """Return the chart as pixels, in a font of our own, so that they are the same everywhere."""
    import resvg_py  # noqa: PLC0415  only where PNGs are asked for

    # Looked up without importing it: matplotlib leaves a cache on the disk when it is imported.
    found = find_spec("matplotlib")
    assert found is not None
    assert found.origin is not None
    fonts = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
    files = [str(fonts / name) for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")]
    drawn: bytes = bytes(
        resvg_py.svg_to_bytes(
            svg_string=chart.file(),
            skip_system_fonts=True,
            font_files=files,
            font_family="DejaVu Sans",
            sans_serif_family="DejaVu Sans",
        )
    )
    return drawn


def _write(file: Path, data: bytes) -> None:
    try:
        write_new(file, data)
        sync_directory(file.absolute().parent)
    except OSError as error:
        raise _unwritable(error) from error


def _unwritable(error: OSError) -> ReportUnwritable:
    return ReportUnwritable(
        f"the report can't be written: {error.strerror}",
        hint="Give a new file, or an empty directory, with room and permission to write.",
    )
