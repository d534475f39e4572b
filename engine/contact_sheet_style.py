"""How the contact sheet looks: colours that colour-blind eyes tell apart, and a pattern for each.

Colours are those of Okabe and Ito (2008), which stay distinct under all common kinds of colour
blindness; the patterns differ as well, so that the sheet can be printed in black and white.
"""

from typing import Final

COLOURS: Final = {
    "face": "#d55e00",
    "person": "#0072b2",
    "code": "#cc79a7",
    "plate": "#009e73",
    "text": "#e69f00",
    "remnant": "#111111",
}
_LINES: Final = {
    "face": "M0 14L14 0M-3 3L3 -3M11 17L17 11",
    "person": "M7 0V14",
    "code": "M0 7H14M7 0V14",
    "plate": "M0 7H14",
    "text": "M0 0L14 14M-3 11L3 17M11 -3L17 3",
    "remnant": "M0 0L14 14M14 0L0 14",
}


def patterns() -> str:
    """Return an SVG that shows nothing and holds one pattern a kind."""
    made = "".join(
        f'<pattern id="pattern-{kind}" width="14" height="14" patternUnits="userSpaceOnUse">'
        f'<path d="{_LINES[kind]}" fill="none" stroke="#fff" stroke-width="4" opacity=".55"/>'
        f'<path d="{_LINES[kind]}" fill="none" stroke="{colour}" stroke-width="2"/></pattern>'
        for kind, colour in COLOURS.items()
    )
    return (
        f'<svg class="patterns" width="0" height="0" aria-hidden="true"><defs>{made}</defs></svg>'
    )


def style() -> str:
    """Return the sheet's CSS."""
    kinds = "".join(
        f".veil.{kind}{{stroke:{colour}}}"
        f"body:has(#show-{kind}:not(:checked)) main .{kind}{{display:none}}"
        f"body:has(#show-patterns:checked) .veil.{kind},.swatch .veil.{kind}"
        f"{{fill:url(#pattern-{kind})}}"
        for kind, colour in COLOURS.items()
    )
    return _STYLE + kinds


_STYLE: Final = """
:root{color-scheme:light dark;--page:#f6f6f3;--card:#fff;--ink:#1b1b1a;--soft:#5c5c58;
--line:#d9d8d2;--focus:#0b57d0;--plate:#ecebe6}
@media (prefers-color-scheme:dark){:root{--page:#161615;--card:#222220;--ink:#ecebe6;
--soft:#a9a8a1;--line:#3a3a37;--focus:#8ab4f8;--plate:#2c2c29}}
*{box-sizing:border-box}
body{margin:0;padding:2rem clamp(1rem,4vw,3rem) 3rem;background:var(--page);color:var(--ink);
font:1rem/1.5 system-ui,sans-serif}
h1{margin:0 0 .25rem;font-size:1.6rem;line-height:1.2}
h2{margin:2rem 0 .75rem;font-size:1.1rem}
p{margin:.25rem 0;max-width:70ch}
.soft,dt,figcaption,legend{color:var(--soft)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:1rem 0;max-width:60rem}
dd{margin:0;overflow-wrap:anywhere}
fieldset{margin:1.25rem 0 1.5rem;padding:.75rem 1rem 1rem;border:1px solid var(--line);
border-radius:.5rem;background:var(--card)}
.kinds{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,18rem),1fr));
gap:.6rem 2rem;margin:0;padding:0;list-style:none}
.kinds label{display:grid;grid-template-columns:auto 4rem 1fr auto;gap:.6rem;align-items:center;
cursor:pointer;min-height:2rem}
.kinds .count{font-variant-numeric:tabular-nums;font-weight:600}
.kinds small,.name small{display:block;color:var(--soft);line-height:1.3}
.every{display:flex;gap:.6rem;align-items:center;margin-top:.75rem;cursor:pointer}
input{inline-size:1.1rem;block-size:1.1rem;accent-color:var(--focus)}
.swatch{display:block;inline-size:4rem;block-size:2.5rem;background:#8c8c86;border-radius:.2rem}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr));gap:1.25rem;
margin:0;padding:0;list-style:none;align-items:start}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:.5rem;
overflow:hidden}
figure a{display:block;position:relative}
figure img{display:block;inline-size:100%;block-size:auto;max-block-size:30rem;
object-fit:contain;background:var(--plate)}
figure a svg{position:absolute;inset:0;inline-size:100%;block-size:100%}
figcaption{display:flex;flex-wrap:wrap;gap:.1rem .75rem;padding:.5rem .75rem;font-size:.875rem}
figcaption b{color:var(--ink);font-variant-numeric:tabular-nums}
.plate{display:grid;place-content:center;gap:.25rem;aspect-ratio:4/3;padding:1.5rem;
text-align:center;background:var(--plate)}
.plate strong{font-size:1.1rem}
.plate code{color:var(--soft);font-size:.875rem}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
figure:focus-within{outline:3px solid var(--focus);outline-offset:2px}
figure a:focus-visible{outline:none}
.patterns{position:absolute}
.veil,.casing{fill:none;fill-rule:evenodd;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.casing{stroke:#fff;stroke-width:4.5px}
.veil{stroke-width:2px}
@media print{:root{color-scheme:light;--page:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#999;
--plate:#eee}
body{padding:0;font-size:9pt}input,.every{display:none}
.kinds label{grid-template-columns:4rem 1fr auto}
.kinds{grid-template-columns:repeat(3,1fr)}
.grid{grid-template-columns:repeat(3,1fr);gap:4mm}
figure,.plate{break-inside:avoid;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.swatch{print-color-adjust:exact;-webkit-print-color-adjust:exact}
figure img{max-block-size:9cm}figcaption{padding:.25rem .4rem;font-size:8pt}}
"""
