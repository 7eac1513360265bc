// The style sheet of the page: light, dark and print; wide and narrow. Colours of before and after (Okabe and Ito's blue
// against grey) differ in lightness too, and never stand without a shape, a dash or a word.

export const style = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --raised: #f6f8fa; --text: #1c2128; --muted: #57606a; --rule: #dfe4ea;
  --before: #5f6873; --after: #0b5cad; --band: #e0efe4; --warmup: #eef1f4;
  --good: #1a6b32; --bad: #a8321e; --notice: #fff7e0; --notice-edge: #b98900;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #15191e; --raised: #1d232a; --text: #e6eaef; --muted: #a7b1bc; --rule: #333c46;
    --before: #b4bdc7; --after: #6fb3f7; --band: #213a2b; --warmup: #222930;
    --good: #6fcf8b; --bad: #ff9d8a; --notice: #2d2614; --notice-edge: #d3a63a;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  margin: 0 auto; padding: 2.5rem 1rem 4rem; max-width: 70rem; background: var(--paper); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
h1, h2, h3, h4 { line-height: 1.25; overflow-wrap: anywhere; text-wrap: balance; }
h1 { font-size: 2.1rem; margin: 0 0 1.25rem; letter-spacing: -0.01em; }
h2 { font-size: 1.5rem; margin: 3.5rem 0 1rem; padding-top: 1rem; border-top: 2px solid var(--text); }
h3 { font-size: 1.2rem; margin: 2.5rem 0 0.75rem; }
p, .list { max-width: 46rem; }
p { margin: 0.75rem 0; overflow-wrap: anywhere; }
bdi, code { overflow-wrap: anywhere; }
code { font: 0.92em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
a { color: var(--after); }
:focus-visible { outline: 3px solid var(--after); outline-offset: 2px; }
.eyebrow { color: var(--muted); margin: 0 0 0.25rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.4rem 1.25rem; list-style: none; margin: 0; padding: 0; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
.list { padding-left: 1.25rem; }
.list li { margin: 0.4rem 0; overflow-wrap: anywhere; }

.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: 1rem; margin: 1.5rem 0; }
.card { background: var(--raised); border: 1px solid var(--rule); border-radius: 10px; padding: 1.1rem 1.25rem; }
.card h3 { font-size: 0.95rem; font-weight: 600; color: var(--muted); margin: 0; }
.card .figures { font-size: 1.75rem; font-weight: 650; margin: 0.15rem 0; font-variant-numeric: tabular-nums; letter-spacing: -0.01em; }
.card .verdict { font-weight: 600; margin: 0 0 0.4rem; }
.card .note { color: var(--muted); font-size: 0.88rem; line-height: 1.45; margin: 0; }
.good { color: var(--good); }
.bad { color: var(--bad); }

.notice { background: var(--notice); border-left: 4px solid var(--notice-edge); border-radius: 0 8px 8px 0; margin: 2rem 0; padding: 0.9rem 1.25rem; }
.notice h3 { margin: 0; font-size: 1.05rem; }
.notice ul { margin: 0.5rem 0 0; padding-left: 1.1rem; }
.notice li { margin: 0.3rem 0; overflow-wrap: anywhere; }

.facts { display: grid; grid-template-columns: minmax(8rem, 14rem) minmax(0, 1fr); gap: 0.45rem 1.25rem; margin: 1rem 0 1.5rem; max-width: 58rem; }
.facts dt { font-weight: 600; overflow-wrap: anywhere; }
.facts dd { margin: 0; overflow-wrap: anywhere; }

.pair { display: grid; gap: 1rem 2.25rem; margin: 2rem 0 2.5rem; }
@media (min-width: 56rem) { .pair { grid-template-columns: minmax(0, 27rem) minmax(0, 1fr); } }
.figures-grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: 1.25rem 1.5rem; margin: 1rem 0 2rem; }
figure { margin: 0; }
figcaption, caption { font-weight: 600; font-size: 0.95rem; text-align: left; overflow-wrap: anywhere; }
figcaption { margin-bottom: 0.35rem; }
caption { padding-bottom: 0.35rem; }
.plot { display: block; width: 100%; height: auto; overflow: visible; font-family: inherit; font-variant-numeric: tabular-nums; }
.plot text { white-space: pre; }
.pair .plot { max-width: 27rem; }
.figures-grid .plot { max-width: 20rem; }

.legend { display: flex; flex-wrap: wrap; gap: 0.35rem 1.4rem; list-style: none; margin: 1rem 0; padding: 0; font-size: 0.92rem; }
.legend li { display: flex; align-items: center; gap: 0.45rem; }
.legend svg { flex: none; }

.scroll { overflow-x: auto; margin: 1.5rem 0; }
.pair .scroll { margin: 0; }
table { border-collapse: collapse; min-width: min(100%, 34rem); font-size: 0.92rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.75rem 0.4rem 0; border-bottom: 1px solid var(--rule); min-width: 3.5rem; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--muted); font-weight: 600; border-bottom: 1.5px solid var(--muted); vertical-align: bottom; }
tbody th { font-weight: 600; overflow-wrap: anywhere; min-width: 6rem; max-width: 18rem; }
td { overflow-wrap: anywhere; max-width: 26rem; }
.pair table { width: 100%; min-width: 0; }
.right { text-align: right; white-space: nowrap; }
@media (min-width: 40.01rem) { .right + :not(.right) { padding-left: 0.75rem; } }
.detail { display: block; font-weight: 400; font-size: 0.86em; color: var(--muted); }
.standing { display: flex; gap: 0.4em; min-width: 7.5rem; overflow-wrap: break-word; }
.standing .glyph { flex: none; width: 1em; text-align: center; }
.standing-behind { color: var(--bad); font-weight: 600; }
.standing-few, .standing-alone { color: var(--muted); font-style: italic; }
footer { margin-top: 3.5rem; padding-top: 1rem; border-top: 1px solid var(--rule); color: var(--muted); font-size: 0.9rem; }

@media (max-width: 40rem) {
  body { padding-top: 1.5rem; }
  h1 { font-size: 1.6rem; }
  h2 { font-size: 1.3rem; margin-top: 2.75rem; }
  .facts { grid-template-columns: minmax(0, 1fr); gap: 0.1rem; }
  .facts dd { margin-bottom: 0.7rem; }
  table { width: 100%; }
  .wide, .wide caption, .wide tbody, .wide th, .wide td { display: block; max-width: none; min-width: 0; }
  .wide thead { position: absolute; clip-path: inset(50%); }
  .wide tr { display: grid; grid-template-columns: repeat(auto-fit, minmax(6.25rem, 1fr)); gap: 0.35rem 0.9rem; padding: 0.6rem 0; border-bottom: 1px solid var(--rule); }
  .wide tbody th, .wide td:has(.standing) { grid-column: 1 / -1; }
  .wide tbody th, .wide td { padding: 0; border: 0; text-align: left; white-space: normal; }
  .wide td::before { content: attr(data-title); display: block; font-size: 0.86em; color: var(--muted); }
  .wide tbody th .detail { display: inline; margin-left: 0.4em; }
}
@media print {
  @page { margin: 15mm; }
  html { font-size: 9.5pt; }
  body { padding: 1px; max-width: none; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  nav { display: none; }
  a { color: inherit; text-decoration: none; }
  h2 { margin-top: 1.75rem; }
  h1, h2, h3, figcaption, caption { break-after: avoid; }
  figure, .card, .notice, tr, .pair { break-inside: avoid; }
  .pair { grid-template-columns: minmax(0, 1fr); gap: 0.75rem; margin: 1.25rem 0; }
  .figures-grid { grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 0.75rem; }
  .scroll { overflow: visible; }
}
`;
