// The axes of the plot as SVG: ticks, brushes, and what the pointer and the keyboard do to them.

import { keep, show, shorten, svg } from "./dom.js";
import { number } from "./format.js";
import { ticks } from "./scales.js";

const HALF = 16; // half the width of the zone of an axis that takes the pointer
const BAR = 7; // half the width of a brush
const STEP = 0.02; // of an axis: what an arrow key moves
const FONT = "11px system-ui, sans-serif";

export class Axes {
  /** root: an SVG element. changed(key, brush): the user has brushed. */
  constructor(root, changed) {
    this.root = root;
    this.changed = changed;
    this.active = new Map(); // key -> which of its ranges the arrow keys move
    this.dragging = false;
  }

  /** Draw all axes anew. */
  render(plot, view, colours) {
    const focused = document.activeElement?.closest?.("g.axis")?.dataset.key;
    Object.assign(this, { plot, view, colours });
    const marks = plot.axes.map((axis, i) => [axis.key, plot.xs[i], plot.scales[i]]);
    keep(this.root, [marks, plot.width, plot.height, plot.lane, plot.coloured, colours], () => this.parts(plot));
    for (const axis of plot.axes) this.renderBrushes(axis.key);
    if (focused) this.find(focused)?.focus({ preventScroll: true });
  }

  parts(plot) {
    this.root.setAttribute("width", plot.width);
    this.root.setAttribute("height", plot.height);
    const lane = plot.lane === null ? [] : this.laneLine();
    return [...lane, ...plot.axes.map((axis, i) => this.axis(axis, i))];
  }

  /** Draw the brushes of one axis anew. */
  renderBrushes(key) {
    const i = this.plot.axes.findIndex((axis) => axis.key === key);
    const group = this.find(key);
    if (i < 0 || !group) return;
    show(group.querySelector(".brushes"), ...this.bars(i));
    group.setAttribute("aria-label", this.label(i));
  }

  find(key) {
    return [...this.root.querySelectorAll("g.axis")].find((g) => g.dataset.key === key);
  }

  brush(key) {
    return this.view.brushes.get(key) ?? { ranges: [], unset: false };
  }

  laneLine() {
    const { xs, lane } = this.plot;
    return [
      svg("line", { class: "lane", x1: xs[0] - 8, x2: xs.at(-1) + 8, y1: lane, y2: lane }),
      svg("text", { class: "tick", x: xs[0] - 14, y: lane + 4, "text-anchor": "end" }, "not set"),
    ];
  }

  axis(axis, i) {
    const { plot } = this;
    const [x, scale] = [plot.xs[i], plot.scales[i]];
    const rise = plot.bottom - plot.top;
    const room = i ? plot.gap - 26 : x - 16;
    const marks = ticks(scale, rise).map(({ at, label }) => {
      const y = plot.bottom - at * rise;
      const long = label ? 6 : 3;
      const text = label ? svg("text", { class: "tick", x: x - 10, y: y + 4, "text-anchor": "end" }, shorten(label, room, FONT)) : null;
      if (text && text.textContent !== label) text.append(svg("title", {}, label));
      return [svg("line", { class: "rule", x1: x - long, x2: x, y1: y, y2: y }), text];
    });
    const group = svg(
      "g",
      {
        class: "axis",
        tabindex: 0,
        role: "group",
        "data-key": axis.key,
        "aria-label": this.label(i),
        "aria-describedby": "axis-keys",
        on: { keydown: (event) => this.key(event, i), pointerdown: (event) => this.press(event, i), dblclick: (event) => this.remove(event, i) },
      },
      svg("rect", { class: "zone", x: x - HALF, y: plot.top - 10, width: 2 * HALF, height: (plot.lane ?? plot.bottom) - plot.top + 20 }),
      svg("line", { class: "rule", x1: x, x2: x, y1: plot.top, y2: plot.bottom }),
      ...marks.flat(),
      ...(axis.objective && plot.coloured ? this.colourBar(i) : []),
      scale.clipped ? svg("text", { class: "tick", x: x - 6, y: plot.bottom + 14 }, `${scale.clipped} clipped`) : null,
      svg("g", { class: "brushes" }),
    );
    return group;
  }

  /** What the colours mean, beside the axis of the metric. */
  colourBar(i) {
    const { plot, colours } = this;
    const rise = plot.bottom - plot.top;
    const up = plot.scales[i].flip === (plot.axes[i].goal === "minimize"); // the better end
    const step = rise / colours.length;
    return colours.map((fill, k) => svg("rect", { fill, x: plot.xs[i] + 11, width: 7, y: up ? plot.bottom - (k + 1) * step : plot.top + k * step, height: step + 0.5 }));
  }

  label(i) {
    const axis = this.plot.axes[i];
    const scale = this.plot.scales[i];
    const { ranges, unset } = this.brush(axis.key);
    const words = ranges.map(([low, high]) => rangeText(scale, low, high));
    if (unset) words.push("not set");
    return `${axis.name}: ${words.length ? `only ${words.join(" or ")}` : "not brushed"}`;
  }

  /** The rectangles of the brushes of an axis. */
  bars(i) {
    const { plot } = this;
    const [x, scale, axis] = [plot.xs[i], plot.scales[i], plot.axes[i]];
    const { ranges, unset } = this.brush(axis.key);
    const bars = ranges.flatMap((range, k) => {
      const [above, below] = this.ends(scale, range);
      const active = ranges.length > 1 && k === (this.active.get(axis.key) ?? ranges.length - 1);
      return [
        svg("rect", { class: active ? "brush active" : "brush", x: x - BAR, y: above, width: 2 * BAR, height: Math.max(below - above, 2), rx: 2 }),
        svg("line", { class: "edge", x1: x - BAR, x2: x + BAR, y1: above, y2: above }),
        svg("line", { class: "edge", x1: x - BAR, x2: x + BAR, y1: below, y2: below }),
        ...this.edgeTexts(scale, range, x, above, below),
      ];
    });
    if (unset && plot.lane !== null) bars.push(svg("rect", { class: "brush", x: x - BAR, y: plot.lane - 8, width: 2 * BAR, height: 16, rx: 2 }));
    return bars;
  }

  edgeTexts(scale, [low, high], x, above, below) {
    if (scale.labels) return [];
    const [upper, lower] = scale.flip ? [low, high] : [high, low];
    const text = (value, y) => (value === null ? null : svg("text", { class: "edge-text", x: x + BAR + (scale.coloured ? 14 : 4), y }, number(value)));
    return [text(upper, above + 4), text(lower, below + 4)];
  }

  /** The upper and the lower end of a range in pixels. */
  ends(scale, [low, high]) {
    const { plot } = this;
    const y = (value, open) => plot.bottom - (value === null ? open : scale.place(value)) * (plot.bottom - plot.top);
    const [a, b] = [y(low, scale.flip ? 1 : 0), y(high, scale.flip ? 0 : 1)];
    return a < b ? [a, b] : [b, a];
  }

  /** The range between two places 0..1: open where it reaches an end of the axis, whatever is beyond it. */
  range(scale, from, to, whole = true) {
    const [below, above] = [Math.min(from, to), Math.max(from, to)];
    const value = (at, side) => (at <= 0.001 || at >= 0.999 ? null : scale.snap(scale.value(at), whole ? side : 0));
    return scale.flip ? [value(above, -1), value(below, 1)] : [value(below, -1), value(above, 1)];
  }

  set(i, ranges, unset = this.brush(this.plot.axes[i].key).unset) {
    const { key } = this.plot.axes[i];
    if (ranges.length || unset) this.view.brushes.set(key, { ranges, unset });
    else this.view.brushes.delete(key);
    this.renderBrushes(key);
    this.changed(key);
  }

  // --- the pointer -----------------------------------------------------------------------------------------------

  press(event, i) {
    if (event.button) return;
    const { plot } = this;
    const { key } = plot.axes[i];
    const box = this.root.getBoundingClientRect();
    const at = (e) => (plot.bottom - (e.clientY - box.top)) / (plot.bottom - plot.top);
    const { ranges, unset } = this.brush(key);
    const y = event.clientY - box.top;
    if (plot.lane !== null && y > plot.lane - 12) {
      this.set(i, ranges, !unset);
      return;
    }
    const reach = event.pointerType === "touch" ? 14 : 6;
    const move = this.grip(i, y, at(event), ranges, reach);
    const start = event.clientY;
    let moved = false;
    const drag = (e) => {
      if (!moved && Math.abs(e.clientY - start) < 3) return;
      moved = this.dragging = true;
      this.set(i, move(at(e)));
    };
    const end = () => {
      removeEventListener("pointermove", drag);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
      this.dragging = false;
      const { ranges: now } = this.brush(key);
      if (moved) this.set(i, now.filter(([low, high]) => low === null || high === null || low < high));
      else if (move.fresh) this.set(i, [], false); // a click beside the brushes takes them away
    };
    addEventListener("pointermove", drag);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  }

  /** What moving the pointer does: moves an end, a whole range, or draws a new one; returns the ranges for a place. */
  grip(i, y, from, ranges, reach) {
    const scale = this.plot.scales[i];
    const rise = this.plot.bottom - this.plot.top;
    const { key } = this.plot.axes[i];
    const places = ranges.map((range) => this.ends(scale, range).map((end) => (this.plot.bottom - end) / rise));
    const pixel = (at) => this.plot.bottom - at * rise;
    for (let k = 0; k < places.length; k += 1) {
      const [above, below] = places[k];
      const with_ = (range) => ranges.map((old, j) => (j === k ? range : old));
      this.active.set(key, k);
      if (Math.abs(y - pixel(above)) < reach) return (at) => with_(this.range(scale, at, below));
      if (Math.abs(y - pixel(below)) < reach) return (at) => with_(this.range(scale, at, above));
      if (y > pixel(above) && y < pixel(below)) {
        return (at) => {
          const by = Math.min(Math.max(at - from, -below), 1 - above);
          return with_(this.range(scale, below + by, above + by, false));
        };
      }
    }
    this.active.delete(key);
    return Object.assign((at) => [...ranges, this.range(scale, from, at)], { fresh: true });
  }

  /** A double click takes one range away. */
  remove(event, i) {
    const y = event.clientY - this.root.getBoundingClientRect().top;
    const { ranges } = this.brush(this.plot.axes[i].key);
    this.set(i, ranges.filter((range) => !(this.ends(this.plot.scales[i], range)[0] <= y && y <= this.ends(this.plot.scales[i], range)[1])));
  }

  // --- the keyboard ----------------------------------------------------------------------------------------------

  key(event, i) {
    const scale = this.plot.scales[i];
    const { key } = this.plot.axes[i];
    const { ranges, unset } = this.brush(key);
    const k = Math.min(this.active.get(key) ?? ranges.length - 1, ranges.length - 1);
    const step = scale.cell || STEP;
    const by = { ArrowUp: step, ArrowDown: -step, PageUp: 5 * step, PageDown: -5 * step }[event.key];
    if (event.key === "Enter" || event.key === " ") {
      this.active.set(key, ranges.length);
      this.set(i, [...ranges, this.range(scale, 0.75, 1)]);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.active.delete(key);
      this.set(i, ranges.filter((_, j) => j !== k), ranges.length ? unset : false);
    } else if (event.key === "n" && ranges.length) {
      this.active.set(key, (k + 1) % ranges.length);
      this.renderBrushes(key);
    } else if (event.key === "u" && this.plot.lane !== null) {
      this.set(i, ranges, !unset);
    } else if (by && k >= 0) {
      this.nudge(i, k, by, event);
    } else return;
    event.preventDefault();
  }

  /** Move a range; with Shift its upper end, with Alt its lower one. */
  nudge(i, k, by, { shiftKey, altKey }) {
    const scale = this.plot.scales[i];
    const { ranges } = this.brush(this.plot.axes[i].key);
    const rise = this.plot.bottom - this.plot.top;
    let [above, below] = this.ends(scale, ranges[k]).map((end) => (this.plot.bottom - end) / rise);
    const clamp = (at, low, high) => Math.min(Math.max(at, low), high);
    const least = scale.cell || STEP / 2;
    if (shiftKey) above = clamp(above + by, below + least, 1);
    else if (altKey) below = clamp(below + by, 0, above - least);
    else {
      const moved = clamp(by, -below, 1 - above);
      [above, below] = [above + moved, below + moved];
    }
    this.set(i, ranges.map((old, j) => (j === k ? this.range(scale, below, above, false) : old)));
  }
}

/** A range in words. */
export function rangeText(scale, low, high) {
  if (scale.labels) {
    const first = low === null ? 0 : Math.ceil(low);
    const last = high === null ? scale.labels.length - 1 : Math.floor(high);
    return scale.labels.slice(first, last + 1).join(", ");
  }
  if (low === null && high === null) return "any";
  if (low === null) return `up to ${number(high)}`;
  return high === null ? `${number(low)} and more` : `${number(low)} to ${number(high)}`;
}
