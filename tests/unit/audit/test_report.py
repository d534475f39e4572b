"""The report: whole, offline, escaped, and silent about what can't be believed."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from audit import TlogProof, Trust
from audit.note import VerifierKey
from audit.report import NOT_IN_THE_LOG, report_html
from audit.report.chart import burn_down
from audit.report.page import code, facts, page, table

VOID = {"meta", "path", "polygon", "polyline"}


class Reader(HTMLParser):
    """Collects text, and refuses what loads, runs or does not close."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.pre: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        assert not names & {"src", "href", "srcset", "onload", "onclick", "action"}
        assert tag not in {"script", "link", "img", "iframe", "object", "form", "base"}
        if tag not in VOID:
            self.open.append(tag)
        if tag == "pre":
            self.pre.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            assert "url(" not in data
            assert "@import" not in data
            return
        self.text.append(data)
        if "pre" in self.open:
            self.pre[-1] += data


def test_the_page_is_whole_and_loads_nothing(finished: Any) -> None:
    found = finished.verify(finished.root / "out")
    read = Reader(report_html(found, finished.trust))
    said = " ".join(read.text)
    assert "Verified" in said
    assert finished.trust.log.name in said
    assert found.root.hex()[:8] in said
    assert "epsilon 0.25 of city-photos is spent on brands." in said
    assert "Left: epsilon 0.75, delta 1e-6." in said
    for line in NOT_IN_THE_LOG:
        assert line in said
    assert "not checked" in said


def test_the_proofs_in_it_verify(finished: Any) -> None:
    read = Reader(report_html(finished.verify(), finished.trust))
    proofs = [text for text in read.pre if text.startswith("c2sp.org/tlog-proof")]
    assert len(proofs) == 1
    entry = TlogProof.parse(proofs[0].encode()).verify(finished.trust)
    assert entry.type == "release"


def test_of_a_log_that_does_not_verify_only_the_verdict_is_shown(
    finished: Any, tmp_path: Path
) -> None:
    copied = finished.copy(tmp_path / "copy")
    copied.entries.write_bytes(copied.entries.read_bytes().replace(b'"0.25"', b'"0.01"'))
    found = copied.verify()
    assert found.exit_code == 3
    said = " ".join(Reader(report_html(found, copied.trust)).text)
    assert "Not verified" in said
    assert "FAILED" in said
    assert "city-photos" not in said
    assert "0.01" not in said
    copied.entries.unlink()
    Reader(report_html(copied.verify(), copied.trust))


def test_an_empty_log_has_a_report(finished: Any, tmp_path: Path) -> None:
    from audit import Log

    log = Log.create(tmp_path / "log", at=finished.DAY)
    from audit import verify

    said = " ".join(Reader(report_html(verify(tmp_path / "log", log.trust), log.trust)).text)
    assert "nobody would notice an older copy" in said
    assert "No dataset was declared yet." in said


def test_names_of_keys_are_escaped(finished: Any) -> None:
    key = finished.trust.witnesses[0].vkey
    evil = VerifierKey("<script>x</script>&", 4, key.public)
    trust = Trust(finished.trust.log, (type(finished.trust.witnesses[0])(evil),), 0)
    html = report_html(finished.verify(), trust)
    assert "<script" not in html
    Reader(html)
    for text in (code("<b>"), facts([("<b>", "x")]), table(["<b>"], [["x"]]), page("<b>", [])):
        assert "<b>" not in text


@pytest.mark.parametrize("spends", [[], ["0.5"], ["0.5", "0.5"], ["0.001"] * 70, ["0.0005"] * 1999])
def test_the_chart_goes_down_and_stays_in_its_frame(study: Any, spends: list[str]) -> None:
    from audit.ledger import Account, Spend

    total = study.loss("1", "1e-6")
    taken = [study.loss(s) for s in spends]
    spent = sum(taken, study.loss("0"))
    reservations = tuple(Spend(n, "r", "p", loss, n % 2 == 0) for n, loss in enumerate(taken))
    account = Account("d", total, spent, spent, total.minus(spent), reservations)
    svg = burn_down(account)
    line = re.findall(r'class="step"[^>]* points="([^"]+)"', svg)[0]
    points = [tuple(map(float, pair.split(","))) for pair in line.split(" ")]
    assert len(points) < 1300
    heights = [y for _, y in points]
    assert heights == sorted(heights)
    assert all(0 <= x <= 720 and 0 <= y <= 260 for x, y in points)
    assert svg.count("<circle") == (len(spends) if len(spends) <= 60 else 0)
    nothing = Account("d", study.loss("0"), study.loss("0"), study.loss("0"), study.loss("0"), ())
    assert "NaN" not in burn_down(nothing)
