// Figures as Python builds them, in a part of Plotly's schema: panels with axes and marks, on a canvas.

import { shades, SHADES } from "./colour.js";
import { shorten } from "./dom.js";

const LABEL_FONT = "11px system-ui, sans-serif";
const TITLE_FONT = "12px system-ui, sans-serif";
const LINE_HEIGHT = 15;
const NARROWEST = { 1: 0, 2: 300, 3: 220, 4: 165 }; // of a panel, by the columns of its figure
const WIDEST_LABEL = 0.38; // of a panel
const BAR_ROOM = 66; // for the scale of colours
const EDGE = 6; // pixels beyond a panel that its marks may take
const DASHES = { solid: [], dash: [6, 4], dot: [1.5, 3] };
const NIGHT = { "#31688e": "#6cb2e8", "#b9cedd": "#2a4a61", "#7a4fa3": "#c09be6", "#a40e26": "#ff8e86", "#6fb1a0": "#7fd1bb", "#d9a441": "#e3b341" };

/** How a figure is laid out on `width` pixels: {columns, height, panels: [{key, left, top, width, height}]}. */
export function layOut(figure, width) {
  const { meta } = figure.layout;
  const keys = Object.keys(figure.layout).filter((key) => key.startsWith("xaxis")).map((key) => key.slice(5));
  let columns = Math.min(meta.columns, keys.length);
  while (columns > 1 && width / columns < NARROWEST[meta.columns]) columns -= 1;
  const across = width / columns;
  const down = Math.max(Math.min(meta.row, across * 1.2), keys.length === 1 ? meta.row : 0, 120);
  const panels = keys.map((key, i) => ({ key, left: (i % columns) * across, top: Math.floor(i / columns) * down, width: across, height: down }));
  return { columns, height: Math.ceil(keys.length / columns) * down, panels };
}

/**
 * Draw a figure; returns {panels, targets}: where its panels stand, and what can be pointed at: [{x, y, text, trial, box}].
 * look: {ink, colours, isOn(trial), pinned}: inks of the page, name of the scale of colours, which trials are selected.
 */
export function drawFigure(context, figure, plan, look) {
  const [panels, targets] = [[], []];
  const table = shades(look.colours, look.ink.dark);
  const brush = { context, look, table, paint: (colour) => themed(colour, look.ink) };
  for (const place of plan.panels) {
    const traces = figure.data.filter((trace) => trace.xaxis === `x${place.key}`);
    const panel = new Panel(brush, figure, place, traces);
    panel.axes();
    context.save();
    context.beginPath();
    context.rect(panel.left - panel.edge, panel.top - panel.edge, panel.right - panel.left + 2 * panel.edge, panel.bottom - panel.top + 2 * panel.edge);
    context.clip();
    for (const trace of traces) targets.push(...panel.draw(trace).filter((target) => panel.shows(target)));
    context.restore();
    panels.push(panel);
    const scale = traces.find((trace) => trace.colorbar);
    if (scale) panel.colourBar(scale);
  }
  return { panels, targets };
}

/** A colour of a figure on the page as it is now, light or dark. */
export function themed(colour, ink) {
  const own = { "#1f2328": ink.ink, "#5c6670": ink.muted, "#8b949e": ink.rule, "#c9ced4": ink.faint, "#b84a00": ink.accent, white: ink.page };
  return own[colour] ?? (ink.dark ? (NIGHT[colour] ?? colour) : colour);
}

class Panel {
  constructor(brush, figure, place, traces) {
    Object.assign(this, brush, { key: place.key, across: figure.layout[`xaxis${place.key}`], up: figure.layout[`yaxis${place.key}`] });
    const { context } = this;
    context.font = LABEL_FONT;
    this.labels = this.up.ticktext.map((text) => shorten(text, WIDEST_LABEL * place.width, LABEL_FONT));
    const widest = this.labels.reduce((most, text) => Math.max(most, context.measureText(text).width), 0);
    const note = figure.layout.annotations.find((n) => n.xref === `x${place.key} domain`);
    this.note = note?.text ?? "";
    this.left = place.left + widest + 12 + (this.up.title.text ? LINE_HEIGHT + 3 : 4);
    this.right = place.left + place.width - (traces.some((trace) => trace.colorbar) ? BAR_ROOM : 14);
    this.top = place.top + (note ? 22 : 10);
    this.bottom = place.top + place.height - 2 * LINE_HEIGHT - 8;
    this.edge = figure.zoomed ? 1 : EDGE;
    this.x = project(this.across, this.left, this.right);
    this.y = project(this.up, this.bottom, this.top);
  }

  /** Whether a target lies in the panel; what is drawn at its edge does. */
  shows({ x, y, box }) {
    const [x0, y0, x1, y1] = box ?? [x, y, x, y];
    const { left, right, top, bottom, edge } = this;
    return Math.max(x0, x1) > left - edge && Math.min(x0, x1) < right + edge && Math.max(y0, y1) > top - edge && Math.min(y0, y1) < bottom + edge;
  }

  axes() {
    const { context, look, left, right, top, bottom } = this;
    const { ink } = look;
    context.lineWidth = 1;
    context.font = LABEL_FONT;
    context.textBaseline = "middle";
    context.textAlign = "right";
    this.up.tickvals.forEach((value, i) => {
      const at = this.y(value);
      if (at < top - 1 || at > bottom + 1) return;
      if (this.up.showgrid !== false) this.rule(left, at, right, at, ink.faint, 0.5);
      context.fillStyle = ink.muted;
      context.fillText(this.labels[i], left - 7, at);
    });
    context.textAlign = "center";
    this.below().forEach(([at, text]) => {
      if (this.across.showgrid !== false) this.rule(at, top, at, bottom, ink.faint, 0.5);
      context.fillStyle = ink.muted;
      if (text) context.fillText(text, Math.min(at, right + 8 - context.measureText(text).width / 2), bottom + 13);
    });
    this.rule(left, bottom, right, bottom, ink.rule, 1);
    this.rule(left, top, left, bottom, ink.rule, 1);
    context.fillStyle = ink.ink;
    context.font = TITLE_FONT;
    context.fillText(shorten(this.across.title.text, right - left + 30, TITLE_FONT), (left + right) / 2, bottom + 13 + LINE_HEIGHT);
    if (this.up.title.text) {
      context.save();
      context.translate(left - 12 - this.labels.reduce((most, text) => Math.max(most, measured(context, text)), 0) - 6, (top + bottom) / 2);
      context.rotate(-Math.PI / 2);
      context.fillText(shorten(this.up.title.text, bottom - top + 20, TITLE_FONT), 0, 0);
      context.restore();
    }
    if (this.note) {
      context.textAlign = "left";
      context.fillStyle = ink.muted;
      context.fillText(this.note, left, top - 12);
    }
  }

  /** The ticks below the panel: [[pixel, label]], without labels that would meet. */
  below() {
    const { context, across, left, right } = this;
    const marks = across.tickvals.map((value, i) => [this.x(value), across.ticktext[i]]).filter(([at]) => at > left - 1 && at < right + 1);
    const pitch = (right - left) / Math.max(marks.length, 1);
    const numbers = marks.every(([, text]) => /^[−-]?\d/.test(text)); // of numbers every so many, of names their ends
    const few = !numbers && marks.length <= 6 && marks.some(([, text]) => context.measureText(text).width > pitch - 4) && pitch > 26;
    let end = -Infinity;
    return marks.sort((a, b) => a[0] - b[0]).map(([at, text]) => {
      const shown = shorten(text, few ? pitch - 5 : 110, LABEL_FONT);
      const half = context.measureText(shown).width / 2;
      if (at - half < end + 4) return [at, ""];
      end = at + half;
      return [at, shown];
    });
  }

  rule(x0, y0, x1, y1, colour, alpha) {
    const { context } = this;
    context.globalAlpha = alpha;
    context.strokeStyle = colour;
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    context.stroke();
    context.globalAlpha = 1;
  }

  draw(trace) {
    if (trace.type === "bar") return this.bars(trace);
    if (trace.type === "heatmap" || trace.type === "contour") return this.cells(trace);
    if (trace.fill === "toself") return this.area(trace);
    return trace.mode === "lines" ? this.line(trace) : this.points(trace);
  }

  area({ x, y, fillcolor }) {
    const { context } = this;
    this.path(x, y, false);
    context.fillStyle = this.paint(fillcolor);
    context.globalAlpha = 0.75;
    context.fill();
    context.globalAlpha = 1;
    return [];
  }

  path(x, y, steps) {
    const { context } = this;
    context.beginPath();
    let last = null;
    x.forEach((value, i) => {
      if (value === null || y[i] === null) return void (last = null);
      const [px, py] = [this.x(value), this.y(y[i])];
      if (last === null) context.moveTo(px, py);
      else {
        if (steps) context.lineTo(px, last);
        context.lineTo(px, py);
      }
      last = py;
      return undefined;
    });
  }

  line({ x, y, line, meta = {}, text }) {
    const { context, look, table } = this;
    const on = meta.trial === undefined || look.isOn(meta.trial);
    const pinned = meta.trial !== undefined && meta.trial === look.pinned;
    this.path(x, y, line.shape === "hv");
    const shaded = meta.shade === undefined ? this.paint(line.color) : table[Math.round(meta.shade * (SHADES - 1))];
    context.strokeStyle = pinned ? look.ink.accent : on ? shaded : look.ink.faint;
    context.globalAlpha = on ? 0.9 : 0.3;
    context.lineWidth = pinned ? 2.6 : line.width;
    context.setLineDash(DASHES[line.dash]);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
    if (!text || !on) return [];
    const every = Math.max(1, Math.floor(x.length / 8)); // a line is met at a few of its points, and at its end
    return x.flatMap((value, i) => ((i % every === 0 || i === x.length - 1) && value !== null && y[i] !== null ? [{ x: this.x(value), y: this.y(y[i]), text: text[i] ?? text[0], trial: meta.trial, last: i === x.length - 1 }] : []));
  }

  points(trace) {
    const { context, look, table } = this;
    const { x, y, marker, customdata = [], text = [] } = trace;
    const targets = [];
    const many = x.length > 2000 ? 0.5 : 0.9;
    context.lineWidth = marker.line?.width ?? 1;
    x.forEach((value, i) => {
      if (value === null || y[i] === null) return;
      const [px, py] = [this.x(value), this.y(y[i])];
      const on = customdata[i] === undefined || look.isOn(customdata[i]);
      const own = Array.isArray(marker.color) ? table[Math.round((marker.color[i] ?? 0) * (SHADES - 1))] : this.paint(marker.color);
      const colour = on ? own : look.ink.faint;
      context.globalAlpha = on ? many : 0.5;
      for (const along of ["x", "y"]) if (trace[`error_${along}`]) this.error(trace[`error_${along}`], along, i, value, y[i]);
      context.fillStyle = colour;
      context.strokeStyle = on && marker.line ? this.paint(marker.line.color) : colour;
      mark(context, marker.symbol, px, py, marker.size / 2 + 0.2, Boolean(marker.line));
      if (customdata[i] !== undefined && customdata[i] === look.pinned) ring(context, px, py, marker.size / 2 + 4, look.ink.accent);
      if (text[i]) targets.push({ x: px, y: py, text: text[i], trial: customdata[i] });
    });
    context.globalAlpha = 1;
    return targets;
  }

  error(bars, along, i, x, y) {
    const [value, at] = along === "x" ? [x, this.x] : [y, this.y];
    const [low, high] = [at(value - (bars.arrayminus[i] ?? 0)), at(value + (bars.array[i] ?? 0))];
    const colour = this.paint(bars.color);
    if (along === "x") this.rule(low, this.y(y), high, this.y(y), colour, 0.8);
    else this.rule(this.x(x), low, this.x(x), high, colour, 0.8);
  }

  bars(trace) {
    const { context, look } = this;
    const lying = trace.orientation === "h";
    const [at, length] = lying ? [trace.y, trace.x] : [trace.x, trace.y];
    const { customdata = [], text = [], base, width } = trace;
    return at.flatMap((value, i) => {
      if (value === null || length[i] === null) return [];
      const from = Array.isArray(base) ? base[i] : base;
      const on = customdata[i] === undefined || look.isOn(customdata[i]);
      const ends = lying ? [this.x(from), this.x(from + length[i]), this.y(value + width / 2), this.y(value - width / 2)] : [this.x(value - width / 2), this.x(value + width / 2), this.y(from + length[i]), this.y(from)];
      const [x0, x1, y0, y1] = ends;
      context.globalAlpha = on ? 1 : 0.25;
      context.fillStyle = this.paint(trace.marker.color);
      context.fillRect(x0, y0, Math.max(x1 - x0, lying ? 1 : 0), y1 - y0);
      if (customdata[i] !== undefined && customdata[i] === look.pinned) {
        context.strokeStyle = look.ink.accent;
        context.lineWidth = 2;
        context.strokeRect(x0, y0, x1 - x0, y1 - y0);
      }
      context.globalAlpha = 1;
      if (trace.error_x) this.error(trace.error_x, "x", i, from + length[i], value);
      return text[i] ? [{ x: Math.min(Math.max((x0 + x1) / 2, this.left), this.right), y: (y0 + y1) / 2, text: text[i], trial: customdata[i], box: [x0, y0, x1, y1] }] : [];
    });
  }

  cells(trace) {
    const { context, look } = this;
    const colour = ramp(trace, look.ink.dark);
    const xs = borders(trace.x).map((at) => Math.round(this.x(at))); // whole pixels: no seams
    const ys = borders(trace.y).map((at) => Math.round(this.y(at)));
    trace.z.forEach((row, j) =>
      row.forEach((value, i) => {
        if (value === null) return;
        context.fillStyle = colour(value);
        context.fillRect(xs[i], ys[j + 1], xs[i + 1] - xs[i], ys[j] - ys[j + 1]);
      }),
    );
    if (trace.type === "contour") {
      context.strokeStyle = look.ink.dark ? "#0f1419" : this.paint(trace.line.color);
      context.lineWidth = trace.line.width;
      for (const level of trace.colorbar.tickvals) this.isoline(trace, level);
    }
    return [];
  }

  /** A line of equal height through a grid, cell by cell (marching squares). */
  isoline({ x, y, z }, level) {
    const { context } = this;
    context.beginPath();
    for (let j = 0; j + 1 < y.length; j += 1)
      for (let i = 0; i + 1 < x.length; i += 1) {
        const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
        if (corners.some(([a, b]) => z[b][a] === null)) continue;
        const cuts = corners.flatMap(([a, b], k) => {
          const [c, d] = corners[(k + 1) % 4];
          const [from, to] = [z[b][a], z[d][c]];
          if (from < level === to < level) return [];
          const share = (level - from) / (to - from);
          return [[this.x(x[a] + share * (x[c] - x[a])), this.y(y[b] + share * (y[d] - y[b]))]];
        });
        for (let k = 0; k + 1 < cuts.length; k += 2) {
          context.moveTo(...cuts[k]);
          context.lineTo(...cuts[k + 1]);
        }
      }
    context.stroke();
  }

  colourBar(trace) {
    const { context, look, right, top, bottom } = this;
    const left = right + 8;
    const colour = ramp(trace, look.ink.dark);
    for (let at = Math.round(top); at < bottom; at += 1) {
      context.fillStyle = colour(trace.zmin + ((bottom - at) / (bottom - top)) * (trace.zmax - trace.zmin));
      context.fillRect(left, at, 9, 1.5);
    }
    context.fillStyle = look.ink.muted;
    context.font = LABEL_FONT;
    context.textAlign = "left";
    const { tickvals, ticktext } = trace.colorbar;
    tickvals.forEach((value, i) => {
      const at = bottom - ((value - trace.zmin) / (trace.zmax - trace.zmin || 1)) * (bottom - top);
      context.fillText(shorten(ticktext[i], BAR_ROOM - 24, LABEL_FONT), left + 13, at);
    });
  }
}

function measured(context, text) {
  context.font = LABEL_FONT;
  const { width } = context.measureText(text);
  context.font = TITLE_FONT;
  return width;
}

/** From values to pixels. */
function project({ type, range }, from, to) {
  const [low, high] = range;
  return (value) => from + (((type === "log" ? Math.log10(value) : value) - low) / (high - low)) * (to - from);
}

function mark(context, symbol, x, y, r, edged) {
  context.beginPath();
  if (symbol.startsWith("circle")) {
    context.arc(x, y, r, 0, 7);
    if (symbol === "circle") context.fill();
    if (symbol !== "circle" || edged) context.stroke();
    return;
  }
  const [dx, dy] = { "line-ns-open": [0, r], "line-ew-open": [r, 0] }[symbol] ?? [r * 0.8, r * 0.8];
  context.moveTo(x - dx, y - dy);
  context.lineTo(x + dx, y + dy);
  if (symbol === "x-thin-open") {
    context.moveTo(x - dx, y + dy);
    context.lineTo(x + dx, y - dy);
  }
  context.stroke();
}

function ring(context, x, y, r, colour) {
  context.save();
  context.globalAlpha = 1;
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x, y, r, 0, 7);
  context.stroke();
  context.restore();
}

/** The borders of cells around places that ascend. */
function borders(at) {
  if (at.length === 1) return [at[0] - 0.5, at[0] + 0.5];
  const middles = at.slice(1).map((value, i) => (value + at[i]) / 2);
  return [2 * at[0] - middles[0], ...middles, 2 * at.at(-1) - middles.at(-1)];
}

/** The colours of values on a trace's scale; on a dark page the other way round, for what is good stands out. */
function ramp({ zmin, zmax, colorscale }, dark) {
  const scale = dark ? colorscale.map(([at, hex]) => [1 - at, hex]).reverse() : colorscale;
  const channel = (hex, i) => parseInt(hex.slice(i, i + 2), 16);
  return (value) => {
    const share = Math.min(Math.max((value - zmin) / (zmax - zmin || 1), 0), 1);
    const k = Math.min(Math.max(scale.findIndex(([at]) => at >= share), 1), scale.length - 1);
    const [[low, from], [high, to]] = [scale[k - 1], scale[k]];
    const part = (share - low) / (high - low || 1);
    return `rgb(${[1, 3, 5].map((i) => Math.round(channel(from, i) + (channel(to, i) - channel(from, i)) * part)).join(",")})`;
  };
}
