// What is taken away: the selected trials as CSV and JSON, the picture as SVG and PNG.

import { inks, shades } from "./colour.js";
import { number } from "./format.js";
import { rangeText } from "./axes.js";
import { opacity } from "./lines.js";
import { ticks } from "./scales.js";

/** The rows as objects, all with the same columns: number, state, parameters, metrics, facts. */
export function records(model, rows) {
  const axes = model.axes;
  const order = [...axes.filter((a) => ["number", "state"].includes(a.name) && a.fact), ...axes.filter((a) => !(a.fact && ["number", "state"].includes(a.name)))];
  return rows.map((row) => Object.fromEntries([...order.map((axis) => [axis.key, model.plain(axis, row)]), ["reason", row.reason ?? null]]));
}

/** CSV (RFC 4180) with a header; what a spreadsheet would run as a formula is quoted with a leading '. */
export function toCsv(objects) {
  const cell = (value) => {
    if (value === null) return "";
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    let text = typeof value === "string" ? value : JSON.stringify(value);
    if (/^[=+\-@\t\r\n]/.test(text) && Number.isNaN(Number(text))) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const names = Object.keys(objects[0] ?? {});
  return [names, ...objects.map((object) => names.map((name) => object[name]))].map((line) => `${line.map(cell).join(",")}\r\n`).join("");
}

/** JSON, one object a line. */
export function toJson(objects) {
  return objects.length ? `[\n${objects.map((object) => JSON.stringify(object)).join(",\n")}\n]\n` : "[]\n";
}

/** Have the browser save a file. */
export function save(name, content, type) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = document.createElement("a");
  Object.assign(link, { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** A file name for a sweep: letters, digits, dots and dashes. */
export function fileName(model, suffix) {
  return `${model.header.name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[.-]+|[.-]+$/g, "").slice(0, 60) || "sweep"}.${suffix}`;
}

const escaped = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

/** The plot as it is on the screen, as the text of an SVG file. */
export function toSvg(parallel, title) {
  const { plot, view, lines } = parallel;
  const ink = inks();
  const table = shades(view.colours, ink.dark);
  const head = 34;
  const path = (n) => plot.xs.map((x, k) => `${k ? "L" : "M"}${x.toFixed(1)} ${plot.ys[n * plot.xs.length + k].toFixed(1)}`).join("");
  const stroke = (ns, colour, alpha, width) =>
    ns.length ? `<path d="${ns.map(path).join("")}" stroke="${colour}" stroke-opacity="${alpha.toFixed(3)}" stroke-width="${width}"/>` : "";
  const text = (x, y, words, more = "") => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escaped(words)}</text>`;
  const chosen = new Set(lines);
  const out = [stroke(plot.order.filter((n) => !chosen.has(n)), ink.faint, opacity(plot.order.length), 1)];
  for (const n of [...lines].reverse()) {
    const shade = plot.shade[n];
    out.push(stroke([n], shade < 0 ? ink.rule : table[shade], Math.min(1, opacity(lines.length) * 1.6), 1.3));
  }
  const axes = plot.axes.map((axis, k) => {
    const [x, scale] = [plot.xs[k], plot.scales[k]];
    const rise = plot.bottom - plot.top;
    const marks = ticks(scale, rise).map(({ at, label }) => {
      const y = plot.bottom - at * rise;
      return `<path d="M${x - (label ? 6 : 3)} ${y}H${x}"/>${label ? text(x - 10, y + 4, label, 'text-anchor="end" class="halo"') : ""}`;
    });
    const brushes = (view.brushes.get(axis.key)?.ranges ?? []).map((range) => {
      const [above, below] = parallel.axes.ends(scale, range);
      return `<rect x="${x - 7}" y="${above}" width="14" height="${below - above}" fill="${ink.accent}" fill-opacity="0.25" stroke="${ink.accent}"/>`;
    });
    return `<path d="M${x} ${plot.top}V${plot.bottom}"/>${marks.join("")}${brushes.join("")}${text(x, plot.top - 16, axis.name, 'text-anchor="middle" class="name"')}`;
  });
  const words = [...view.brushes].map(([key, { ranges }]) => {
    const k = plot.axes.findIndex((axis) => axis.key === key);
    return k < 0 ? "" : `${key}: ${ranges.map(([low, high]) => rangeText(plot.scales[k], low, high)).join(" or ")}`;
  });
  const note = `${number(lines.length)} of ${number(plot.order.length)} trials. ${words.filter(Boolean).join("; ")}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${plot.width}" height="${plot.height + head + 22}" viewBox="0 ${-head} ${plot.width} ${plot.height + head + 22}">
<style>text{font:11px system-ui,sans-serif;fill:${ink.muted};stroke:none}.name{font-weight:600;fill:${ink.ink}}.title{font-size:15px;font-weight:600;fill:${ink.ink}}.halo{paint-order:stroke;stroke:${ink.page};stroke-width:3px}</style>
<rect x="0" y="${-head}" width="100%" height="100%" fill="${ink.page}"/>
<g fill="none" stroke-linejoin="round">${out.join("\n")}</g>
<g fill="none" stroke="${ink.rule}">${axes.join("\n")}</g>
${text(12, -12, title, 'class="title"')}${text(12, plot.height + 12, note)}
${plot.lane === null ? "" : text(plot.xs[0] - 10, plot.lane + 4, "not set", 'text-anchor="end"')}
</svg>
`;
}

/** A picture's SVG as PNG, with twice as many pixels. */
export async function toPng(text) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: image.width * 2, height: image.height * 2 });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
