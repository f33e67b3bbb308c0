// The names above the axes: drag one to move its axis, open it for the rest.

import { h, keep, shorten } from "./dom.js";
import { rangeText } from "./axes.js";

const NAME_FONT = "600 12px system-ui, sans-serif";

export class Headers {
  /** root: the element that holds the names. changed(): axes were moved, flipped, hidden; brushed(key): a range was typed. */
  constructor(root, changed, brushed) {
    Object.assign(this, { root, changed, brushed, menu: null, dragging: null });
    addEventListener("pointerdown", (event) => {
      if (this.menu && !this.menu.contains(event.target)) this.close();
    });
  }

  render(plot, view) {
    Object.assign(this, { plot, view });
    const focused = document.activeElement?.dataset?.name;
    const key = plot.axes.map((axis, i) => [axis.key, plot.xs[i], plot.scales[i].log]);
    keep(this.root, [key, plot.width], () => [...plot.axes.map((axis, i) => this.name(axis, i)), this.menu]);
    if (focused) [...this.root.children].find((name) => name.dataset.name === focused)?.focus({ preventScroll: true });
  }

  name(axis, i) {
    const { plot } = this;
    const better = axis.objective ? (axis.goal === "minimize" ? "lower is better" : "higher is better") : null;
    const marks = [plot.scales[i].log ? "log" : "", better ? (axis.goal === "minimize" ? "↓ better" : "↑ better") : ""].filter(Boolean).join(" · ");
    const room = Math.min(plot.gap - 4, 2 * plot.xs[i] - 8, 2 * (plot.width - plot.xs[i]) - 8);
    const name = h(
      "button",
      {
        class: axis.objective ? "axis-name objective" : "axis-name",
        "data-name": axis.key,
        title: `${axis.name}${better ? `: ${better}` : ""}. Drag to move, click for more`,
        "aria-haspopup": "dialog",
        on: {
          click: () => (this.moved ? (this.moved = false) : this.open(axis, i)),
          pointerdown: (event) => this.drag(event, axis.key),
          keydown: (event) => {
            const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
            if (!by || !event.shiftKey) return;
            event.preventDefault();
            this.move(axis.key, this.view.axes.indexOf(axis.key) + by);
          },
        },
      },
      h("span", {}, shorten(axis.name, room - 10, NAME_FONT)),
      h("small", {}, marks || "\u00a0"),
    );
    name.style.left = `${plot.xs[i]}px`;
    name.style.maxWidth = `${room}px`;
    return name;
  }

  /** Put an axis at a place among the visible ones. */
  move(key, to) {
    const axes = this.view.axes.filter((other) => other !== key);
    axes.splice(Math.min(Math.max(to, 0), axes.length), 0, key);
    if (axes.join("\n") === this.view.axes.join("\n")) return;
    this.view.axes = axes;
    this.changed();
  }

  drag(event, key) {
    if (event.button) return;
    const start = event.clientX;
    this.moved = false;
    const drag = (e) => {
      if (!this.moved && Math.abs(e.clientX - start) < 6) return;
      this.moved = true;
      this.close();
      const x = e.clientX - this.root.getBoundingClientRect().left;
      this.root.classList.add("moving");
      this.move(key, Math.round((x - this.plot.xs[0]) / this.plot.gap));
    };
    const end = () => {
      this.root.classList.remove("moving");
      for (const name of ["pointerup", "pointercancel"]) removeEventListener(name, end);
      removeEventListener("pointermove", drag);
      setTimeout(() => (this.moved = false)); // after the click that ends a drag
    };
    addEventListener("pointermove", drag);
    for (const name of ["pointerup", "pointercancel"]) addEventListener(name, end);
  }

  close() {
    this.menu?.remove();
    this.menu = null;
  }

  open(axis, i) {
    const was = this.menu?.dataset.key;
    this.close();
    if (was === axis.key) return;
    const { view, plot } = this;
    const at = plot.axes.findIndex((other) => other.key === axis.key);
    const act = (label, work, on = null) =>
      h("button", { class: "item", "aria-pressed": on === null ? null : String(on), on: { click: () => (this.close(), work(), this.changed()) } }, label);
    const toggle = (set, key) => (set.has(key) ? set.delete(key) : set.add(key));
    const scale = plot.scales[at];
    const items = [
      h("strong", {}, axis.name),
      this.ranges(axis, scale),
      act("Flip", () => toggle(view.flip, axis.key), view.flip.has(axis.key)),
      axis.kind === "number" && (scale.log || scale.low > 0) ? act("Logarithmic", () => view.log.set(axis.key, !scale.log), scale.log) : null,
      at > 0 ? act("Move left", () => this.move(axis.key, at - 1)) : null,
      at < plot.axes.length - 1 ? act("Move right", () => this.move(axis.key, at + 1)) : null,
      view.brushes.has(axis.key) ? act("Remove brushes", () => view.brushes.delete(axis.key)) : null,
      plot.axes.length > 1 ? act("Hide axis", () => (view.axes = view.axes.filter((key) => key !== axis.key))) : null,
    ];
    this.menu = h(
      "div",
      { class: "menu", role: "dialog", "aria-label": `Axis ${axis.name}`, "data-key": axis.key, on: { keydown: (e) => e.key === "Escape" && this.escape(axis.key) } },
      ...items,
    );
    this.menu.style.left = `${Math.max(Math.min(plot.xs[at] - 40, plot.width - 216), 4)}px`;
    this.root.append(this.menu);
    this.menu.querySelector("input, button")?.focus({ preventScroll: true });
  }

  escape(key) {
    this.close();
    [...this.root.children].find((name) => name.dataset.name === key)?.focus();
  }

  /** What to show of an axis, typed: from and to, or its choices. */
  ranges(axis, scale) {
    const brush = this.view.brushes.get(axis.key) ?? { ranges: [], unset: false };
    const set = (ranges, unset = brush.unset) => {
      if (ranges.length || unset) this.view.brushes.set(axis.key, { ranges, unset });
      else this.view.brushes.delete(axis.key);
      Object.assign(brush, { ranges, unset });
      this.brushed(axis.key);
    };
    if (scale.labels) {
      const within = (k) => brush.ranges.some(([low, high]) => (low === null || k >= low) && (high === null || k <= high));
      const boxes = scale.labels.slice(0, 30).map((label, k) => {
        const box = h("input", { type: "checkbox" });
        box.checked = within(k);
        box.addEventListener("change", () => {
          const on = scale.labels.map((_, j) => (j === k ? box.checked : within(j)));
          set(joined(on));
        });
        return h("label", {}, box, rangeText(scale, k, k));
      });
      return h("fieldset", {}, h("legend", {}, "Only"), ...boxes);
    }
    const [low, high] = brush.ranges[0] ?? [null, null];
    const field = (label, value) => h("label", {}, `${label} `, h("input", { type: "number", step: "any", value: value ?? "" }));
    const [from, to] = [field("from", low), field("to", high)];
    const read = (label) => (label.lastChild.value === "" ? null : Number(label.lastChild.value));
    const typed = () => {
      const range = [read(from), read(to)];
      set([...(range.some((end) => end !== null) ? [range] : []), ...brush.ranges.slice(1)]);
    };
    for (const label of [from, to]) label.lastChild.addEventListener("change", typed);
    return h("fieldset", {}, h("legend", {}, "Only"), from, to);
  }
}

/** Choices that are ticked as ranges of neighbours, open at the ends of the axis. */
function joined(on) {
  const ranges = [];
  for (let k = 0; k < on.length; k += 1) {
    if (!on[k]) continue;
    const first = k;
    while (on[k + 1]) k += 1;
    ranges.push([first - 0.5, k + 0.5]);
  }
  return ranges;
}
