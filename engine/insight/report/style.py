"""How the page looks: light or dark, on a phone and on paper; kin to the auditor's report."""

from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;--page:#f6f6f3;--card:#fff;--ink:#1b1b1a;--soft:#5c5c58;
--line:#d9d8d2;--grid:#e6e5e0;--mark:#0072b2;--chance:#8a5700;--rise:#00694b;--fall:#b3261e;
--focus:#0b57d0;--link:#0b57a8}
@media (prefers-color-scheme:dark){:root{--page:#161615;--card:#222220;--ink:#ecebe6;--soft:#b0afa8;
--line:#3a3a37;--grid:#343431;--mark:#6cb8ea;--chance:#f0c060;--rise:#5fd1a5;--fall:#ff8a80;
--focus:#8ab4f8;--link:#8ab4f8}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{margin:0 auto;padding:1.5rem clamp(1rem,4vw,2.5rem) 4rem;max-width:72rem;
background:var(--page);color:var(--ink);font:1rem/1.55 system-ui,sans-serif;overflow-wrap:anywhere}
a{color:var(--link)}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:.5rem;padding:.4rem .8rem;background:var(--card);z-index:1}
.kicker{margin:0;color:var(--soft);font-size:.9rem;letter-spacing:.02em}
h1{margin:.15rem 0 .5rem;font-size:clamp(1.5rem,1.2rem + 1.6vw,2.1rem);line-height:1.2}
h2{margin:2.75rem 0 .5rem;font-size:1.3rem;line-height:1.3}
h3{margin:1.5rem 0 .4rem;font-size:1.02rem}
p{margin:.4rem 0;max-width:70ch}
.lead{font-size:1.08rem}
ul,ol{margin:.4rem 0;padding-left:1.2rem;max-width:70ch}
li{margin:.2rem 0}
.soft,dt,caption{color:var(--soft)}
.note{margin:1rem 0;padding:.7rem 1rem;border-left:.3rem solid var(--chance);
background:var(--card);border-radius:.3rem}
nav ul,.findings{max-width:none}
nav ul{display:flex;flex-wrap:wrap;gap:.4rem;margin:1.1rem 0 0;padding:0;list-style:none}
nav a{display:block;padding:.3rem .75rem;border:1px solid var(--line);border-radius:2rem;
background:var(--card);text-decoration:none;font-size:.92rem}
nav a:hover{text-decoration:underline}
.findings{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,20rem),1fr));
gap:.8rem;margin:1rem 0;padding:0;list-style:none}
.findings li{padding:.9rem 1rem;background:var(--card);border:1px solid var(--line);
border-top:.25rem solid var(--mark);border-radius:.4rem}
.findings li.rise{border-top-color:var(--rise)}.findings li.fall{border-top-color:var(--fall)}
.findings .kind{display:block;font-size:.8rem;color:var(--soft)}
.findings .big{display:block;margin:.1rem 0 .35rem;color:var(--soft)}
.findings .big b{color:var(--ink);font-size:1.5rem;line-height:1.2}
.findings .cells{display:block;margin-top:.4rem;font-size:.82rem;color:var(--soft);
overflow-wrap:anywhere}
code,pre{font:.85em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;
overflow-wrap:anywhere}
pre{margin:.5rem 0;padding:.75rem;white-space:pre-wrap;background:var(--card);
border:1px solid var(--line);border-radius:.4rem}
dl{display:grid;grid-template-columns:minmax(9rem,max-content) 1fr;gap:.3rem 1.2rem;margin:.75rem 0}
dd{margin:0;overflow-wrap:anywhere;max-width:70ch}
.wide{margin:.6rem 0 .6rem;overflow-x:auto;border:1px solid var(--line);border-radius:.4rem;
background:var(--card)}
table{border-collapse:collapse;width:100%;font-size:.88rem;overflow-wrap:normal}
caption{padding:.4rem .7rem;text-align:left;font-size:.85rem}
th,td{padding:.35rem .7rem;text-align:left;vertical-align:top;border-top:1px solid var(--line)}
thead th{font-weight:600;color:var(--soft);white-space:nowrap}
tbody th{font-weight:400}
td,th.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.text{text-align:left;white-space:normal}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,20rem),1fr));
gap:.9rem;margin:.9rem 0;align-items:start}
figure{margin:0;padding:.8rem .9rem .5rem;background:var(--card);border:1px solid var(--line);
border-radius:.4rem;min-width:0}
figure svg{display:block;width:100%;max-width:30rem;height:auto}
figcaption{margin:0 0 .3rem;font-weight:600;font-size:.95rem}
figure p{font-size:.85rem}
svg text{font-variant-numeric:tabular-nums}
svg text.soft{fill:var(--soft)}svg text.ink{fill:var(--ink)}
svg path.line{stroke:var(--grid)}svg path.soft{stroke:var(--soft)}
svg path.mark{stroke:var(--mark)}svg path.chance{stroke:var(--chance)}
svg .dot,svg .band{fill:var(--mark)}
details{margin:.3rem 0}
details.more{margin:1rem 0;padding:.4rem .8rem;border:1px solid var(--line);border-radius:.4rem}
details.more>summary{font-size:.98rem}
.paper{display:none}
summary{cursor:pointer;padding:.25rem 0;font-size:.9rem;color:var(--link)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
@media (max-width:36rem){dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .6rem}
body{padding-top:1rem}h2{margin-top:2.2rem}}
@media print{:root{color-scheme:light;--page:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#999;
--grid:#ccc;--mark:#0072b2;--chance:#8a5700;--rise:#00694b;--fall:#b3261e;--link:#000}
@page{margin:14mm}
body{padding:0;max-width:none;font-size:9.5pt}nav,.skip{display:none}
h2,h3{break-after:avoid}figure,tr,.findings li,pre,dl{break-inside:avoid}
.figures{grid-template-columns:repeat(2,1fr)}.findings{grid-template-columns:repeat(2,1fr)}
details:not([open]){display:none}.paper{display:block}
table{font-size:8.5pt;overflow-wrap:anywhere}
th,td,td.text{padding:.25rem .45rem;white-space:normal}}
"""
