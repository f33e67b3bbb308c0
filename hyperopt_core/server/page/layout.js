// Where the axes of the plot stand, and each trial's line through them.

import { extent, scaleOf } from "./scales.js";
import { SHADES } from "./colour.js";

export const TOP = 56; // room for the names
const LANE = 30; // from the bottom of the axes to the lane "not set"
const FOOT = 20;
const LEAST = 84; // between two axes; the plot scrolls sideways where there are more than fit
const GOLDEN = 0.618034;

/** The plot of `model` as `view` wants it, on at least `room` pixels. */
export function arrange(model, view, shown, room, tall) {
  const axes = view.axes.map((key) => model.axis(key)).filter(Boolean);
  const columns = axes.map((axis) => model.column(axis));
  const scales = axes.map((axis, i) => {
    const values = columns[i].filter((v, n) => shown[n] && !Number.isNaN(v));
    const scale = scaleOf(axis, values, { flip: view.flip.has(axis.key), log: view.log.get(axis.key) });
    return Object.assign(scale, { coloured: axis.objective });
  });
  const left = axes.length && axes[0].kind === "category" ? 104 : 64;
  const right = 76;
  const gap = Math.max(LEAST, (room - left - right) / Math.max(axes.length - 1, 1));
  const xs = axes.map((_, i) => left + i * gap);
  const lane = columns.some((column) => column.some((v, n) => shown[n] && Number.isNaN(v)));
  const bottom = tall - FOOT - (lane ? LANE : 0);
  const width = Math.max(room, left + gap * Math.max(axes.length - 1, 0) + right);
  const plot = { axes, columns, scales, xs, gap, width, height: tall, top: TOP, bottom, lane: lane ? bottom + LANE : null };
  plot.y = (scale, value) => (Number.isNaN(value) ? plot.lane : bottom - scale.place(value) * (bottom - TOP));
  plot.ys = places(plot, shown);
  return Object.assign(plot, shadesOf(model, view, shown));
}

/** The height of each line at each axis; lines that share a discrete value spread inside its cell. */
function places(plot, shown) {
  const { scales, columns } = plot;
  const n = shown.length;
  const ys = new Float32Array(n * scales.length);
  const fan = Math.min(1, n / 60) * 0.62;
  scales.forEach((scale, k) => {
    const rise = plot.bottom - plot.top;
    const spread = scale.cell * rise * fan;
    for (let i = 0; i < n; i += 1) {
      const value = columns[k][i];
      const jitter = ((i * GOLDEN) % 1) - 0.5;
      ys[i * scales.length + k] = Number.isNaN(value) ? plot.lane + jitter * 10 * fan : plot.y(scale, value) + jitter * spread;
    }
  });
  return ys;
}

/** Each trial's shade by its metric, -1 where it has none, and the order in which lines are drawn: the best first. */
function shadesOf(model, view, shown) {
  const { objective } = model;
  const values = model.column(objective);
  const scale = scaleOf(objective, values.filter((v, n) => shown[n] && !Number.isNaN(v)), { log: view.log.get(objective.key) });
  const better = Float64Array.from(values, (v) => (Number.isNaN(v) ? NaN : scale.place(v)));
  const [low, high] = extent(better.filter((_, n) => shown[n]));
  const shade = Int16Array.from(better, (at) => (Number.isNaN(at) ? -1 : high > low ? Math.round(((at - low) / (high - low)) * (SHADES - 1)) : SHADES - 1));
  const order = [...shown.keys()].filter((n) => shown[n]).sort((a, b) => shade[b] - shade[a] || a - b);
  return { shade, order, coloured: order.some((n) => shade[n] >= 0) };
}

/** The line nearest to a point among `lines`, within `reach` pixels; -1 for none. */
export function nearest(plot, lines, x, y, reach) {
  const { xs, ys } = plot;
  const k = Math.min(Math.max(xs.findIndex((at) => at > x), 1), xs.length - 1) || xs.length - 1;
  if (xs.length < 2 || x < xs[0] - reach || x > xs[xs.length - 1] + reach) return -1;
  const share = Math.min(Math.max((x - xs[k - 1]) / (xs[k] - xs[k - 1]), 0), 1);
  let best = -1;
  let least = reach;
  for (const line of lines) {
    const at = line * xs.length + k;
    const [y0, y1] = [ys[at - 1], ys[at]];
    // The distance across the line, not down it: steep lines are as easy to hit.
    const slope = (y1 - y0) / (xs[k] - xs[k - 1]);
    const away = Math.abs(y0 + (y1 - y0) * share - y) / Math.hypot(1, slope);
    if (away < least) [best, least] = [line, away];
  }
  return best;
}
