// The selected trials as a table, the best first or by any column.

import { h, keep, show } from "./dom.js";
import { counted, number } from "./format.js";
import { WORDS } from "./model.js";

const MOST = 200; // rows at a time: what anybody reads; an export has all

export class Table {
  /** on: {hovered(number), pinned(number), sorted()}. */
  constructor(model, view, on) {
    Object.assign(this, { model, view, on, most: MOST });
    this.element = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Selected trials" });
    this.note = h("p", { class: "quiet" });
  }

  /** rows: the selected ones. */
  draw(rows) {
    this.rows = rows;
    const { model, view } = this;
    const facts = ["number", "state"].map((name) => model.axes.find((axis) => axis.fact && axis.name === name));
    const axes = [...facts, ...view.axes.map((key) => model.axis(key)).filter((axis) => axis && !facts.some((f) => f.key === axis.key))];
    const sorted = this.sorted(rows);
    const head = h("tr", {}, ...axes.map((axis) => this.head(axis)));
    const some = sorted.slice(0, this.most);
    const key = [axes.map((axis) => axis.key), view.sort, view.pin, some.map((row) => [row.number, row.state, model.valueOf(row)])];
    keep(this.element, key, () => [h("table", {}, h("thead", {}, head), h("tbody", {}, ...some.map((row) => this.row(row, axes))))]);
    const rest = sorted.length - this.most;
    const more = rest > 0 ? h("button", { on: { click: () => ((this.most += 5 * MOST), this.draw(this.rows)) } }, `show ${Math.min(rest, 5 * MOST)} more`) : null;
    show(this.note, rest > 0 ? `${this.most} of ${counted(sorted.length, "trial")} ` : rows.length ? "" : "No trial is selected.", more);
  }

  sorted(rows) {
    const { model, view } = this;
    const axis = (view.sort && model.axis(view.sort[0])) || model.objective;
    const direction = view.sort ? view.sort[1] : model.sign;
    const column = model.column(axis);
    const key = (row) => (Number.isNaN(column[row.number]) ? Infinity : direction * column[row.number]);
    return [...rows].sort((a, b) => key(a) - key(b) || a.number - b.number);
  }

  head(axis) {
    const { view, model } = this;
    const [key, direction] = view.sort ?? [model.objective.key, model.sign];
    const on = key === axis.key;
    const click = () => {
      view.sort = [axis.key, on ? -direction : axis.objective ? model.sign : 1];
      this.on.sorted();
    };
    const arrow = on ? (direction > 0 ? " ▲" : " ▼") : "";
    const name = axis.fact && axis.name === "number" ? "trial" : axis.name;
    return h("th", { scope: "col", "aria-sort": on ? (direction > 0 ? "ascending" : "descending") : null, class: `${axis.kind === "number" && !axis.fact ? "number" : ""} ${axis.objective ? "objective" : ""}` }, h("button", { on: { click } }, name, arrow));
  }

  row(row, axes) {
    const { model, view, on } = this;
    const cells = axes.map((axis, i) => {
      const text = axis.fact && axis.name === "state" ? (WORDS[row.state] ?? row.state) : model.text(axis, row, number);
      if (i === 0) return h("th", { scope: "row" }, h("button", { class: "link", on: { click: () => on.pinned(row.number === view.pin ? -1 : row.number) } }, text));
      return h("td", { class: axis.kind === "number" ? "number" : `text state-${axis.name === "state" && axis.fact ? row.state : ""}`, title: text.length > 24 ? text : null }, text || "–");
    });
    const look = { pointerenter: () => on.hovered(row.number), pointerleave: () => on.hovered(-1) };
    return h("tr", { class: row.number === view.pin ? "pinned" : null, on: look }, ...cells);
  }
}
