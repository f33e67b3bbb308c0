// A sweep in the browser: rows by trial number, and a column of numbers for each axis.

const STATES = ["proposing", "waiting", "running", "paused", "completed", "stopped", "failed", "cancelled"];
export const DRAWN_STATES = ["completed", "stopped", "paused", "running"];
export const WORDS = { stopped: "stopped early" };

export class Model {
  /** header, changes: as the server sends them. */
  constructor(header, changes) {
    this.header = header;
    this.rows = [];
    this.curves = new Map(); // number -> {since, steps, values}
    this.columns = new Map(); // key -> Float64Array, at least as long as rows
    this.metrics = new Set();
    this.strategies = [];
    this.parameters = header.axes.map((axis, i) => parameterAxis(axis, i));
    this.apply(changes);
  }

  /** Take in what changed; returns the numbers of the trials that did. */
  apply(changes) {
    const { status, reason, seq, held } = changes;
    Object.assign(this, { status, reason, seq, held, total: changes.total ?? null });
    const changed = new Set();
    for (const row of changes.rows) {
      this.rows[row.number] = row;
      changed.add(row.number);
      for (const name of Object.keys(row.metrics)) this.metrics.add(name);
      if (row.strategy && !this.strategies.includes(row.strategy)) this.strategies.push(row.strategy);
    }
    for (let i = 0; i < this.rows.length; i += 1) this.rows[i] ??= { number: i, state: "proposing", params: [], metrics: {} };
    for (const [number, attempt, step, value] of changes.points ?? []) {
      this.addPoint(number, attempt, step, value);
      changed.add(number);
    }
    this.refresh(changed);
    return changed;
  }

  /** Take in all curves: {number: [steps, values]}. */
  addCurves(curves) {
    for (const [number, [steps, values]] of Object.entries(curves)) {
      const known = this.curves.get(Number(number));
      const since = this.rows[number]?.since ?? 1;
      if (known && known.since === since && known.steps.length > steps.length) continue;
      this.curves.set(Number(number), { since, steps, values });
    }
    this.refresh(this.rows.filter((row) => row.state === "running").map((row) => row.number)); // their value is where they stand
  }

  addPoint(number, attempt, step, value) {
    const since = this.rows[number]?.since ?? 1;
    if (attempt < since) return;
    let curve = this.curves.get(number);
    if (!curve || curve.since !== since) this.curves.set(number, (curve = { since, steps: [], values: [] }));
    const at = curve.steps.lastIndexOf(step);
    if (at >= 0) curve.values[at] = value;
    else {
      curve.steps.push(step);
      curve.values.push(value);
    }
  }

  get size() {
    return this.rows.length;
  }

  get sign() {
    return this.header.goal === "maximize" ? -1 : 1;
  }

  /** The objective of a row: its result, or where its training stands. */
  valueOf(row) {
    if (row.value !== null && row.value !== undefined) return row.value;
    const known = row.metrics[this.header.metric];
    if (known !== undefined && known !== null) return known;
    const curve = row.state === "running" ? this.curves.get(row.number) : null;
    return curve?.values.at(-1) ?? NaN;
  }

  /** The best completed row; one stopped early only where none is completed. */
  get best() {
    for (const state of ["completed", "stopped", "paused"]) {
      let best = null;
      for (const row of this.rows)
        if (row.state === state && row.value !== null && row.value !== undefined && (best === null || this.sign * row.value < this.sign * best.value))
          best = row;
      if (best) return best;
    }
    return null;
  }

  /** Whether nothing tells which trial is better: the sweep names no metric, and those completed are without a value. */
  get lacksMetric() {
    const none = (row) => row.value === null || row.value === undefined;
    return !this.header.required && this.rows.some((row) => row.state === "completed") && this.rows.every(none);
  }

  /** State -> how many trials are in it, in the order of a trial's life. */
  get counts() {
    const counts = new Map(STATES.map((state) => [state, 0]));
    for (const row of this.rows) counts.set(row.state, counts.get(row.state) + 1);
    return new Map([...counts].filter(([, n]) => n));
  }

  get ended() {
    return this.rows.filter((row) => ["completed", "stopped", "failed", "cancelled"].includes(row.state)).length;
  }

  /** All axes there are: parameters, the objective, other metrics, facts. */
  get axes() {
    const taken = new Set(this.parameters.map((axis) => axis.key));
    const free = (name, prefix) => (taken.has(name) ? `${prefix}.${name}` : name);
    const { metric, goal } = this.header;
    const metrics = [...this.metrics].filter((name) => name !== metric);
    const objective = { key: free(metric, "metrics"), name: metric, kind: "number", objective: true, goal, read: (row) => this.valueOf(row) };
    const others = metrics.map((name) => ({ key: free(name, "metrics"), name, kind: "number", low: null, read: (row) => row.metrics[name] ?? NaN }));
    for (const axis of [objective, ...others]) taken.add(axis.key);
    const facts = [
      { name: "number", kind: "number", low: null, read: (row) => row.number },
      { name: "state", kind: "category", labels: STATES, read: (row) => STATES.indexOf(row.state) },
      { name: "seconds", kind: "number", low: null, read: (row) => (row.ended && row.started ? row.ended - row.started : NaN) },
      { name: "strategy", kind: "category", labels: this.strategies, read: (row) => this.strategies.indexOf(row.strategy) },
    ].map((fact) => ({ ...fact, key: free(fact.name, "trial"), fact: true }));
    return [...this.parameters, objective, ...others, ...facts];
  }

  get objective() {
    return this.axes.find((axis) => axis.objective);
  }

  axis(key) {
    return this.axes.find((axis) => axis.key === key);
  }

  /** The numbers of an axis, one a trial; NaN where a trial has none. Do not change it. */
  column(axis) {
    let column = this.columns.get(axis.key);
    if (!column) {
      column = new Float64Array(Math.max(256, this.size * 2)).fill(NaN);
      for (const row of this.rows) column[row.number] = axis.read(row) ?? NaN;
      this.columns.set(axis.key, column);
    }
    return column.subarray(0, this.size);
  }

  refresh(changed) {
    for (const axis of this.axes) {
      let column = this.columns.get(axis.key);
      if (!column) continue;
      if (column.length < this.size) {
        const grown = new Float64Array(this.size * 2).fill(NaN);
        grown.set(column);
        this.columns.set(axis.key, (column = grown));
      }
      for (const number of changed) if (this.rows[number]) column[number] = axis.read(this.rows[number]) ?? NaN;
    }
  }

  /** What a row has on an axis, in words. */
  text(axis, row, say) {
    const value = axis.read(row);
    if (value === undefined || value === null || Number.isNaN(value)) return "";
    return axis.kind === "category" ? (axis.labels[value] ?? "") : say(value);
  }

  /** What a row has on an axis, for programs: null where it has nothing. */
  plain(axis, row) {
    const value = axis.read(row);
    if (value === undefined || value === null || Number.isNaN(value)) return null;
    if (axis.kind !== "category") return value;
    return axis.levels ? axis.levels[value] : (axis.labels[value] ?? null);
  }
}

/** Numbers as choices ascend; other choices keep their order. */
function parameterAxis(axis, i) {
  const out = { ...axis, key: axis.name, parameter: true, read: (row) => row.params[i] };
  if (!axis.ordered) return out;
  const order = axis.levels.map((_, k) => k).sort((a, b) => axis.levels[a] - axis.levels[b]);
  const rank = [];
  order.forEach((k, r) => (rank[k] = r));
  const read = (row) => (row.params[i] === null || row.params[i] === undefined ? NaN : rank[row.params[i]]);
  return { ...out, labels: order.map((k) => axis.labels[k]), levels: order.map((k) => axis.levels[k]), read };
}
