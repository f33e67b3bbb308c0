// The page of one sweep: the picture, the charts, the table, and what can be done.

import { COLOUR_SCALES } from "./colour.js";
import { confirm, enqueue, form } from "./dialog.js";
import { h, keep, onFrame, show } from "./dom.js";
import { fileName, records, save, toCsv, toJson, toPng, toSvg } from "./exports.js";
import { ago, count, counted, number } from "./format.js";
import { Gallery } from "./gallery.js";
import { badge, progress } from "./list.js";
import { rangeText } from "./axes.js";
import { Parallel } from "./parallel.js";
import { countsText, panels, trialCard } from "./panels.js";
import { decodeView, encodeView, select } from "./state.js";
import { scaleOf } from "./scales.js";
import { Table } from "./table.js";
import { WORDS } from "./model.js";

const ACTIONS = {
  pause: ["Pause", "No new trials until it is resumed; those that run go on."],
  resume: ["Resume", "Trials are given out again."],
  stop: ["Stop", "No new trials; those that run finish."],
  cancel: ["Cancel", "No new trials; those that run are ended now."],
  budget: ["Change the budget"],
  enqueue: ["Try a configuration"],
};
const ALLOWED = { running: ["pause", "stop", "cancel"], paused: ["resume", "stop", "cancel"], stopped: ["resume", "cancel"], cancelled: ["resume"] };

export class SweepPage {
  /** server: {ask} where the sweep can be asked after and changed, null in a report. report: what a report adds. */
  constructor(root, model, hash, { server = null, role = "read", report = null }) {
    Object.assign(this, { model, server, report, role, connection: server ? "live" : null, tab: "trials" });
    this.view = decodeView(model, hash);
    this.details = new Map();
    this.parallel = new Parallel(model, this.view, {
      brushed: () => this.reselect(),
      arranged: () => this.rearrange(),
      hovered: () => {},
      pinned: (n) => this.pin(n),
    });
    this.gallery = new Gallery(this.view, { load: (kind, options) => this.chart(kind, options), pinned: (n) => this.pin(n), changed: () => this.remember(), still: !server });
    this.table = new Table(model, this.view, { hovered: (n) => this.parallel.setHover(n), pinned: (n) => this.pin(n), sorted: () => (this.drawTable(), this.remember()) });
    const part = (name) => (this[name] = h("div", { class: name }));
    const said = (this.said = h("p", { class: "said", role: "status" }));
    show(
      root,
      part("head"),
      part("tools"),
      h("section", { class: "panel plot", "aria-label": "Parallel coordinates" }, this.parallel.element),
      h("div", { class: "below" }, said, part("chips")),
      part("card"),
      this.gallery.element,
      part("tabs"),
      part("panel_"),
    );
    document.title = `${model.header.name} · hyperopt-core`;
    this.later = onFrame(() => this.drawRest());
    this.redraw = onFrame(() => this.draw());
    this.draw();
    this.pin(this.view.pin ?? -1, false);
  }

  /** Take in changes from the server. */
  apply(changes) {
    this.model.apply(changes);
    for (const row of changes.rows) this.details.delete(row.number);
    if (changes.rows.some((row) => row.number === this.view.pin)) this.drawCard();
    this.gallery.stale();
    if (changes.rows.length || changes.points.length) this.redraw();
    else this.drawHead();
  }

  /** Take in the curves, which come after the first picture. */
  addCurves(curves) {
    this.model.addCurves(curves);
    this.redraw();
  }

  // --- drawing ---------------------------------------------------------------------------------------------------

  draw() {
    this.selection = select(this.model, this.view);
    this.drawHead();
    this.parallel.draw(this.selection);
    this.saySelection();
    this.later();
  }

  reselect() {
    this.selection = select(this.model, this.view);
    this.parallel.select(this.selection);
    this.saySelection();
    this.remember();
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.drawRest(), 60); // the picture first
  }

  rearrange() {
    this.draw();
    this.remember();
  }

  get rows() {
    return this.model.rows.filter((row) => this.selection.selected[row.number]);
  }

  drawRest() {
    const { selected } = this.selection;
    const all = !this.view.brushes.size && !this.view.top;
    this.gallery.draw({ colours: this.view.colours, isOn: (n) => all || Boolean(selected[n]), pinned: this.view.pin });
    this.drawTabs();
  }

  saySelection() {
    const [some, all] = [this.selection.selected, this.selection.shown].map((mask) => mask.reduce((sum, on) => sum + on, 0));
    const none = this.model.size ? "No trial to draw yet: none of those shown has finished or reported." : "No trial yet.";
    this.said.textContent = !all ? none : some === all ? `${counted(all, "trial")}, all selected` : `${count(some)} of ${counted(all, "trial")} selected`;
    keep(this.chips, [...this.view.brushes], () => [...this.view.brushes].map(([key, brush]) => this.chip(key, brush)));
    this.drawTools();
  }

  chip(key, { ranges, unset }) {
    const axis = this.model.axis(key);
    const scale = scaleOf(axis, this.model.column(axis).filter((v) => !Number.isNaN(v)));
    const words = [...ranges.map(([low, high]) => rangeText(scale, low, high)), ...(unset ? ["not set"] : [])].join(" or ");
    const remove = () => {
      this.view.brushes.delete(key);
      this.parallel.axes.renderBrushes(key);
      this.reselect();
    };
    return h("button", { class: "chip", title: `Remove the brush on ${axis.name}`, on: { click: remove } }, h("b", {}, axis.name), ` ${words}`, h("span", { "aria-hidden": "true" }, " ×"));
  }

  drawHead() {
    const { model, connection } = this;
    const { header, status, reason, best } = model;
    if (!this.head.firstChild) {
      const part = (name, tag = "span") => (this[name] = h(tag, { class: name }));
      show(
        this.head,
        this.server ? h("nav", { "aria-label": "Where this is" }, h("a", { href: "#" }, "Sweeps")) : null,
        h("div", { class: "title" }, h("h1", { title: header.name }, header.name), part("status"), part("buttons")),
        header.description ? h("p", {}, header.description) : null,
        part("facts", "dl"),
      );
    }
    keep(this.status, [status, reason, connection], () => [
      badge(status),
      reason && reason !== status ? h("span", { class: "quiet" }, ` ${reason} `) : null,
      connection === "lost" ? h("span", { class: "fault" }, "connection lost, trying again") : connection ? h("span", { class: "live" }, "live") : null,
    ]);
    const actions = this.role === "admin" && this.server ? [...(ALLOWED[status] ?? []), "budget", "enqueue"] : [];
    keep(this.buttons, actions, () => actions.map((action) => h("button", { "data-action": action, on: { click: () => this.act(action) } }, ACTIONS[action][0])));
    const facts = [
      model.lacksMetric ? ["Metric", "none is named"] : [`Best ${header.metric}`, best ? `${number(best.value, 5)} trial ${best.number}` : "–"],
      ["Trials", `${model.ended} ${model.total}`],
      ["Running", String(model.counts.get("running") ?? 0)],
      ["Strategy", [header.strategy, header.early_terminate].filter(Boolean).join(" + ")],
      ["Started", ago(header.created_at)],
    ];
    keep(this.facts, facts, () => {
      const shown = [best ? h("button", { class: "link big", on: { click: () => this.pin(model.best.number) } }, number(best.value, 5), h("small", {}, ` trial ${best.number}`)) : null, progress(model.ended, model.total)];
      return facts.map(([name, text], i) => h("div", {}, h("dt", {}, name), h("dd", {}, shown[i] ?? text)));
    });
    this.facts.title = countsText(model.counts);
  }

  drawTools() {
    const { model, view } = this;
    const key = [[...model.counts], [...view.states], view.top, view.colours, view.axes, [...view.brushes.keys()], model.axes.length];
    if (!this.tools.contains(document.activeElement) || !document.activeElement.matches("select, input")) keep(this.tools, key, () => this.toolItems());
  }

  toolItems() {
    const { model, view } = this;
    const open = this.tools.querySelector("details[open]")?.dataset.key;
    const states = [...model.counts].map(([state, n]) => {
      const on = view.states.has(state);
      const click = () => (on ? view.states.delete(state) : view.states.add(state), this.rearrange());
      return h("button", { class: `toggle state-${state}`, "aria-pressed": String(on), on: { click } }, `${WORDS[state] ?? state} ${n}`);
    });
    const tops = ["", 10, 50, 100].map((n) => h("option", { value: n, selected: String(n) === String(view.top ?? "") }, n ? `best ${n}` : "all"));
    const top = h("select", { "aria-label": "How many", on: { change: (e) => ((view.top = Number(e.target.value) || null), e.target.blur(), this.reselect()) } }, ...tops);
    const colours = h(
      "select",
      { "aria-label": "Colours", on: { change: (e) => ((view.colours = e.target.value), e.target.blur(), this.rearrange()) } },
      ...COLOUR_SCALES.map((name) => h("option", { value: name, selected: name === view.colours }, name)),
    );
    const reset = view.brushes.size || view.top ? h("button", { on: { click: () => (view.brushes.clear(), (view.top = null), this.rearrange()) } }, "Show all") : null;
    const here = [...view.brushes.keys()].some((key) => model.axis(key)?.parameter);
    const search = here && this.server && this.role === "admin" ? h("button", { "data-action": "search", on: { click: () => this.searchHere() } }, "Search here") : null;
    return [h("span", { class: "toggles", role: "group", "aria-label": "States" }, ...states), model.lacksMetric ? null : top, colours, this.axesMenu(open), this.exportMenu(), search, reset];
  }

  axesMenu(open) {
    const { model, view } = this;
    const boxes = model.axes.map((axis) => {
      const box = h("input", { type: "checkbox" });
      box.checked = view.axes.includes(axis.key);
      box.addEventListener("change", () => {
        const objective = view.axes.indexOf(model.objective.key);
        if (!box.checked) view.axes = view.axes.filter((key) => key !== axis.key);
        else view.axes.splice(objective < 0 ? view.axes.length : objective, 0, axis.key);
        box.blur();
        this.rearrange();
      });
      return h("label", { class: "item" }, box, axis.name, h("small", {}, axis.parameter ? "" : axis.fact ? " of the trial" : " metric"));
    });
    return h("details", { class: "drop", "data-key": "axes", open: open === "axes" }, h("summary", {}, "Axes"), h("div", { class: "menu" }, ...boxes));
  }

  exportMenu() {
    const item = (label, work) => h("button", { class: "item", on: { click: (e) => (e.target.closest("details").removeAttribute("open"), work()) } }, label);
    const data = () => records(this.model, this.rows);
    const title = this.model.header.name;
    return h(
      "details",
      { class: "drop", "data-key": "export" },
      h("summary", {}, "Export"),
      h(
        "div",
        { class: "menu" },
        item("Selected trials as CSV", () => save(fileName(this.model, "csv"), toCsv(data()), "text/csv")),
        item("Selected trials as JSON", () => save(fileName(this.model, "json"), toJson(data()), "application/json")),
        item("Picture as PNG", async () => save(fileName(this.model, "png"), await toPng(toSvg(this.parallel, title)))),
        item("Picture as SVG", () => save(fileName(this.model, "svg"), toSvg(this.parallel, title), "image/svg+xml")),
      ),
    );
  }

  drawTabs() {
    const others = panels(this.model, this.report, { detail: (n) => this.detail(n), show: (n) => this.pin(n) });
    const all = [{ key: "trials", title: "Trials" }, ...others];
    const key = (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      const at = all.findIndex((panel) => panel.key === this.tab);
      this.tab = all[(at + by + all.length) % all.length].key;
      this.drawTabs();
      this.tabs.querySelector("[aria-selected=true]").focus();
    };
    const focused = this.tabs.contains(document.activeElement);
    const tab = (panel) =>
      h("button", { role: "tab", "data-tab": panel.key, "aria-selected": String(panel.key === this.tab), tabindex: panel.key === this.tab ? 0 : -1, on: { click: () => ((this.tab = panel.key), this.drawTabs()), keydown: key } }, panel.title);
    this.tabs.setAttribute("role", "tablist");
    keep(this.tabs, [all.map((panel) => panel.title), this.tab], () => all.map(tab));
    if (focused) this.tabs.querySelector("[aria-selected=true]")?.focus();
    const open = others.find((panel) => panel.key === this.tab);
    if (!open) this.drawTable();
    else if (this.openTab !== open.key || !this.panel_.querySelector("details[open]")) show(this.panel_, ...open.content());
    this.openTab = this.tab;
  }

  drawTable() {
    if (this.tab !== "trials") return;
    this.table.draw(this.rows);
    if (this.table.element.parentElement !== this.panel_) show(this.panel_, this.table.element, this.table.note);
  }

  /** A chart, as the server makes it, or as it is in the report. */
  async chart(kind, options) {
    if (this.report) return this.report.charts[kind];
    const query = new URLSearchParams(options);
    return this.server.ask(`/sweeps/${this.model.header.id}/charts/${kind}${query.size ? `?${query}` : ""}`);
  }

  // --- one trial -------------------------------------------------------------------------------------------------

  pin(n, remember = true) {
    this.view.pin = n >= 0 ? n : null;
    this.parallel.paintTop();
    if (this.gallery.look) this.gallery.draw({ ...this.gallery.look, pinned: this.view.pin });
    this.drawCard();
    this.drawTable();
    if (remember) this.remember();
  }

  async detail(n) {
    if (this.report) return { error: this.report.errors[n] ?? "", attempts: [] };
    if (!this.details.has(n)) this.details.set(n, await this.server.ask(`/sweeps/${this.model.header.id}/trials/${n}`));
    return this.details.get(n);
  }

  async drawCard() {
    const n = this.view.pin;
    const row = n === null ? null : this.model.rows[n];
    if (!row) return void show(this.card);
    const draw = (detail) => this.view.pin === n && show(this.card, trialCard(this.model, this.model.rows[n], detail, this.trialButtons(row), () => this.pin(-1)));
    draw(this.details.get(n));
    draw(await this.detail(n).catch(() => null));
    return undefined;
  }

  trialButtons(row) {
    if (this.role !== "admin" || !this.server) return [];
    const path = `/sweeps/${this.model.header.id}/trials/${row.number}`;
    const button = (label, title, words, action) =>
      h("button", { on: { click: () => confirm(title, words, label, () => this.server.ask(`${path}/${action}`, "POST", {})) } }, label);
    const out = [h("button", { on: { click: () => this.enqueue(row) } }, "Again, with changes")];
    if (["running", "waiting", "paused"].includes(row.state)) out.push(button("Cancel", `Cancel trial ${row.number}?`, "It is ended now, and its result does not count.", "cancel"));
    if (["failed", "cancelled"].includes(row.state)) out.push(button("Retry", `Try trial ${row.number} again?`, "It starts from scratch with the same parameters.", "retry"));
    return out;
  }

  // --- changing --------------------------------------------------------------------------------------------------

  act(action) {
    if (action === "budget") return this.changeBudget();
    return action === "enqueue" ? this.enqueue(this.model.best) : this.control(action);
  }

  control(action) {
    const [verb, words] = ACTIONS[action];
    const act = () => this.server.ask(`/sweeps/${this.model.header.id}/status`, "POST", { action });
    return confirm(`${verb} ${this.model.header.name}?`, words, verb, act);
  }

  changeBudget() {
    const { model } = this;
    const words = "How many trials there may be in all. A finished sweep goes on where that leaves room, once an agent is there.";
    const act = ({ trials }) => this.server.ask(`/sweeps/${model.header.id}/limits`, "POST", { trials: Number(trials) });
    return form("Change the budget", words, [["trials", "Trials in all", "number", model.total ?? model.size + 30]], "Change", act);
  }

  /** A new sweep whose space is what is brushed, and which knows the trials that lie in it. */
  searchHere() {
    const { model, view } = this;
    const ranges = {};
    for (const [key, brush] of view.brushes) {
      const axis = model.axis(key);
      if (axis.parameter && brush.ranges.length) ranges[key] = span(axis, brush.ranges);
    }
    const act = async ({ name, trials }) => {
      const made = await this.server.ask(`/sweeps/${model.header.id}/search`, "POST", { name, trials: Number(trials), ranges });
      location.hash = new URLSearchParams({ sweep: made.name });
    };
    const words = "A new sweep searches the ranges that are brushed; it knows the finished trials in them. Start its agents with hyperopt-core agent NAME.";
    const fields = [["name", "Its name", "text", `${model.header.name}-here`], ["trials", "New trials", "number", 30]];
    return form("Search here", words, fields, "Begin", act);
  }

  enqueue(row) {
    return enqueue(this.model, row, (params) => this.server.ask(`/sweeps/${this.model.header.id}/trials`, "POST", { params }));
  }

  setConnection(state) {
    if (this.connection === state) return;
    this.connection = state;
    this.drawHead();
  }

  /** Keep the view in the address. */
  remember() {
    clearTimeout(this.writing);
    this.writing = setTimeout(() => history.replaceState(null, "", `#${encodeView(this.model, this.view)}`), 120);
  }

  close() {
    clearTimeout(this.writing);
    clearTimeout(this.soon);
    this.gallery.close();
  }
}

/** The least range that holds some ranges of an axis, or the choices in them. */
function span(axis, ranges) {
  const within = (value) => ranges.some(([low, high]) => (low === null || value >= low) && (high === null || value <= high));
  if (axis.kind === "category") return { choices: axis.levels.filter((_, k) => within(k)) };
  const end = (values, pick) => (values.includes(null) ? null : pick(...values));
  return { low: end(ranges.map(([low]) => low), Math.min), high: end(ranges.map(([, high]) => high), Math.max) };
}
