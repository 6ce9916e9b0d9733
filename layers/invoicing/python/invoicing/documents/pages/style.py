"""The style sheet of pages: light and dark, from 320 pixels, in print. Contrasts are at least 4.5:1 (WCAG 2.2 AA)."""

STYLE = """
:root{color-scheme:light dark;--ink:#1b2430;--soft:#566072;--back:#f4f5f7;--card:#fff;--edge:#d9dde3;--accent:#1f4fd8;
--late:#a3261c;--on:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#eceff4;--soft:#a9b2c0;--back:#12161c;--card:#1b212a;--edge:#343c49;
--late:#ff9d92}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:1rem/1.55 system-ui,sans-serif;overflow-wrap:anywhere}
.page{max-width:46rem;margin:0 auto;padding:1.5rem 1rem 3rem}
header{border-top:.35rem solid var(--accent);padding:1.25rem 0 .5rem}
.seller{margin:0;color:var(--soft);font-weight:600}
h1{margin:.1rem 0 0;font-size:1.6rem;line-height:1.25;text-wrap:balance}
h2{margin:0 0 .75rem;font-size:1.05rem}
.card{background:var(--card);border:1px solid var(--edge);border-radius:.6rem;padding:1.25rem;margin:1rem 0}
.card>p:first-child{margin-top:0}
.card>p:last-child{margin-bottom:0}
.sum{display:flex;flex-wrap:wrap;gap:.25rem 2rem;align-items:baseline;justify-content:space-between}
.sum h2{margin:0;color:var(--soft);font-weight:500}
.amount{margin:0;font-size:2rem;line-height:1.2;font-weight:650;font-variant-numeric:tabular-nums}
.when{margin:0;flex-basis:100%;color:var(--soft)}
.late{color:var(--late);font-weight:600}
.pay{display:flex;flex-wrap:wrap;gap:1.25rem}
.pay>div{flex:1 1 16rem;min-width:0}
.pay p{margin:0 0 .6rem}
.pay img{width:11rem;max-width:100%;height:auto;border-radius:.4rem;background:#fff;padding:.25rem}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.35rem 1rem;margin:0}
dl+dl{margin-top:1rem;padding-top:1rem;border-top:1px solid var(--edge)}
dt{color:var(--soft)}
dd{margin:0;font-variant-numeric:tabular-nums;user-select:all}
.actions{display:flex;flex-wrap:wrap;gap:.75rem}
.actions a,button{display:inline-block;padding:.65rem 1.1rem;border:1px solid var(--ink);border-radius:.4rem;
background:none;color:var(--ink);font:inherit;font-weight:600;text-decoration:none;cursor:pointer}
.actions a:hover,button:hover,button.main{background:var(--ink);color:var(--card)}
button.main:hover{background:var(--soft);border-color:var(--soft)}
a:focus-visible,dd:focus-visible,button:focus-visible,textarea:focus-visible{outline:.2rem solid var(--accent);
outline-offset:.15rem}
label{display:block;margin-bottom:.35rem;font-weight:600}
textarea{display:block;width:100%;padding:.6rem .75rem;border:1px solid var(--soft);border-radius:.4rem;
background:var(--back);color:var(--ink);font:inherit;resize:vertical}
.hint{margin:.35rem 0 .9rem;color:var(--soft);font-size:.9rem}
ul+form{margin-top:.6rem;padding-top:1.1rem;border-top:1px solid var(--edge)}
ul{list-style:none;margin:0;padding:0}
li{padding:.6rem 0;border-top:1px solid var(--edge)}
li:first-child{border-top:0;padding-top:0}
li p{margin:0;white-space:pre-wrap}
li .by{color:var(--soft);font-size:.9rem}
footer{margin-top:1.5rem;color:var(--soft);font-size:.9rem}
footer p{margin:.35rem 0}
@media (max-width:30rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}}
@media print{:root{--back:#fff;--card:#fff;--ink:#000;--soft:#333;--edge:#999}.actions,form,
.card:not(:has(>dl,>p,>ul,>.pay)){display:none}
.card{break-inside:avoid}}
"""


def accented(color: str | None) -> str:
    """The rule for the color of a form, which is only decoration on a page."""
    return f":root{{--accent:{color}}}" if color else ""
