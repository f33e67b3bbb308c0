// One chart on the page: it asks for its figure when somebody can see it, and again when the sweep has changed.

import { inks, onTheme } from "./colour.js";
import { h, keep, onFrame, svg } from "./dom.js";
import { save } from "./exports.js";
import { drawFigure, layOut, themed } from "./figure.js";
import { bandOf, Zoom } from "./zoom.js";

const AGAIN = 2500; // ms between two looks at a sweep that goes on
const HIT = 14; // pixels from a mark at which it is met
const [HEAD, FOOTER] = [30, 22]; // of a saved picture, in pixels
const MOST_ROWS = 200; // of a chart's data in words

/** kind -> its name on the page, in the order in which the charts stand. */
export const CHARTS = new Map([
  ["history", "History"],
  ["curves", "Curves"],
  ["importance", "Importance"],
  ["interactions", "Interactions"],
  ["slices", "Slices"],
  ["contour", "Contour"],
  ["front", "Front"],
  ["timeline", "Timeline"],
  ["savings", "Savings"],
  ["calibration", "Calibration"],
]);
export const WIDE = new Set(["slices", "contour", "savings", "calibration", "timeline"]);
const CHOICES = { x: "Across", y: "Upright", x_goal: "Better across", y_goal: "Better upright" };

export class ChartBox {
  /** load(kind, options): the chart as the server makes it; pinned(n): somebody picked a trial. */
  constructor(kind, { load, pinned, still }) {
    Object.assign(this, { kind, load, pinned, still, options: {}, chart: null, at: -1, targets: [], panels: [], zoom: new Zoom(), isStale: true, isSeen: false, loadedAt: 0 });
    const part = (name, tag = "div", attributes = {}) => (this[name] = h(tag, { class: name, ...attributes }));
    const listen = { pointermove: (e) => this.point(e), pointerleave: () => this.show(-1), pointerdown: (e) => this.drag(e), dblclick: () => this.unzoom(), click: (e) => this.click(e), keydown: (e) => this.key(e), blur: () => this.show(-1) };
    this.canvas = h("canvas", { tabindex: 0, role: "img", "aria-label": CHARTS.get(kind), "aria-keyshortcuts": "+ - 0", on: listen });
    part("tip").hidden = part("band").hidden = true;
    this.element = h(
      "figure",
      { class: "chart", "data-kind": kind },
      part("title", "figcaption"),
      part("choices"),
      part("legend"),
      h("div", { class: "canvas" }, this.canvas, this.band, this.tip),
      part("summary", "p"),
      (this.resetter = h("button", { class: "link", hidden: true, on: { click: () => this.unzoom() } }, "Reset zoom")),
      (this.saver = h("button", { class: "link", on: { click: () => this.savePicture() } }, "Save as PNG")),
      h("details", { on: { toggle: () => this.list() } }, h("summary", {}, "In words"), (this.words = h("ol", {}))),
      part("heard", "p", { role: "status" }),
    );
    this.title.textContent = CHARTS.get(kind);
    this.summary.textContent = "Loading …";
    this.heard.classList.add("hidden");
    this.redraw = onFrame(() => this.paint());
    onTheme(this.redraw);
    this.watcher = new IntersectionObserver(([entry]) => ((this.isSeen = entry.isIntersecting), this.refresh()), { rootMargin: "200px" });
    this.watcher.observe(this.element);
    this.sizer = new ResizeObserver(this.redraw);
    this.sizer.observe(this.element);
  }

  close() {
    clearTimeout(this.timer);
    this.watcher.disconnect();
    this.sizer.disconnect();
  }

  /** The sweep has changed. */
  stale() {
    this.isStale = true;
    this.refresh();
  }

  /** Ask for the figure where it is old and somebody sees it, not too often. */
  refresh() {
    if (!this.isStale || !this.isSeen || this.loading) return;
    clearTimeout(this.timer);
    const wait = this.loadedAt + AGAIN - performance.now();
    if (this.chart && wait > 0) this.timer = setTimeout(() => this.refresh(), wait);
    else this.fetch();
  }

  async fetch() {
    this.isStale = false;
    this.loading = true;
    try {
      this.take(await this.load(this.kind, this.options));
    } catch (error) {
      this.summary.textContent = error.message;
      this.summary.classList.add("fault");
    }
    this.loading = false;
    this.loadedAt = performance.now();
    this.refresh();
  }

  take(chart) {
    if (JSON.stringify(chart.chosen) !== JSON.stringify(this.chart?.chosen)) this.zoom.reset(); // other axes
    this.chart = chart;
    this.title.textContent = chart.title;
    this.summary.classList.remove("fault");
    this.summary.textContent = chart.summary;
    this.canvas.setAttribute("aria-label", `${chart.title}. ${chart.summary}`);
    const empty = !chart.figure.data.length; // the summary says why
    for (const element of [this.canvas.parentElement, this.words.parentElement, this.saver]) element.hidden = empty;
    if (empty) this.legend.replaceChildren();
    const { choices, chosen } = chart;
    const shown = this.still ? [] : Object.keys(choices).filter((name) => choices[name].length > 1);
    keep(this.choices, [shown.map((name) => choices[name]), chosen], () => shown.map((name) => this.choice(name, choices[name], chosen)));
    this.show(-1);
    this.redraw();
    this.list();
  }

  choice(name, values, chosen) {
    const label = CHOICES[name] ?? name;
    const change = (event) => {
      this.options = { ...chosen, [name]: event.target.value };
      for (const other of ["x", "y"]) if (other !== name && this.options[other] === event.target.value && values.length > 1 && name in { x: 0, y: 0 }) this.options[other] = chosen[name];
      if (name === "x" || name === "y") for (const goal of ["x_goal", "y_goal"]) delete this.options[goal];
      this.fetch();
    };
    return h("label", {}, `${label} `, h("select", { on: { change } }, ...values.map((value) => h("option", { value, selected: value === chosen[name] }, value))));
  }

  /** Draw again with this in view. look: {colours, isOn, pinned}. */
  draw(look) {
    this.look = look;
    this.redraw();
  }

  paint() {
    if (!this.chart?.figure.data.length || !this.look) return;
    const ink = inks();
    const width = Math.max(this.element.clientWidth - 2, 240);
    const plan = layOut(this.chart.figure, width);
    const ratio = Math.min(globalThis.devicePixelRatio || 1, 3);
    Object.assign(this.canvas, { width: width * ratio, height: plan.height * ratio });
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${plan.height}px` });
    const context = this.canvas.getContext("2d");
    context.scale(ratio, ratio);
    Object.assign(this, drawFigure(context, this.zoom.apply(this.chart.figure), plan, { ...this.look, ink }));
    this.resetter.hidden = !this.zoom.on;
    this.drawLegend(ink);
  }

  drawLegend(ink) {
    const named = new Map(this.chart.figure.data.filter((trace) => trace.showlegend).map((trace) => [trace.name, trace]));
    keep(this.legend, [[...named.keys()], ink.dark], () =>
      [...named].map(([name, trace]) => h("span", {}, svg("svg", { width: 16, height: 10, "aria-hidden": "true" }, swatch(trace, ink)), name)),
    );
  }

  /** The chart as it stands on the page, with its title and its sentence, at twice the pixels. */
  savePicture() {
    const ink = inks();
    const width = this.canvas.clientWidth;
    const plan = layOut(this.chart.figure, width);
    const canvas = h("canvas", { width: 2 * width, height: 2 * (plan.height + HEAD + FOOTER) });
    const context = canvas.getContext("2d");
    context.scale(2, 2);
    context.fillStyle = ink.page;
    context.fillRect(0, 0, width, plan.height + HEAD + FOOTER);
    context.fillStyle = ink.ink;
    context.font = "600 14px system-ui, sans-serif";
    context.fillText(this.chart.title, 12, 20);
    context.fillStyle = ink.muted;
    context.font = "11px system-ui, sans-serif";
    context.fillText(this.chart.summary, 12, HEAD + plan.height + 14);
    context.translate(0, HEAD);
    drawFigure(context, this.zoom.apply(this.chart.figure), plan, { ...this.look, ink });
    canvas.toBlob((picture) => save(`${this.kind}.png`, picture));
  }

  // --- what is pointed at ----------------------------------------------------------------------------------------

  point(event) {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let best = -1;
    let least = HIT;
    this.targets.forEach((target, i) => {
      if (target.box) {
        const [x0, x1, y0, y1] = target.box;
        if (x >= Math.min(x0, x1 - 4) && x <= Math.max(x1, x0 + 4) && y >= y0 && y <= y1) [best, least] = [i, 0];
        return;
      }
      const away = Math.hypot(target.x - x, target.y - y);
      if (away < least) [best, least] = [i, away];
    });
    this.show(best);
  }

  show(at) {
    this.at = at;
    const target = this.targets[at];
    this.tip.hidden = !target;
    this.canvas.classList.toggle("pointing", target?.trial !== undefined);
    if (!target) return;
    this.tip.textContent = target.text;
    const room = this.canvas.clientWidth;
    Object.assign(this.tip.style, { left: `${Math.min(target.x + 10, Math.max(room - this.tip.offsetWidth - 4, 0))}px`, top: `${Math.max(target.y - 30, 0)}px` });
  }

  pick() {
    const trial = this.targets[this.at]?.trial;
    if (trial !== undefined) this.pinned(trial);
  }

  /** Drag over a part of a panel to see it alone; on a touch screen a drag scrolls, and two fingers enlarge the page. */
  drag(event) {
    if (event.button || event.pointerType === "touch") return;
    const box = this.canvas.getBoundingClientRect();
    const at = (e) => [e.clientX - box.left, e.clientY - box.top];
    const from = at(event);
    const panel = this.panels.find((p) => from[0] >= p.left && from[0] <= p.right && from[1] >= p.top && from[1] <= p.bottom);
    if (!panel) return;
    const [move, end, leave] = [
      (e) => this.frame(bandOf(panel, from, at(e))),
      (e) => {
        this.dragged = e.type === "pointerup" && this.zoom.between(panel, from, at(e));
        leave();
        if (this.dragged) this.zoomed();
        setTimeout(() => (this.dragged = false)); // after the click that ends a drag
      },
      () => {
        this.frame(null);
        removeEventListener("pointermove", move);
        for (const name of ["pointerup", "pointercancel"]) removeEventListener(name, end);
      },
    ];
    addEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) addEventListener(name, end);
  }

  /** Show what a drag chooses. */
  frame(part) {
    this.band.hidden = !part;
    if (part) for (const [name, pixels] of Object.entries(part)) this.band.style[name] = `${pixels}px`;
  }

  click(event) {
    if (this.dragged) return;
    this.point(event);
    this.pick();
  }

  unzoom() {
    this.zoom.reset();
    if (document.activeElement === this.resetter) this.canvas.focus({ preventScroll: true });
    this.zoomed();
  }

  /** Draw the new ranges; the mark that was pointed at stays so. */
  zoomed() {
    const text = this.targets[this.at]?.text;
    this.paint();
    this.show(text ? this.targets.findIndex((target) => target.text === text) : -1);
  }

  /** + and - zoom around the mark that is pointed at, Shift and an arrow move, 0 shows everything. */
  zoomKey(event) {
    const target = this.targets[this.at];
    const panel = (target && this.panels.find((p) => p.shows(target))) ?? this.panels[0];
    if (!panel) return false;
    const shift = event.shiftKey && { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    const factor = { "+": 0.5, "=": 0.5, "-": 2, _: 2 }[event.key];
    if (factor) this.zoom.scale(panel, factor, target ? [target.x, target.y] : [(panel.left + panel.right) / 2, (panel.top + panel.bottom) / 2]);
    else if (shift) this.zoom.move(panel, ...shift);
    else if (event.key === "0") this.zoom.reset();
    else return false;
    this.zoomed();
    this.heard.textContent = this.zoom.words(this.panels.find((p) => p.key === panel.key));
    return true;
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return; // the browser's own
    if (this.zoomKey(event)) return event.preventDefault();
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step && this.targets.length) {
      event.preventDefault();
      this.show((this.at + step + this.targets.length + (this.at < 0 && step < 0 ? 1 : 0)) % this.targets.length);
      this.heard.textContent = this.targets[this.at].text;
    } else if (event.key === "Enter") this.pick();
    else if (event.key === "Escape") this.show(-1);
    return undefined;
  }

  /** The figure's marks in words, for those who do not see it; only made where somebody opens it. */
  list() {
    if (!this.words.parentElement.open || !this.chart) return;
    const texts = this.chart.figure.data.flatMap((trace) => trace.text ?? []);
    const rest = texts.length > MOST_ROWS ? [h("li", {}, `and ${texts.length - MOST_ROWS} more`)] : [];
    const rows = texts.slice(0, MOST_ROWS).map((text) => h("li", {}, text));
    this.words.replaceChildren(...(texts.length ? [...rows, ...rest] : [h("li", {}, this.chart.summary)]));
  }
}

/** What a legend shows of a trace. */
function swatch(trace, ink) {
  const paint = (colour) => themed(colour, ink);
  if (trace.type === "bar") return svg("rect", { x: 2, y: 1, width: 11, height: 8, fill: paint(trace.marker.color) });
  if (trace.mode === "lines") return svg("line", { x1: 0, x2: 16, y1: 5, y2: 5, stroke: paint(trace.line.color), "stroke-width": 2, "stroke-dasharray": trace.line.dash === "solid" ? null : "4 3" });
  const colour = paint(trace.marker.color);
  if (trace.marker.symbol === "circle") return svg("circle", { cx: 8, cy: 5, r: 3.5, fill: colour });
  if (trace.marker.symbol === "circle-open") return svg("circle", { cx: 8, cy: 5, r: 3.5, fill: "none", stroke: colour, "stroke-width": 1.5 });
  return svg("path", { d: trace.marker.symbol === "line-ns-open" ? "M8 1V9" : "M4.5 1.5L11.5 8.5M4.5 8.5L11.5 1.5", stroke: colour, "stroke-width": 1.5 });
}
