// The zoom of a chart: ranges of its axes that the user chose instead of the figure's own.

import { number } from "./format.js";
import { linear, logarithmic } from "./scales.js";

const LEAST_DRAG = 6; // pixels of a drag; less is a click
const THIN = 14; // pixels: a drag less high than this chooses a range across alone, one less wide a range upright
const CLOSEST = 1e-4; // of an axis' own range: values have six digits
const SHIFT = 0.25; // of a range, by an arrow key

export class Zoom {
  ranges = new Map(); // an axis' name -> [low, high] as its range is given: axes of one name go together

  get on() {
    return this.ranges.size > 0;
  }

  reset() {
    this.ranges.clear();
  }

  /** The figure with the chosen ranges, and ticks for them. */
  apply(figure) {
    this.own = figure.layout;
    if (!this.on) return figure;
    const layout = { ...figure.layout };
    for (const key of Object.keys(layout).filter((name) => /^[xy]axis/.test(name))) {
      const range = this.ranges.get(nameOf(layout, key));
      if (range) layout[key] = { ...layout[key], range, ...ticksOf(layout[key], layout.meta.scales[key], range) };
    }
    return { ...figure, layout, zoomed: true };
  }

  /** Choose the part of a panel between two points, in pixels. Returns whether that is a part and not a click. */
  between(panel, [x0, y0], [x1, y1]) {
    const part = bandOf(panel, [x0, y0], [x1, y1]);
    if (!part) return false;
    const { left, right, top, bottom } = panel;
    const shares = { x: [part.left, part.left + part.width].map((at) => (at - left) / (right - left)), y: [part.top + part.height, part.top].map((at) => (bottom - at) / (bottom - top)) };
    for (const letter of "xy") this.choose(panel, letter, shares[letter]);
    return true;
  }

  /** Show a panel's ranges `factor` times as wide, around a point in pixels. */
  scale(panel, factor, [x, y]) {
    const middles = { x: (x - panel.left) / (panel.right - panel.left), y: (panel.bottom - y) / (panel.bottom - panel.top) };
    for (const letter of "xy") {
      const [below, above] = [middles[letter] * factor, (1 - middles[letter]) * factor];
      this.choose(panel, letter, [middles[letter] - below, middles[letter] + above]);
    }
  }

  /** Move a panel's ranges right (1) or left (-1), and up or down. */
  move(panel, right, up) {
    this.choose(panel, "x", [right * SHIFT, 1 + right * SHIFT]);
    this.choose(panel, "y", [up * SHIFT, 1 + up * SHIFT]);
  }

  /** A range from parts of the one that is shown, 0 to 1; it stays within the axis' own. */
  choose(panel, letter, [from, to]) {
    const key = `${letter}axis${panel.key}`;
    const [low, high] = (letter === "x" ? panel.across : panel.up).range;
    const [least, most] = this.own[key].range;
    const whole = most - least;
    const width = Math.min(Math.max((to - from) * (high - low), whole * CLOSEST), whole);
    const start = Math.min(Math.max(low + from * (high - low), least), most - width);
    const name = nameOf(this.own, key);
    if (width >= whole * (1 - 1e-9)) this.ranges.delete(name);
    else this.ranges.set(name, [start, start + width]);
  }

  /** What a panel shows, in words. */
  words(panel) {
    const said = [panel.across, panel.up].map((axis, i) => {
      const texts = axis.tickvals.map((at, k) => [axis.type === "log" ? Math.log10(at) : at, axis.ticktext[k]]);
      const seen = texts.filter(([at]) => at >= axis.range[0] && at <= axis.range[1]).map(([, text]) => text);
      return seen.length ? `${axis.title.text || ["across", "upright"][i]}: ${seen[0]}${seen.length > 1 ? ` to ${seen.at(-1)}` : ""}` : "";
    });
    return `${this.on ? "Zoomed" : "Everything"}. ${said.filter(Boolean).join("; ")}`;
  }
}

/** What a drag between two points chooses of a panel: {left, top, width, height} in pixels, or nothing. */
export function bandOf(panel, [x0, y0], [x1, y1]) {
  const within = (at, low, high) => Math.min(Math.max(at, low), high);
  const [wide, tall] = [Math.abs(x1 - x0), Math.abs(y1 - y0)];
  if (Math.max(wide, tall) < LEAST_DRAG) return null;
  const [across, upright] = [wide >= THIN || wide > tall, tall >= THIN || tall > wide];
  const [left, right] = across ? [Math.min(x0, x1), Math.max(x0, x1)].map((at) => within(at, panel.left, panel.right)) : [panel.left, panel.right];
  const [top, bottom] = upright ? [Math.min(y0, y1), Math.max(y0, y1)].map((at) => within(at, panel.top, panel.bottom)) : [panel.top, panel.bottom];
  return { left, top, width: right - left, height: bottom - top };
}

function nameOf(layout, key) {
  return `${key[0]} ${layout[key].title.text || key}`;
}

/** Ticks for a range of an axis. scale: {} where it is of numbers, {low, high, log} where 0 to 1 stand for these. */
function ticksOf(axis, scale, [from, to]) {
  if (!scale) return {};
  const mapped = "low" in scale;
  const log = mapped ? scale.log : axis.type === "log";
  const [low, high] = mapped ? ends(scale) : [0, 1];
  const value = (at) => (log ? 10 ** (low + at * (high - low)) : low + at * (high - low));
  const place = (v) => (mapped ? ((log ? Math.log10(v) : v) - low) / (high - low) : v);
  const values = log ? logarithmic(value(from), value(to)) : linear(value(from), value(to), 5, scale.whole);
  return { tickvals: values.map(place), ticktext: values.map((v) => number(v, 8)) };
}

function ends({ low, high, log }) {
  return log ? [Math.log10(low), Math.log10(high)] : [low, high];
}
