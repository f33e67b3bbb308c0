// Where a value stands on an axis, and the ticks of the axis.

import { number } from "./format.js";

const FENCE = 3; // interquartile ranges beyond the quartile on the bad side; what lies further out is clipped
const LOG_RATIO = 30; // a loss over a wider range than this reads better on a logarithmic scale
const FEW = 40; // more levels than these have no room of their own on an axis

/**
 * The scale of an axis: `place` maps a value to 0 (bottom) .. 1 (top), `value` maps back.
 * low, high: the ends. cell: the height of the room of a discrete value, 0 for a continuum.
 */
export class Scale {
  constructor({ low, high, log = false, flip = false, cell = 0, labels = null }) {
    if (!(low < high)) {
      const room = Math.abs(low) / 20 || 0.5; // a single value stands in the middle
      [low, high] = log ? [low / 1.1, low * 1.1] : [low - room, low + room];
    }
    Object.assign(this, { low, high, log, flip, cell, labels });
    this.from = log ? Math.log(low) : low;
    this.span = (log ? Math.log(high) : high) - this.from;
  }

  place(value) {
    const seen = this.log ? (value > 0 ? Math.log(value) : -Infinity) : value;
    const at = Math.min(Math.max((seen - this.from) / this.span, 0), 1);
    return this.flip ? 1 - at : at;
  }

  value(at) {
    const seen = this.from + (this.flip ? 1 - at : at) * this.span;
    return this.log ? Math.exp(seen) : seen;
  }

  /**
   * The border between two discrete values: the nearest, or the next one down (side -1) or up (1). A value of a
   * continuum with as many digits as the axis shows.
   */
  snap(value, side = 0) {
    if (!this.cell) return Number(value.toPrecision(4));
    const round = [(v) => Math.floor(v + 1e-6), Math.round, (v) => Math.ceil(v - 1e-6)][side + 1];
    return round(value - 0.5) + 0.5;
  }

  text(value) {
    return this.labels ? (this.labels[Math.round(value)] ?? "–") : number(value);
  }
}

/** The scale of `axis` over its column's values. view: {log, flip} as the user wants them, undefined for the default. */
export function scaleOf(axis, values, view = {}) {
  if (axis.kind === "category") {
    const n = Math.max(axis.labels.length, 1);
    const down = !axis.ordered; // reads from the top, as it was written
    return new Scale({ low: -0.5, high: n - 0.5, flip: down !== !!view.flip, cell: n <= FEW ? 1 / n : 0, labels: axis.labels });
  }
  if (axis.objective) return metricScale(axis, values, view);
  let { low, high } = axis;
  const log = (view.log ?? axis.log ?? false) && least(values, low) > 0;
  if (axis.whole && !log && low !== null) {
    const levels = (high - low) / axis.whole + 1;
    const cell = axis.whole === 1 && levels <= FEW ? 1 / levels : 0;
    return new Scale({ low: low - axis.whole / 2, high: high + axis.whole / 2, flip: !!view.flip, cell });
  }
  if (low === null || low === undefined) {
    [low, high] = extent(values);
    if (!log) [low, high] = [low - 0.03 * (high - low), high + 0.03 * (high - low)];
  }
  return new Scale({ low, high, log, flip: !!view.flip });
}

/** Logarithmic for losses over a wide range, without outliers on the bad side, and the better end up. */
function metricScale(axis, values, view) {
  const sign = axis.goal === "maximize" ? -1 : 1;
  const costs = Float64Array.from(values.filter((v) => !Number.isNaN(v)), (v) => sign * v).sort();
  const flip = (sign === 1) !== !!view.flip;
  if (!costs.length) return new Scale({ low: 0, high: 1, flip });
  const [least_, most] = [costs[0], costs[costs.length - 1]];
  let log = view.log ?? false;
  let limit = most;
  if (sign === 1 && least_ > 0 && view.log !== false) {
    limit = fence(costs, costs.map(Math.log));
    log = view.log ?? limit / least_ > LOG_RATIO;
  }
  if (log && !(sign === 1 ? least_ > 0 : most < 0)) log = false;
  if (!log) limit = fence(costs, costs);
  const [low, high] = sign === 1 ? [least_, limit] : [-limit, -least_];
  const clipped = costs.filter((c) => c > limit).length;
  return Object.assign(new Scale({ low, high, log, flip }), { clipped });
}

/** The largest cost that is shown in its place. seen: the costs as the scale shows them; both ascend. */
function fence(costs, seen) {
  const q1 = quantile(seen, 0.25);
  const q3 = quantile(seen, 0.75);
  let last = costs.length - 1;
  while (last > 0 && seen[last] > q3 + FENCE * (q3 - q1)) last -= 1;
  const inside = seen[last] - seen[0];
  return inside > 0 && seen[seen.length - 1] - seen[0] > 2 * inside ? costs[last] : costs[costs.length - 1];
}

function quantile(sorted, q) {
  const at = q * (sorted.length - 1);
  const k = Math.floor(at);
  return sorted[k] + (sorted[Math.min(k + 1, sorted.length - 1)] - sorted[k]) * (at - k);
}

/** The least and the largest of numbers that may hold NaN. */
export function extent(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return low <= high ? [low, high] : [0, 1];
}

function least(values, bound) {
  return bound ?? extent(values)[0];
}

/** The ticks of a scale on `height` pixels: [{at, label}], from the bottom to the top; without labels between them. */
export function ticks(scale, height) {
  if (scale.labels) {
    const every = Math.ceil(scale.labels.length / Math.max(Math.floor(height / 14), 1));
    return scale.labels.map((label, i) => ({ at: scale.place(i), label: i % every ? "" : label }));
  }
  const doubles = scale.log ? powersOfTwo(scale.low, scale.high) : [];
  if (doubles.length) return doubles.map((v) => ({ at: scale.place(v), label: number(v) }));
  const wanted = scale.cell >= 0.1 ? 1 / scale.cell : height / 45;
  const values = scale.log ? logarithmic(scale.low, scale.high) : linear(scale.low, scale.high, wanted, scale.cell > 0);
  const marks = values.map((v) => ({ at: scale.place(v), label: number(v) }));
  return scale.log ? [...marks, ...minor(scale.low, scale.high).map((v) => ({ at: scale.place(v), label: "" }))] : marks;
}

/** About `wanted` round numbers in [low, high]. */
export function linear(low, high, wanted = 5, whole = false) {
  const raw = (high - low) / Math.max(wanted, 2);
  const power = 10 ** Math.floor(Math.log10(raw));
  let step = [1, 2, 2.5, 5, 10].find((m) => m * power >= raw) * power;
  if (whole) step = Math.max(1, Math.ceil(step));
  const out = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k += 1) out.push(Number((k * step).toPrecision(12)));
  return out;
}

/** The powers of ten in [low, high], thinned where they are many; with 2 and 5 between them where they are few. */
export function logarithmic(low, high) {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  if (last - first >= 2) {
    const every = Math.ceil((last - first + 1) / 7);
    return Array.from({ length: Math.floor((last - first) / every) + 1 }, (_, i) => Number(`1e${first + i * every}`));
  }
  const fine = [];
  for (let e = first - 1; e <= last + 1; e += 1) for (const m of [1, 2, 5]) fine.push(Number(`${m}e${e}`));
  const inside = fine.filter((v) => v >= low * (1 - 1e-9) && v <= high * (1 + 1e-9));
  return inside.length > 1 ? inside : linear(low, high);
}

/** 2, 4, 8, ... where both ends are such numbers and they fit on an axis; else nothing. */
function powersOfTwo(low, high) {
  const [first, last] = [Math.log2(low), Math.log2(high)];
  if (low < 1 || !Number.isInteger(first) || !Number.isInteger(last) || last - first < 2 || last - first > 10) return [];
  return Array.from({ length: last - first + 1 }, (_, i) => 2 ** (first + i));
}

function minor(low, high) {
  if (high / low > 1e7) return [];
  const out = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e += 1)
    for (let m = 2; m < 10; m += 1) if (m * 10 ** e >= low && m * 10 ** e <= high) out.push(m * 10 ** e);
  return out;
}
