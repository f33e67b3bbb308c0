// Questions before anything is changed.

import { h } from "./dom.js";
import { number } from "./format.js";

/** Ask in a dialog; resolves to what `read()` gives, or null. */
function question(title, content, verb, read) {
  return new Promise((done) => {
    const fault = h("p", { class: "fault", role: "alert" });
    const close = (value) => {
      dialog.close();
      dialog.remove();
      done(value);
    };
    const form = h(
      "form",
      {
        method: "dialog",
        on: {
          submit: async (event) => {
            event.preventDefault();
            try {
              close((await read()) ?? true);
            } catch (error) {
              fault.textContent = error.message;
            }
          },
        },
      },
      h("h2", {}, title),
      ...content,
      fault,
      h("p", { class: "buttons" }, h("button", { type: "button", on: { click: () => close(null) } }, "Keep as it is"), h("button", { type: "submit", class: "primary" }, verb)),
    );
    const dialog = h("dialog", { on: { cancel: () => close(null) } }, form);
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Ask whether to go on; `act` does it, and what goes wrong is shown. */
export function confirm(title, words, verb, act) {
  return question(title, [h("p", {}, words)], verb, act);
}

/** Ask for a configuration, beginning with that of `row`; `act(params)` has it tried. */
export function enqueue(model, row, act) {
  const fields = model.parameters.map((axis) => field(model, axis, row));
  const content = [h("p", { class: "quiet" }, "It is tried next, beyond the limit on trials too. Leave empty what does not apply."), h("div", { class: "fields" }, ...fields.map((f) => f.label))];
  const read = async () => {
    const params = { ...model.header.constants };
    for (const { axis, value } of fields) if (value() !== undefined) params[axis.key] = value();
    return act(params);
  };
  return question("Try a configuration", content, "Try it", read);
}

/** Ask for some texts and numbers: fields [[name, label, type, value]]; `act({name: text})` takes them. */
export function form(title, words, fields, verb, act) {
  const inputs = fields.map(([, , type, value]) => h("input", { type, value, required: true }));
  const labels = fields.map(([, label], i) => h("label", {}, h("span", {}, label), inputs[i]));
  const read = () => act(Object.fromEntries(fields.map(([name], i) => [name, inputs[i].value])));
  return question(title, [h("p", { class: "quiet" }, words), h("div", { class: "fields" }, ...labels)], verb, read);
}

function field(model, axis, row) {
  const now = row ? model.plain(axis, row) : null;
  if (axis.kind === "category") {
    const choice = h("select", {}, h("option", { value: "" }, "not set"), ...axis.labels.map((label, i) => h("option", { value: i }, label)));
    const at = row ? axis.read(row) : 0;
    choice.value = at === null || at === undefined || Number.isNaN(at) ? "" : String(at);
    return { axis, label: h("label", {}, h("span", {}, axis.name), choice), value: () => (choice.value === "" ? undefined : axis.levels[Number(choice.value)]) };
  }
  const range = axis.low === null ? "" : ` (${number(axis.low)} to ${number(axis.high)})`;
  const input = h("input", { type: "number", step: "any", value: now ?? (row || axis.low === null ? "" : axis.low) });
  return { axis, label: h("label", {}, h("span", {}, axis.name, h("small", {}, range)), input), value: () => (input.value === "" ? undefined : Number(input.value)) };
}
