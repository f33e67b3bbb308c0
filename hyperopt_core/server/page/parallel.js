// Parallel coordinates: one line a trial through one axis a parameter, coloured by the metric.

import { Axes } from "./axes.js";
import { h, onFrame, svg } from "./dom.js";
import { inks, onTheme, SHADES, shades } from "./colour.js";
import { number } from "./format.js";
import { Headers } from "./headers.js";
import { arrange, nearest } from "./layout.js";
import { opacity, Painter } from "./lines.js";

export class Parallel {
  /** on: {brushed(), arranged(), hovered(number), pinned(number)}; -1 for no trial. */
  constructor(model, view, on) {
    Object.assign(this, { model, view, on, hover: -1 });
    const canvas = (name) => h("canvas", { class: name, "aria-hidden": "true" });
    this.painters = ["back", "front", "top"].map((name) => new Painter(canvas(name)));
    const root = svg("svg", { class: "axes" });
    this.names = h("div", { class: "names" });
    this.tags = h("div", { class: "tags", "aria-hidden": "true" });
    this.stage = h("div", { class: "stage" }, ...this.painters.map((p) => p.canvas), root, this.tags, this.names);
    const keys = h(
      "p",
      { class: "hidden", id: "axis-keys" },
      "Enter adds a range, arrow keys move it, with Shift its upper end, with Alt its lower end; N takes the next range, U trials without a value, Delete removes the range.",
    );
    this.element = h("div", { class: "parallel", tabindex: -1 }, this.stage, keys);
    this.axes = new Axes(root, () => this.on.brushed());
    this.headers = new Headers(this.names, () => this.on.arranged(), (key) => (this.axes.renderBrushes(key), this.on.brushed()));
    this.drawSelection = onFrame(() => this.paintSelection());
    this.stage.addEventListener("pointermove", (event) => event.pointerType === "mouse" && this.point(event));
    this.stage.addEventListener("pointerleave", () => this.setHover(-1));
    this.stage.addEventListener("click", (event) => this.pin(event));
    onTheme(() => this.plot && this.draw(this.selection));
    let width = 0;
    new ResizeObserver(() => {
      if (this.element.clientWidth !== width && this.plot) this.draw(this.selection);
      width = this.element.clientWidth;
    }).observe(this.element);
  }

  /** Lay out and draw everything. selection: {shown, selected}, see `select`. */
  draw(selection) {
    if (this.axes.dragging) return; // the next draw comes with the end of the drag
    this.selection = selection;
    const room = this.element.clientWidth || 900;
    const tall = innerWidth < 600 ? 400 : Math.min(Math.max(innerHeight * 0.56, 380), 560);
    this.plot = arrange(this.model, this.view, selection.shown, room, Math.round(tall));
    for (const painter of this.painters) painter.resize(this.plot.width, this.plot.height);
    Object.assign(this.stage.style, { width: `${this.plot.width}px`, height: `${this.plot.height}px` });
    this.axes.render(this.plot, this.view, shades(this.view.colours, inks().dark));
    this.headers.render(this.plot, this.view);
    this.paintBack();
    this.paintSelection();
  }

  /** Draw what is selected anew, in the next frame. */
  select(selection) {
    this.selection = selection;
    this.drawSelection();
  }

  paintBack() {
    const { plot } = this;
    const ink = inks();
    const lines = this.some ? plot.order : [];
    this.painters[0].paint([{ colour: ink.faint, alpha: opacity(lines.length * 2), width: 1, lines }], plot.xs, plot.ys);
  }

  paintSelection() {
    const { plot, selection } = this;
    const ink = inks();
    const table = shades(this.view.colours, ink.dark);
    this.lines = plot.order.filter((n) => selection.selected[n]);
    const some = this.lines.length < plot.order.length; // grey lines behind are only worth their time where some are left out
    if (some !== this.some) {
      this.some = some;
      this.paintBack();
    }
    const groups = new Map();
    for (const n of this.lines) {
      const shade = plot.shade[n];
      if (!groups.has(shade)) groups.set(shade, []);
      groups.get(shade).push(n);
    }
    const alpha = opacity(this.lines.length);
    const best = plot.shade[this.lines[0]];
    this.painters[1].paint(
      [...groups].map(([shade, lines]) => ({
        colour: shade < 0 ? ink.rule : table[shade],
        alpha: shade < 0 ? alpha * 0.7 : Math.min(1, alpha * (1 + 3 * (shade / (SHADES - 1)) ** 6)), // the best stand out
        width: shade === best && shade >= 0 ? 2 : 1.2,
        lines,
      })),
      plot.xs,
      plot.ys,
    );
    this.paintTop();
  }

  /** The trials that stand out: the one under the pointer and the pinned one, with their values. */
  paintTop() {
    const { plot } = this;
    const ink = inks();
    const ours = [this.hover, this.view.pin].filter((n) => n !== null && n >= 0 && n < plot.ys.length / plot.xs.length);
    const groups = ours.flatMap((n) => [
      { colour: ink.accent, alpha: 1, width: 2.5, lines: [n] },
      { colour: ink.page, alpha: 0.9, width: 6, lines: [n] },
    ]);
    this.painters[2].paint(groups, plot.xs, plot.ys);
    this.tags.replaceChildren(...(ours.length ? this.values(ours[0]) : []));
  }

  values(n) {
    const { plot, model } = this;
    const row = model.rows[n];
    return plot.axes.map((axis, k) => {
      const tag = h("span", { class: "tag" }, model.text(axis, row, number) || "not set");
      tag.style.left = `${plot.xs[k] + 8}px`;
      tag.style.top = `${plot.ys[n * plot.xs.length + k] - 10}px`;
      return tag;
    });
  }

  // --- the pointer -----------------------------------------------------------------------------------------------

  under(event, reach) {
    const box = this.stage.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const inside = this.plot && y > this.plot.top - 8 && y < this.plot.height;
    return inside ? nearest(this.plot, this.lines, x, y, reach) : -1;
  }

  point(event) {
    this.setHover(event.buttons || event.target.closest(".axis, .names") ? -1 : this.under(event, 8));
  }

  /** Show a trial as if it were under the pointer. */
  setHover(n) {
    if (n === this.hover) return;
    this.hover = n;
    this.stage.classList.toggle("pointing", n >= 0);
    this.paintTop();
    this.on.hovered(n);
  }

  pin(event) {
    if (event.target.closest(".axis, .names")) return;
    const n = this.under(event, 12);
    this.on.pinned(n === this.view.pin ? -1 : n);
  }
}
