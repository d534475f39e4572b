"""How a notice looks."""

from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;--page:#fbfaf7;--ink:#1d1d1b;--soft:#575751;--line:#d8d6cd;
--card:#f1efe8;--mark:#0b5c8a;--warn-ink:#6b2b00;--warn:#fdecd8;--warn-line:#c96a12}
@media (prefers-color-scheme:dark){:root{--page:#161614;--ink:#ecebe5;--soft:#aeaca3;
--line:#3b3a36;--card:#232320;--mark:#8cc8ee;--warn-ink:#ffd9b0;--warn:#3a2614;--warn-line:#d98a3d}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:44rem;padding:2.5rem 1.25rem 4rem;background:var(--page);
color:var(--ink);font:1.0625rem/1.6 system-ui,-apple-system,"Segoe UI",sans-serif;
overflow-wrap:anywhere;hyphens:auto;-webkit-text-size-adjust:100%}
h1{font-size:clamp(1.6rem,5vw,2.2rem);line-height:1.2;margin:0 0 1.25rem;text-wrap:balance;
hyphens:manual}
h2{font-size:1.25rem;line-height:1.3;margin:2.5rem 0 .6rem;padding-top:1.25rem;
border-top:1px solid var(--line);color:var(--mark)}
h3{font-size:1rem;margin:1rem 0 .4rem}
p,ul{margin:0 0 .8rem}
ul{padding-left:1.2rem}
li{margin-bottom:.35rem}
.lead{font-size:1.15rem;line-height:1.55}
.warning{margin:0 0 1.25rem;padding:.8rem 1rem;border:2px solid var(--warn-line);
border-radius:.4rem;background:var(--warn);color:var(--warn-ink);font-weight:600}
.names{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.35rem .4rem}
.names li{margin:0;padding:.1rem .6rem;border:1px solid var(--line);border-radius:1rem;
background:var(--card);font-size:.95rem}
pre{margin:0 0 .8rem;padding:.7rem .9rem;background:var(--card);border:1px solid var(--line);
border-radius:.4rem;overflow-x:auto;hyphens:manual}
code{font:.9rem/1.5 ui-monospace,"SFMono-Regular",Menlo,Consolas,monospace;white-space:pre-wrap;
overflow-wrap:anywhere}
footer{margin-top:2.5rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);
font-size:.95rem}
@media print{:root{color-scheme:light;--page:#fff;--ink:#000;--soft:#333;--card:#fff;--mark:#000;
--line:#999;--warn:#fff;--warn-ink:#000;--warn-line:#000}
body{max-width:none;padding:0;font-size:10.5pt}h2{break-after:avoid;margin-top:1.2rem}
section,li,pre{break-inside:avoid}@page{margin:18mm}}
"""
