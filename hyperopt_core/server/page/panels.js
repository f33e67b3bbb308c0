// What is behind the picture: agents, failures, early stops, origins, the configuration, one trial.

import { h } from "./dom.js";
import { counted, duration, number, when } from "./format.js";
import { WORDS } from "./model.js";

const MOST_LISTED = 100;

function table(head, rows) {
  if (!rows.length) return null;
  const body = rows.slice(0, MOST_LISTED).map((row) => h("tr", {}, ...row.map((cell) => h("td", { title: String(cell).length > 60 ? cell : null }, cell))));
  const rest = rows.length > MOST_LISTED ? h("p", { class: "quiet" }, `and ${rows.length - MOST_LISTED} more`) : null;
  return [h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": head[0] }, h("table", {}, h("thead", {}, h("tr", {}, ...head.map((name) => h("th", { scope: "col" }, name)))), h("tbody", {}, ...body))), rest];
}

/** The tabs below the picture: [{key, title, content()}]; those without anything to show are left out. */
export function panels(model, report, pinned) {
  const failed = model.rows.filter((row) => row.error || row.state === "failed");
  const stopped = model.rows.filter((row) => row.state === "stopped");
  const held = model.held ?? [];
  const all = [
    { key: "agents", title: `Agents (${held.length})`, content: () => agents(model, held), live: true },
    { key: "failures", title: `Failures (${failed.length})`, content: () => failures(failed, pinned, report?.errors) },
    { key: "stops", title: `Early stops (${stopped.length})`, content: () => stops(model, stopped, pinned) },
    { key: "origins", title: "Origins", content: () => origins(model) },
    { key: "config", title: "Configuration", content: () => [h("pre", { tabindex: 0 }, model.header.config)] },
    ...(report ? [{ key: "again", title: "How to reproduce", content: () => reproduce(report) }] : []),
  ];
  return all.filter((panel) => !(report && panel.live));
}

function agents(model, held) {
  const now = Date.now() / 1000;
  const rows = held.map((h_) => {
    const row = model.rows[h_.number];
    const curve = model.curves.get(h_.number);
    return [h_.host || "–", String(h_.pid || "–"), h_.owner, `trial ${h_.number}`, row?.started ? duration(now - row.started) : "–", curve ? `step ${number(curve.steps.at(-1))}` : "–", row ? number(model.valueOf(row)) : "–"];
  });
  return table(["Host", "Process", "Agent", "At work on", "Since", "Reported", model.header.metric], rows) ?? [h("p", { class: "quiet" }, "No agent is at work.")];
}

function failures(failed, pinned, errors) {
  if (!failed.length) return [h("p", { class: "quiet" }, "No trial has failed.")];
  return failed.slice(0, MOST_LISTED).map((row) => {
    const full = h("div", {});
    const open = async () => {
      if (full.childElementCount) return;
      const error = errors ? errors[row.number] : (await pinned.detail(row.number)).error;
      full.replaceChildren(h("pre", { tabindex: 0 }, error || "no error was recorded"));
    };
    const title = h("summary", {}, h("strong", {}, `Trial ${row.number}`), ` ${row.state} `, h("span", { class: "quiet" }, row.error ?? row.reason ?? ""));
    return h("details", { on: { toggle: (event) => event.target.open && open() } }, title, full);
  });
}

function stops(model, stopped, pinned) {
  const rows = stopped.map((row) => {
    const curve = model.curves.get(row.number);
    return [h("button", { class: "link", on: { click: () => pinned.show(row.number) } }, `trial ${row.number}`), curve ? number(curve.steps.at(-1)) : "–", number(model.valueOf(row)), row.reason ?? "–"];
  });
  return table(["Stopped", "at step", model.header.metric, "because"], rows) ?? [h("p", { class: "quiet" }, "No trial was stopped early.")];
}

function origins(model) {
  const groups = new Map();
  for (const row of model.rows) {
    if (!row.strategy) continue;
    const key = `${row.strategy}\n${(row.origin ?? "").replace(/\d+/g, "n")}`;
    const group = groups.get(key) ?? { row, trials: 0, best: NaN };
    const value = ["completed", "stopped"].includes(row.state) ? model.valueOf(row) : NaN;
    if (!Number.isNaN(value) && !(model.sign * value >= model.sign * group.best)) group.best = value;
    group.trials += 1;
    groups.set(key, group);
  }
  const rows = [...groups.values()].sort((a, b) => b.trials - a.trials).map((g) => [g.row.strategy, (g.row.origin ?? "–").replace(/\d+/g, "n"), String(g.trials), number(g.best)]);
  const head = ["Strategy", "Reason", "Trials", `Best ${model.header.metric}`].slice(0, model.lacksMetric ? 3 : 4);
  return table(head, rows.map((row) => row.slice(0, head.length))) ?? [h("p", { class: "quiet" }, "No trial yet.")];
}

function reproduce(report) {
  const facts = Object.entries(report.environment).map(([name, text]) => [h("dt", {}, name), h("dd", {}, text)]);
  return [h("h3", {}, "The same sweep again"), h("pre", { tabindex: 0 }, report.reproduce), h("h3", {}, "Where this report was made"), h("dl", {}, ...facts.flat())];
}

/** One trial: what it was, what became of it, and what can be done with it. */
export function trialCard(model, row, detail, buttons, close) {
  const axes = model.axes.filter((axis) => axis.parameter || (!axis.fact && !axis.objective));
  const facts = axes.map((axis) => [axis.name, model.text(axis, row, (v) => number(v, 6))]).filter(([, text]) => text);
  const { started, ended, reason, origin, strategy, owner } = row;
  const pairs = [
    ...(model.lacksMetric ? [] : [[model.header.metric, number(model.valueOf(row), 6)]]),
    ["state", WORDS[row.state] ?? row.state],
    ["reason", reason],
    ...facts,
    ["proposed by", [strategy, origin].filter(Boolean).join(": ")],
    ...Object.entries(row.details ?? {}).map(([name, value]) => [name, number(value)]),
    ["started", started ? when(started) : ""],
    ["took", ended && started ? duration(ended - started) : ""],
    ["agent", owner],
    ["attempt", row.attempt > 1 ? String(row.attempt) : ""],
  ].filter(([, text]) => text);
  const attempts = (detail?.attempts ?? []).filter((a) => a.note).map((a) => h("li", {}, `attempt ${a.attempt} on ${a.owner}: ${a.note}`));
  return h(
    "section",
    { class: "card", "aria-label": `Trial ${row.number}` },
    h("header", {}, h("h2", {}, `Trial ${row.number}`), h("button", { class: "close", "aria-label": "Close", on: { click: close } }, "×")),
    h("dl", {}, ...pairs.flatMap(([name, text]) => [h("dt", {}, name), h("dd", {}, text)])),
    attempts.length ? h("ul", {}, ...attempts) : null,
    detail?.error ? h("pre", { tabindex: 0 }, detail.error) : null,
    h("p", { class: "buttons" }, ...buttons),
  );
}

/** The counts of a sweep's trials in words. */
export function countsText(counts) {
  return [...counts].map(([state, n]) => `${n} ${WORDS[state] ?? state}`).join(", ") || counted(0, "trial");
}
