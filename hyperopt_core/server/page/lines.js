// Thousands of lines on a canvas, the best first, in slices of a frame: the page never waits for them.

import { rgb } from "./colour.js";
import { Raster } from "./raster.js";

const SLICE = 24; // ms of work at a time
const SHOW = 90; // ms between two looks at a picture that grows
const BATCH = 40; // lines that are drawn at once
const MANY = 400; // more lines than these are drawn as pixels
const SOFT = 4000; // more than these without smooth edges: nobody sees them

export class Painter {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.job = 0;
    this.done = true;
  }

  /** Make room, with as many pixels as the screen has. */
  resize(width, height) {
    const ratio = Math.min(globalThis.devicePixelRatio || 1, 3);
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== w || this.canvas.height !== h) Object.assign(this.canvas, { width: w, height: h });
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    this.ratio = ratio;
  }

  /**
   * Draw lines. groups: [{colour, alpha, width, lines: [number]}], the front first. xs: of the axes.
   * ys: of each line at each axis, line after line.
   */
  paint(groups, xs, ys) {
    const job = (this.job += 1);
    const count_ = groups.reduce((sum, group) => sum + group.lines.length, 0);
    const draw = count_ > MANY ? this.pixels(xs, ys, count_ < SOFT) : this.strokes(xs, ys);
    const batches = groups.flatMap((group) => {
      const out = [];
      for (let i = 0; i < group.lines.length; i += BATCH) out.push({ ...group, lines: group.lines.slice(i, i + BATCH) });
      return out;
    });
    let next = 0;
    let show = 0;
    this.done = false;
    const slice = () => {
      if (job !== this.job) return;
      const until = performance.now() + SLICE;
      while (next < batches.length && performance.now() < until) draw.batch(batches[next++]);
      this.done = next >= batches.length;
      if (this.done || performance.now() > show) {
        draw.show();
        show = performance.now() + SHOW;
      }
      if (!this.done) requestAnimationFrame(slice);
    };
    slice();
  }

  /** Lines as a canvas draws them: smooth and of any width. */
  strokes(xs, ys) {
    const { context } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.lineJoin = "round";
    // What comes later goes beneath what is there: the same picture as the other way round, with the best at once.
    context.globalCompositeOperation = "destination-over";
    return { batch: (batch) => stroke(context, batch, xs, ys), show() {} };
  }

  /** Lines as pixels. soft: with smooth edges. */
  pixels(xs, ys, soft) {
    const { width, height } = this.canvas;
    if (this.raster?.width !== width || this.raster?.height !== height) this.raster = new Raster(width, height);
    const { raster, ratio, context } = this;
    raster.clear();
    const at = xs.map((x) => x * ratio);
    const batch = ({ colour, alpha, lines }) => {
      const ink = rgb(colour);
      for (const line of lines) {
        const first = line * xs.length;
        for (let k = 1; k < xs.length; k += 1) raster.line(at[k - 1], ys[first + k - 1] * ratio, at[k], ys[first + k] * ratio, ink, alpha, soft);
      }
    };
    return { batch, show: () => raster.put(context) };
  }
}

function stroke(context, { colour, alpha, width, lines }, xs, ys) {
  context.strokeStyle = colour;
  context.globalAlpha = alpha;
  context.lineWidth = width;
  context.beginPath();
  for (const line of lines) {
    const at = line * xs.length;
    context.moveTo(xs[0], ys[at]);
    for (let k = 1; k < xs.length; k += 1) context.lineTo(xs[k], ys[at + k]);
    if (xs.length === 1) context.lineTo(xs[0] + 12, ys[at]);
  }
  context.stroke();
}

/** How opaque one of `n` lines is: a few stand out, thousands show where they are dense. */
export function opacity(n) {
  return Math.min(0.9, Math.max(0.1, 5 / Math.sqrt(n + 1)));
}
