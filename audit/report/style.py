"""How the report looks: one column, light or dark, readable on a phone and on paper."""

from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;--page:#f6f6f3;--card:#fff;--ink:#1b1b1a;--soft:#5c5c58;
--line:#d9d8d2;--good:#00694b;--bad:#b3261e;--open:#7a5200;--spent:#0072b2;--rest:#dfe9ef;
--focus:#0b57d0}
@media (prefers-color-scheme:dark){:root{--page:#161615;--card:#222220;--ink:#ecebe6;--soft:#a9a8a1;
--line:#3a3a37;--good:#5fd1a5;--bad:#ff8a80;--open:#f0c060;--spent:#6cb8ea;--rest:#26333b;
--focus:#8ab4f8}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem clamp(1rem,4vw,2.5rem) 3rem;max-width:64rem;
background:var(--page);color:var(--ink);font:1rem/1.55 system-ui,sans-serif;overflow-wrap:anywhere}
h1{margin:0 0 .5rem;font-size:1.6rem;line-height:1.2}
h2{margin:2.25rem 0 .6rem;font-size:1.2rem;line-height:1.3}
h3{margin:1.25rem 0 .4rem;font-size:1rem}
p{margin:.35rem 0;max-width:70ch}
.soft,dt,th,figcaption{color:var(--soft)}
.verdict{margin:1rem 0;padding:1rem 1.1rem;border:1px solid var(--line);border-left:.5rem solid;
border-radius:.4rem;background:var(--card)}
.verdict strong{display:block;font-size:1.3rem}
.verdict.passed{border-left-color:var(--good)}.verdict.failed{border-left-color:var(--bad)}
.passed b,.verdict.passed strong{color:var(--good)}
.failed b,.verdict.failed strong{color:var(--bad)}
.not-checked b{color:var(--open)}
code,pre,.digest{font:.85em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;
overflow-wrap:anywhere}
pre{margin:.5rem 0;padding:.75rem;white-space:pre-wrap;background:var(--card);
border:1px solid var(--line);border-radius:.4rem}
dl{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.25rem 1rem;margin:.75rem 0}
dd{margin:0;overflow-wrap:anywhere}
.wide{margin:.6rem 0 1rem;overflow-x:auto;border:1px solid var(--line);border-radius:.4rem;
background:var(--card)}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{padding:.4rem .7rem;text-align:left;vertical-align:top;border-top:1px solid var(--line);
overflow-wrap:anywhere}
thead th{border-top:0;font-weight:600;white-space:nowrap}
.status{white-space:nowrap}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
ol.timeline{margin:0;padding:0;list-style:none}
ol.timeline li{display:grid;grid-template-columns:3.5rem minmax(0,1fr);gap:.25rem .75rem;
padding:.45rem 0;border-top:1px solid var(--line)}
ol.timeline .place{color:var(--soft);text-align:right;font-variant-numeric:tabular-nums}
ol.timeline .day{grid-column:2;color:var(--soft);font-size:.85rem}
ul{margin:.4rem 0;padding-left:1.2rem;max-width:70ch}
li{margin:.2rem 0}
figure{margin:.75rem 0;padding:.9rem;background:var(--card);border:1px solid var(--line);
border-radius:.4rem}
figure svg{display:block;width:100%;height:auto;max-height:22rem}
figcaption{margin-top:.5rem;font-size:.9rem}
figure.code{display:grid;grid-template-columns:minmax(0,15rem) minmax(0,1fr);gap:1rem;
align-items:center}
figure.code svg{max-height:none}
.change.looser b{color:var(--bad)}.change.stricter b{color:var(--good)}
svg text{fill:var(--soft);font:12px system-ui,sans-serif}
svg .axis{stroke:var(--line);stroke-width:1}
svg .left{fill:var(--rest)}
svg .step{fill:none;stroke:var(--spent);stroke-width:2.5;stroke-linejoin:round}
svg .spend{fill:var(--card);stroke:var(--spent);stroke-width:2}
svg .spend.published{fill:var(--spent)}
details{margin:.4rem 0}
summary{cursor:pointer;min-height:1.75rem}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
@media (max-width:36rem){figure.code{grid-template-columns:minmax(0,1fr)}
dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .5rem}
thead{display:none}tr{display:block;padding:.5rem .75rem;border-top:1px solid var(--line)}
tbody tr:first-child{border-top:0}td,td.number{display:block;padding:.1rem 0;border:0;
text-align:left}
td::before{content:attr(data-name) ": ";color:var(--soft)}svg text{font-size:22px}}
@media print{:root{color-scheme:light;font-size:10pt;--page:#fff;--card:#fff;--ink:#000;--soft:#444;
--line:#999;--good:#00694b;--bad:#b3261e;--open:#7a5200;--spent:#0072b2;--rest:#dfe9ef}
body{padding:0}figure,tr,li{break-inside:avoid}}
"""
