// All sweeps of the storage.

import { h, show } from "./dom.js";
import { ago, count, number } from "./format.js";
import { ask } from "./net.js";
import { countsText } from "./panels.js";

const EVERY = 2000; // ms

/** Show the list in `root`, up to date; returns how to end it. */
export function sweepList(root, refused) {
  const body = h("tbody");
  const note = h("p", { class: "quiet" }, "Loading …");
  const head = ["Sweep", "State", "Progress", "Best", "Strategy", "Changed"].map((name) => h("th", { scope: "col", class: name === "Best" ? "number" : null }, name));
  const grid = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Sweeps" }, h("table", { class: "sweeps" }, h("thead", {}, h("tr", {}, ...head)), body));
  show(root, h("header", { class: "top" }, h("h1", {}, "Sweeps")), grid, note);
  document.title = "Sweeps · hyperopt-core";
  let timer = null;
  let last = "";
  const look = async () => {
    try {
      const { sweeps } = await ask("/sweeps");
      grid.hidden = !sweeps.length;
      note.textContent = sweeps.length ? "" : "There is no sweep yet: hyperopt-core run SWEEP.yaml starts one.";
      const now = JSON.stringify(sweeps) + Math.floor(Date.now() / 10000);
      if (now !== last) show(body, ...sweeps.map(line));
      last = now;
    } catch (error) {
      if (refused(error)) return;
      note.textContent = `${error.message}; trying again`;
    }
    timer = setTimeout(look, EVERY);
  };
  look();
  return () => clearTimeout(timer);
}

function line(sweep) {
  const link = h("a", { href: `#${new URLSearchParams({ sweep: sweep.name })}` }, sweep.name);
  if (!sweep.counts) return h("tr", {}, h("th", { scope: "row" }, link), h("td", {}, badge("unreadable")), h("td", { colspan: 4 }, sweep.reason));
  const counts = new Map(Object.entries(sweep.counts));
  const ended = ["completed", "stopped", "failed", "cancelled"].reduce((sum, state) => sum + (counts.get(state) ?? 0), 0);
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, link),
    h("td", {}, badge(sweep.status)),
    h("td", { title: countsText(counts) }, progress(ended, sweep.total), counts.get("running") ? h("span", { class: "quiet" }, ` ${counts.get("running")} running`) : null),
    h("td", { class: "number", title: sweep.metric }, sweep.best ? number(sweep.best.value) : "–", sweep.metric === null ? null : h("small", { class: "quiet" }, ` ${sweep.metric}`)),
    h("td", {}, sweep.strategy),
    h("td", {}, ago(sweep.changed_at)),
  );
}

/** A sweep's state, in words and colour. */
export function badge(status) {
  return h("span", { class: `badge ${status}` }, status);
}

/** A bar, and how many of how many. */
export function progress(ended, total) {
  const words = `${count(ended)}${total ? ` of ${count(total)}` : ""}`;
  return h("span", { class: "progress" }, total ? h("progress", { max: total, value: Math.min(ended, total), "aria-label": "ended trials" }) : null, h("span", {}, words));
}
