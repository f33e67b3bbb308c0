// From the address to a page: all sweeps, one sweep, or, in a report, the sweep that is in the file.

import { h, show } from "./dom.js";
import { sweepList } from "./list.js";
import { Model } from "./model.js";
import { ask, follow, Refused } from "./net.js";
import { SweepPage } from "./sweep.js";

const root = document.getElementById("page");
let leave = () => {};
let shown = null; // the sweep on the page

async function start() {
  const data = document.getElementById("data");
  if (data) return void openReport(JSON.parse(data.textContent));
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get("token");
  if (token !== null) {
    given.delete("token");
    history.replaceState(null, "", given.size ? `#${given}` : location.pathname);
    try {
      await ask("/session", "POST", { token });
    } catch (error) {
      return void askToken(error.message);
    }
  }
  addEventListener("hashchange", route);
  return route();
}

function openReport({ sweep, changes, curves, charts, report }) {
  const model = new Model(sweep, changes);
  model.addCurves(curves);
  return new SweepPage(root, model, location.hash.slice(1), { report: { ...report, charts } });
}

async function route() {
  const hash = location.hash.slice(1);
  const name = new URLSearchParams(hash).get("sweep");
  if (new URLSearchParams(hash).has("token")) return void location.reload();
  leave();
  leave = () => {};
  shown = name;
  if (name === null) return void (leave = sweepList(root, refused));
  show(root, h("p", { class: "quiet" }, "Loading …"));
  try {
    const { sweep, changes, role } = await ask(`/sweep?${new URLSearchParams({ name })}`);
    if (shown === name) openSweep(sweep, changes, role, hash);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (refused(error)) return undefined;
    show(root, h("header", { class: "top" }, h("h1", {}, "There is no such page")), h("p", {}, error.message), h("p", {}, h("a", { href: "#" }, "All sweeps")));
    if (error.status === 0) setTimeout(route, 2000);
  }
  return undefined;
}

function openSweep(sweep, changes, role, hash) {
  const model = new Model(sweep, changes);
  const page = new SweepPage(root, model, hash, { server: { ask }, role });
  const end = follow(sweep.id, changes.seq, (more) => page.apply(more), (state) => page.setConnection(state), refused);
  leave = () => {
    end();
    page.close();
  };
  ask(`/sweeps/${sweep.id}/curves`).then(({ curves }) => page.addCurves(curves), () => {});
}

/** Ask for a token where that is what is missing; returns whether it is. */
function refused(error) {
  if (error.status !== 401) return false;
  leave();
  leave = () => {};
  askToken("");
  return true;
}

function askToken(fault) {
  const input = h("input", { type: "password", name: "token", required: true, autocomplete: "off", "aria-label": "Token" });
  const submit = async (event) => {
    event.preventDefault();
    try {
      await ask("/session", "POST", { token: input.value.trim() });
      route();
      addEventListener("hashchange", route);
    } catch (error) {
      askToken(error.message);
    }
  };
  show(
    root,
    h("header", { class: "top" }, h("h1", {}, "A token is needed")),
    h("p", {}, "hyperopt-core dashboard opens this page with one; hyperopt-core token create NAME makes more."),
    h("form", { class: "token", on: { submit } }, input, h("button", { class: "primary" }, "Open")),
    h("p", { class: "fault", role: "alert" }, fault),
  );
  input.focus();
}

start();
