// What the user has set on a sweep's page, and its form in the address: a link reopens the view.

import { DRAWN_STATES } from "./model.js";

const MOST_AXES = 12; // shown at first; more are a click away
const MOST_METRICS = 3; // of a sweep without a metric of its own

/** The view as nobody has changed it. */
export function freshView(model) {
  const varying = model.parameters.map((axis) => axis.key);
  const metrics = model.axes.filter((axis) => !axis.parameter && !axis.objective && !axis.fact).slice(0, MOST_METRICS);
  const ends = model.lacksMetric ? metrics.map((axis) => axis.key) : [model.objective.key];
  return {
    axes: [...varying.slice(0, MOST_AXES), ...ends],
    flip: new Set(),
    log: new Map(), // key -> true or false where it differs from the axis' own
    brushes: new Map(), // key -> {ranges: [[low, high]], unset}: null for an open end, unset for trials without a value
    states: new Set(DRAWN_STATES),
    top: null,
    colours: "viridis",
    pin: null,
    charts: ["history", "curves"],
    sort: null, // [key, 1 or -1]; null: the best first
  };
}

/** The view as the part of an address after "#", with what differs from a fresh one. */
export function encodeView(model, view) {
  const fresh = freshView(model);
  const out = new URLSearchParams();
  out.set("sweep", model.header.name);
  if (view.axes.join("\n") !== fresh.axes.join("\n")) for (const key of view.axes) out.append("axis", key);
  for (const key of view.flip) out.append("flip", key);
  for (const [key, on] of view.log) out.append(on ? "log" : "linear", key);
  for (const [key, { ranges, unset }] of view.brushes) {
    const parts = ranges.map(([low, high]) => `${low ?? ""}..${high ?? ""}`);
    if (unset) parts.push("unset");
    if (parts.length) out.append("brush", `${key}:${parts.join(",")}`);
  }
  const states = [...view.states].sort().join(",");
  if (states !== [...fresh.states].sort().join(",")) out.set("states", states);
  if (view.top) out.set("top", view.top);
  if (view.colours !== fresh.colours) out.set("colours", view.colours);
  if (view.charts.join() !== fresh.charts.join()) out.set("charts", view.charts.join());
  if (view.pin !== null) out.set("trial", view.pin);
  if (view.sort) out.set("sort", `${view.sort[1] < 0 ? "-" : ""}${view.sort[0]}`);
  return out.toString();
}

/** The view that an address describes; what it gets wrong is left at its default. */
export function decodeView(model, text) {
  const given = new URLSearchParams(text);
  const view = freshView(model);
  const known = new Set(model.axes.map((axis) => axis.key));
  const axes = given.getAll("axis").filter((key) => known.has(key));
  if (axes.length) view.axes = [...new Set(axes)];
  view.flip = new Set(given.getAll("flip").filter((key) => known.has(key)));
  for (const key of given.getAll("log")) view.log.set(key, true);
  for (const key of given.getAll("linear")) view.log.set(key, false);
  for (const brush of given.getAll("brush")) {
    const colon = brush.lastIndexOf(":");
    const key = brush.slice(0, colon);
    if (known.has(key)) view.brushes.set(key, decodeRanges(brush.slice(colon + 1)));
  }
  if (given.has("states")) view.states = new Set(given.get("states").split(",").filter(Boolean));
  view.top = Math.max(Math.floor(Number(given.get("top"))), 0) || null;
  view.colours = given.get("colours") ?? view.colours;
  if (given.has("charts")) view.charts = given.get("charts").split(",");
  view.pin = given.has("trial") && model.rows[Number(given.get("trial"))] ? Number(given.get("trial")) : null;
  const sort = given.get("sort") ?? "";
  const key = sort.replace(/^-/, "");
  if (known.has(key)) view.sort = [key, sort === key ? 1 : -1];
  return view;
}

function decodeRanges(text) {
  const parts = text.split(",");
  const number = (word) => (word === "" || Number.isNaN(Number(word)) ? null : Number(word));
  const ranges = parts.filter((part) => part.includes("..")).map((part) => part.split("..").map(number));
  return { ranges, unset: parts.includes("unset") };
}

/** Which trials the view shows and which of them it selects: {shown, selected}, 1 or 0 a trial. */
export function select(model, view) {
  const shown = Uint8Array.from(model.rows, (row) => (view.states.has(row.state) ? 1 : 0));
  const selected = shown.slice();
  for (const [key, brush] of view.brushes) {
    const axis = model.axis(key);
    if (!axis || (!brush.ranges.length && !brush.unset)) continue;
    const column = model.column(axis);
    for (let i = 0; i < selected.length; i += 1) if (selected[i] && !inside(column[i], brush)) selected[i] = 0;
  }
  if (view.top) keepBest(model, selected, view.top);
  return { shown, selected };
}

function inside(value, { ranges, unset }) {
  if (Number.isNaN(value)) return unset;
  return ranges.some(([low, high]) => (low === null || value >= low) && (high === null || value <= high));
}

function keepBest(model, selected, most) {
  const values = model.column(model.objective);
  const order = [...selected.keys()].filter((i) => selected[i] && !Number.isNaN(values[i]));
  order.sort((a, b) => model.sign * (values[a] - values[b]));
  selected.fill(0);
  for (const i of order.slice(0, most)) selected[i] = 1;
}
