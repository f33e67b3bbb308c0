// Small charts on a canvas: how the sweep went, and the learning curves.

import { inks, onTheme, shades, SHADES } from "./colour.js";
import { h, onFrame } from "./dom.js";
import { counted, number } from "./format.js";
import { opacity } from "./lines.js";
import { Scale, scaleOf, ticks } from "./scales.js";

const MOST_CURVES = 400; // drawn at a time, the best: more would be a blot
const PAD = { left: 62, right: 14, top: 12, bottom: 34 };

class Chart {
  constructor(title, label) {
    this.canvas = h("canvas", { role: "img", "aria-label": title });
    this.note = h("p", { class: "quiet" });
    this.element = h("figure", { class: "chart" }, h("figcaption", {}, title), this.canvas, this.note);
    this.label = label;
    this.redraw = onFrame(() => this.paint());
    onTheme(this.redraw);
    new ResizeObserver(this.redraw).observe(this.element);
  }

  /** Draw again with this in view. */
  draw(model, view, selection, order, shade) {
    Object.assign(this, { model, view, selection, order, shade });
    this.redraw();
  }

  paint() {
    if (!this.model) return;
    const width = Math.max(this.element.clientWidth - 2, 200);
    const height = 240;
    const ratio = Math.min(globalThis.devicePixelRatio || 1, 3);
    Object.assign(this.canvas, { width: width * ratio, height: height * ratio });
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    const context = this.canvas.getContext("2d");
    context.scale(ratio, ratio);
    const frame = { context, left: PAD.left, right: width - PAD.right, top: PAD.top, bottom: height - PAD.bottom, ink: inks() };
    this.content(frame);
  }

  /** Axes and grid; returns x(value) and y(value) in pixels. */
  axes({ context, left, right, top, bottom, ink }, across, up, name) {
    const x = (value) => left + across.place(value) * (right - left);
    const y = (value) => bottom - up.place(value) * (bottom - top);
    context.font = "11px system-ui, sans-serif";
    context.lineWidth = 1;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const { at, label } of ticks(up, bottom - top)) {
      if (!label) continue;
      const h_ = bottom - at * (bottom - top);
      context.strokeStyle = ink.faint;
      context.globalAlpha = 0.55;
      context.beginPath();
      context.moveTo(left, h_);
      context.lineTo(right, h_);
      context.stroke();
      context.globalAlpha = 1;
      context.fillStyle = ink.muted;
      context.fillText(label, left - 8, h_);
    }
    context.textAlign = "center";
    for (const { at, label } of ticks(across, Math.max(right - left, 100) / 1.8)) if (label) context.fillText(label, left + at * (right - left), bottom + 12);
    context.fillText(name, (left + right) / 2, bottom + 26);
    return [x, y];
  }

  empty({ context, left, right, top, bottom, ink }, words) {
    context.fillStyle = ink.muted;
    context.font = "13px system-ui, sans-serif";
    context.textAlign = "center";
    context.fillText(words, (left + right) / 2, (top + bottom) / 2);
  }
}

/** Every trial's result by its number, and the best so far. */
export class History extends Chart {
  constructor(metric) {
    super(`${metric}: every trial, and the best so far`);
  }

  content(frame) {
    const { model, selection, shade } = this;
    const { context, ink } = frame;
    const done = model.rows.filter((row) => ["completed", "stopped"].includes(row.state) && row.value !== null && row.value !== undefined);
    if (!done.length) return this.empty(frame, "No finished trial yet");
    const objective = model.objective;
    const up = scaleOf(objective, Float64Array.from(done, (row) => row.value), { log: this.view.log.get(objective.key), flip: model.sign === 1 });
    const across = new Scale({ low: -0.5, high: Math.max(model.size - 0.5, 1), cell: 1 });
    const [x, y] = this.axes(frame, across, up, "trial");
    const table = shades(this.view.colours, ink.dark);
    const radius = done.length > 300 ? 1.6 : 3;
    context.globalAlpha = done.length > 2000 ? 0.5 : 0.9;
    for (const row of done) {
      const on = selection.selected[row.number] && shade[row.number] >= 0;
      context.beginPath();
      context.arc(x(row.number), y(row.value), radius, 0, 7);
      context.fillStyle = context.strokeStyle = on ? table[shade[row.number]] : ink.faint;
      if (row.state === "completed") context.fill();
      else context.stroke();
    }
    context.globalAlpha = 1;
    this.bestLine(frame, done, x, y);
    return undefined;
  }

  bestLine({ context, ink, right }, done, x, y) {
    const { model } = this;
    const counted_ = done.some((row) => row.state === "completed") ? "completed" : "stopped";
    let best = NaN;
    context.beginPath();
    for (const row of done) {
      if (row.state !== counted_ || model.sign * row.value >= model.sign * best) continue;
      if (Number.isNaN(best)) context.moveTo(x(row.number), y(row.value));
      else context.lineTo(x(row.number), y(best));
      context.lineTo(x(row.number), y(row.value));
      best = row.value;
    }
    if (!Number.isNaN(best)) context.lineTo(right, y(best));
    context.strokeStyle = ink.accent;
    context.lineWidth = 2;
    context.stroke();
    this.note.textContent = `Filled: completed; hollow: stopped early. Best: ${number(best)}.`;
  }
}

/** What the selected trials reported, step by step. */
export class Curves extends Chart {
  constructor(metric) {
    super(`${metric} while training`);
  }

  content(frame) {
    const { model, shade, order, selection } = this;
    const { context, ink } = frame;
    const lines = order.filter((n) => selection.selected[n] && model.curves.get(n)?.steps.length > 1);
    const drawn = lines.slice(0, MOST_CURVES);
    this.note.textContent = drawn.length < lines.length ? `The best ${MOST_CURVES} of ${counted(lines.length, "selected trial")}.` : "";
    if (!drawn.length) return this.empty(frame, lines.length || !model.curves.size ? "No trial has reported more than once" : "No selected trial has a curve");
    const steps = drawn.flatMap((n) => model.curves.get(n).steps);
    const values = Float64Array.from(drawn.flatMap((n) => model.curves.get(n).values.filter((v) => v !== null)));
    const objective = model.objective;
    const up = scaleOf(objective, values, { log: this.view.log.get(objective.key), flip: model.sign === 1 });
    const [first, last] = [Math.min(0, ...steps.slice(0, 1)), steps.reduce((a, b) => Math.max(a, b), 1)];
    const [x, y] = this.axes(frame, new Scale({ low: first, high: last }), up, "step");
    const table = shades(this.view.colours, ink.dark);
    context.lineWidth = 1.3;
    context.globalAlpha = Math.min(1, opacity(drawn.length) * 1.5);
    for (const n of drawn.reverse()) {
      const { steps: at, values: seen } = model.curves.get(n);
      context.strokeStyle = n === this.view.pin ? ink.accent : shade[n] < 0 ? ink.rule : table[Math.min(shade[n], SHADES - 1)];
      context.beginPath();
      at.forEach((step, k) => seen[k] !== null && context.lineTo(x(step), y(seen[k])));
      context.stroke();
    }
    context.globalAlpha = 1;
    return undefined;
  }
}
