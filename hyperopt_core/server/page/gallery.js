// The charts of a sweep's page: which are shown, and what they show of the selection.

import { CHARTS, ChartBox, WIDE } from "./chart.js";
import { h, keep } from "./dom.js";

export class Gallery {
  /** load(kind, options): a chart; pinned(n): somebody picked a trial; changed(): other charts are shown. */
  constructor(view, { load, pinned, changed, still = false }) {
    Object.assign(this, { view, load, pinned, changed, still, boxes: new Map() });
    this.chooser = h("div", { class: "chooser", role: "group", "aria-label": "Charts" });
    this.grid = h("div", { class: "charts" });
    this.element = h("section", { "aria-label": "Charts" }, this.chooser, this.grid);
  }

  /** Draw with this selection. look: see `ChartBox.draw`. */
  draw(look) {
    this.look = look;
    keep(this.chooser, this.view.charts, () => [...CHARTS].map(([kind, name]) => this.toggle(kind, name)));
    const wanted = [...CHARTS.keys()].filter((kind) => this.view.charts.includes(kind));
    for (const kind of this.boxes.keys()) {
      if (wanted.includes(kind)) continue;
      this.boxes.get(kind).close();
      this.boxes.get(kind).element.remove();
      this.boxes.delete(kind);
    }
    const alone = narrowAlone(wanted);
    for (const [i, kind] of wanted.entries()) {
      if (!this.boxes.has(kind)) this.boxes.set(kind, new ChartBox(kind, this));
      const { element } = this.boxes.get(kind);
      element.classList.toggle("wide", WIDE.has(kind) || alone.has(kind));
      if (this.grid.children[i] !== element) this.grid.insertBefore(element, this.grid.children[i] ?? null);
    }
    for (const box of this.boxes.values()) box.draw(look);
  }

  toggle(kind, name) {
    const { view } = this;
    const on = view.charts.includes(kind);
    const click = () => {
      view.charts = on ? view.charts.filter((other) => other !== kind) : [...view.charts, kind];
      this.draw(this.look);
      this.chooser.querySelector(`[data-chart=${kind}]`)?.focus();
      this.changed();
    };
    return h("button", { class: "pill", "data-chart": kind, "aria-pressed": String(on), on: { click } }, name);
  }

  /** The sweep has changed. */
  stale() {
    for (const box of this.boxes.values()) box.stale();
  }

  close() {
    for (const box of this.boxes.values()) box.close();
  }
}

/** The charts of half a width that have nothing beside them. */
function narrowAlone(kinds) {
  const alone = new Set();
  let first = null; // of a row
  for (const kind of kinds) {
    if (!WIDE.has(kind)) first = first === null ? kind : null;
    else if (first !== null) {
      alone.add(first);
      first = null;
    }
  }
  return first === null ? alone : alone.add(first);
}
