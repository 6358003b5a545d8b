// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// One look for badge, panel, dialog and notes. Sizes are in em of the browser's own text size, so they grow with it and
// not with the page's. Important rules inside a shadow root win over any the page writes for our element.
kaopu.css = `
:host {
 all: initial !important;
 display: block !important;
 position: absolute !important;
 inset: 0 auto auto 0 !important;
 inline-size: 0 !important;
 block-size: 0 !important;
 overflow: visible !important;
 z-index: 2147483647 !important;
 color-scheme: light dark !important;
}
.kaopu {
 --card: #ffffff; --ink: #1b2422; --soft: #55625e; --line: #dde3df; --focus: #0b6bcb;
 --accent: #17594f; --accent-ink: #ffffff; --shade: 0 1px 2px rgb(20 40 35 / 16%), 0 6px 18px rgb(20 40 35 / 14%);
 --dependable: #176b41; --dependable-ground: #e4f4ea;
 --watch_out: #7a4d00; --watch_out-ground: #fdf1d3;
 --danger: #a3211a; --danger-ground: #fce6e3;
 --unknown: #4a5661; --unknown-ground: #eaeef1;
 font: medium/1.5 system-ui, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
 color: var(--ink);
 text-align: start;
 overflow-wrap: anywhere;
}
@media (prefers-color-scheme: dark) {
 .kaopu {
  --card: #1f2624; --ink: #e9efec; --soft: #a9b7b2; --line: #35403d; --focus: #8ec5ff;
  --accent: #8fd3c4; --accent-ink: #0d2420; --shade: 0 1px 2px rgb(0 0 0 / 50%), 0 6px 18px rgb(0 0 0 / 45%);
  --dependable: #8fdcb0; --dependable-ground: #15352a;
  --watch_out: #f3c96b; --watch_out-ground: #3a2e12;
  --danger: #ffb0a8; --danger-ground: #451d1a;
  --unknown: #c0cbd4; --unknown-ground: #2a3238;
 }
}
.kaopu * { box-sizing: border-box; }
[hidden] { display: none !important; }
.dependable { --tone: var(--dependable); --ground: var(--dependable-ground); }
.watch_out { --tone: var(--watch_out); --ground: var(--watch_out-ground); }
.danger { --tone: var(--danger); --ground: var(--danger-ground); }
.unknown { --tone: var(--unknown); --ground: var(--unknown-ground); }
.icon { inline-size: 1em; block-size: 1em; flex: none; fill: none; stroke: currentColor; stroke-width: 3; stroke-linecap: round; stroke-linejoin: round; }
h2, h3, p, ul { margin: 0; padding: 0; }
ul { list-style: none; }
button { font: inherit; color: inherit; cursor: pointer; margin: 0; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }

.at { position: absolute; inline-size: max-content; }
.at.corner { position: fixed; }
.badge {
 display: inline-flex; align-items: center; gap: .45em;
 min-block-size: 2em; padding: .2em .8em .2em .3em;
 border: 1px solid color-mix(in srgb, var(--tone) 45%, transparent); border-radius: 2em;
 background: var(--ground); color: var(--tone);
 font-size: .875em; font-weight: 600; line-height: 1.25; white-space: nowrap;
 box-shadow: 0 1px 3px rgb(20 40 35 / 18%);
}
.badge:hover { box-shadow: var(--shade); }
.badge .mark, .head .mark {
 display: inline-grid; place-content: center; flex: none;
 inline-size: 1.6em; block-size: 1.6em; border-radius: 50%;
 background: var(--tone); color: var(--ground);
}
.badge .icon { inline-size: .95em; block-size: .95em; }
.badge.quiet { font-weight: 500; }
.for-reader { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.panel {
 position: fixed; inset: auto; margin: 0; padding: 0;
 inline-size: min(23em, 100vw - 16px); max-block-size: min(36em, 100vh - 16px); overflow: auto;
 border: 1px solid var(--line); border-radius: 14px; background: var(--card); color: var(--ink);
 font-size: .875em; box-shadow: var(--shade);
}
.head { display: grid; grid-template-columns: auto 1fr auto; gap: .1em .7em; align-items: center; padding: .9em 1em; background: var(--ground); }
.head .mark { grid-row: span 2; inline-size: 2.2em; block-size: 2.2em; }
.head .icon { inline-size: 1.2em; block-size: 1.2em; }
.head h2 { font-size: 1.1em; line-height: 1.3; color: var(--tone); }
.head .seller { grid-column: 2 / -1; font-weight: 600; }
.close {
 display: inline-grid; place-content: center; inline-size: 2em; block-size: 2em; padding: 0;
 border: 0; border-radius: 50%; background: none; color: var(--ink);
}
.close:hover { background: color-mix(in srgb, var(--ink) 10%, transparent); }
.part { padding: .8em 1em; border-block-start: 1px solid var(--line); }
.part h3 { font-size: .86em; font-weight: 600; color: var(--soft); margin-block-end: .25em; }
.points { display: grid; gap: .4em; }
.points li { display: grid; grid-template-columns: auto 1fr; gap: .6em; position: relative; }
.points .way {
 display: inline-grid; place-content: center; inline-size: 1.35em; block-size: 1.35em; margin-block-start: .075em;
 border-radius: 50%; background: var(--ground); color: var(--tone);
}
.points .icon { inline-size: .8em; block-size: .8em; stroke-width: 3.5; }
.points .neutral .icon { stroke-width: 7; }
.for { --tone: var(--dependable); --ground: var(--dependable-ground); }
.against { --tone: var(--danger); --ground: var(--danger-ground); }
.neutral { --tone: var(--unknown); --ground: var(--unknown-ground); }
.quote { border-inline-start: 3px solid var(--line); padding-inline-start: .7em; }
.advice { --tone: var(--accent); --ground: none; }
.soft { color: var(--soft); font-size: .93em; }
.sellers { display: grid; gap: .35em; }
.sellers li { display: flex; gap: .6em; align-items: baseline; justify-content: space-between; }
.chip { display: inline-flex; gap: .35em; align-items: center; flex: none; padding: .05em .6em; border-radius: 1em; background: var(--ground); color: var(--tone); font-weight: 600; font-size: .93em; }
.chip .icon { inline-size: .8em; block-size: .8em; }
.foot { display: grid; gap: .35em; justify-items: start; }
.link { border: 0; background: none; padding: .2em 0; min-block-size: 24px; color: var(--accent); text-decoration: underline; text-underline-offset: 2px; text-align: start; }

dialog {
 position: fixed; inset: 0; margin: auto; padding: 0; block-size: fit-content;
 inline-size: min(31em, 100vw - 24px); max-block-size: calc(100vh - 24px); overflow: auto;
 border: 1px solid var(--line); border-radius: 16px; background: var(--card); color: var(--ink);
 font-size: .9375em; box-shadow: 0 24px 60px rgb(0 0 0 / 35%);
}
dialog::backdrop { background: rgb(10 20 18 / 55%); }
dialog .head { padding: 1.2em 1.4em; }
dialog .head h2 { font-size: 1.2em; }
dialog .body { display: grid; gap: 1em; padding: 1.2em 1.4em; }
dialog h3 { font-size: .9em; font-weight: 600; color: var(--soft); margin-block-end: .3em; }
.stake { display: flex; flex-wrap: wrap; gap: .2em .6em; align-items: baseline; }
.stake strong { font-size: 1.1em; }
.actions {
 position: sticky; inset-block-end: 0; display: flex; flex-wrap: wrap; gap: .7em; padding: .8em 1.4em;
 background: var(--card); border-block-start: 1px solid var(--line);
}
.actions button { flex: 1 1 12em; min-block-size: 2.9em; padding: .4em 1em; border-radius: 10px; font-weight: 600; }
.back { border: 1px solid var(--accent); background: var(--accent); color: var(--accent-ink); }
.on { border: 1px solid var(--line); background: none; color: var(--ink); }
.on:hover:not(:disabled) { border-color: var(--soft); }
.on:disabled { cursor: default; color: var(--soft); }
.after { padding: .2em 1.63em 1.4em; color: var(--soft); font-size: .86em; }

.note {
 position: fixed; inset: auto 0 24px; margin-inline: auto; inline-size: fit-content; max-inline-size: min(34em, 100vw - 32px);
 padding: .8em 1.1em; border: 1px solid var(--line); border-radius: 12px; background: var(--card); color: var(--ink);
 font-size: .9em; box-shadow: var(--shade);
}
.shield { position: absolute; padding: 0; border: 2px solid var(--danger); border-radius: 8px; background: rgb(163 33 26 / 4%); cursor: pointer; }

@media (prefers-reduced-motion: no-preference) {
 .panel:popover-open, dialog[open], .note { animation: kaopu-in 140ms ease-out; }
 @keyframes kaopu-in { from { opacity: 0; transform: translateY(6px); } }
}
@media (forced-colors: active) {
 .badge, .panel, dialog, .note, .chip, .actions button { border: 1px solid CanvasText; }
 .badge .mark, .head .mark { forced-color-adjust: none; background: CanvasText; color: Canvas; }
 .points .way { border: 1px solid CanvasText; }
 .points .advice .way { border: 0; }
 .shield { border-color: Highlight; }
}
`;
