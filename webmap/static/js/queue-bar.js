/**
 * What can be done with the chosen tickets: one button for each move that any of them allows, a line for the reason
 * where one is needed, and what became of each.
 *
 * @typedef {import('./queue-list.js').Row} Row
 * @typedef {{action: string, title: string, key: string, needsReason: boolean, endsIt: boolean}} Action
 * @typedef {{done: number, refused: number, outcomes: Array<{number: string, isDone: boolean, said: string}>}} Answer
 */

import { byId, fill, make } from "./dom.js";
import { Refusal, sendForm } from "./server.js";

// So many outcomes are told one by one at once; the rest unfold.
const MOST_TOLD = 4;

/**
 * @param {any} config
 * @param {object} parts
 * @param {() => Row[]} parts.meant          the chosen tickets, or the one where one is
 * @param {() => number} parts.chosen        how many are chosen
 * @param {(answer: Answer) => void} parts.onDone
 * @param {() => void} parts.onBack          the keyboard goes back to the list
 * @param {(number: string) => void} parts.onNumber   a ticket among the outcomes is wanted
 */
export function deskBar(config, { meant, chosen, onDone, onBack, onNumber }) {
  const { texts, desk } = config;
  /** @type {Action[]} */
  const actions = desk.actions;
  const bar = byId("queue-actions");
  const form = /** @type {HTMLFormElement} */ (byId("queue-reason"));
  const reason = /** @type {HTMLInputElement} */ (byId("queue-reason-text"));
  const go = /** @type {HTMLButtonElement} */ (byId("queue-reason-go"));
  const result = byId("queue-result");
  let isBusy = false;
  /** @type {{action: Action, rows: Row[]}|null} what waits for its reason */
  let asked = null;

  const fitting = (action, rows) => rows.filter((row) => row.can.includes(action.action)).slice(0, desk.most);

  function refresh() {
    const rows = meant();
    const many = chosen();
    bar.hidden = rows.length === 0;
    const buttons = actions
      .map((action) => ({ action, fit: fitting(action, rows).length }))
      .filter(({ fit }) => fit > 0)
      .map(({ action, fit }) => button(action, fit, many > 1));
    const told = many > 0 ? fill(texts.deskChosen, { count: many }) : texts.deskThis;
    bar.replaceChildren(make("span", { class: "quiet small" }, told), ...buttons);
  }

  function button(action, fit, isCounted) {
    const one = make(
      "button",
      { type: "button", class: action.endsIt ? "ends" : "", "aria-keyshortcuts": action.key, disabled: isBusy },
      make("span", {}, action.title),
      isCounted && make("span", { class: "number" }, String(fit)),
      make("kbd", { "aria-hidden": "true" }, action.key.toUpperCase())
    );
    one.addEventListener("click", () => act(action.action));
    return one;
  }

  /** @param {string} name @param {Row[]} [rows] those that are meant instead */
  function act(name, rows = meant()) {
    const action = actions.find((one) => one.action === name);
    const fit = action ? fitting(action, rows) : [];
    if (!action || isBusy || fit.length === 0) return;
    if (!action.needsReason) send(action, fit, "");
    else askReason(action, fit);
  }

  function askReason(action, rows) {
    asked = { action, rows };
    form.hidden = false;
    result.hidden = true;
    byId("queue-reason-label").textContent = fill(texts.deskReason, { count: rows.length, action: action.title });
    go.textContent = fill(texts.deskGo, { action: action.title, count: rows.length });
    go.classList.toggle("ends", action.endsIt);
    reason.value = "";
    reason.focus();
  }

  function stopAsking() {
    asked = null;
    form.hidden = true;
    onBack();
  }

  async function send(action, rows, why) {
    isBusy = true;
    refresh();
    tell(make("span", {}, texts.deskWorking));
    const body = new FormData();
    body.set("action", action.action);
    if (why) body.set("reason", why);
    for (const row of rows) body.append("number", row.number);
    try {
      const answer = /** @type {Answer} */ (await sendForm(desk.moveUrl, body, desk.token));
      report(answer);
      onDone(answer);
    } catch (error) {
      tell(make("span", { class: "wrong-word" }, error instanceof Refusal ? error.message : texts.deskNoAnswer));
    } finally {
      isBusy = false;
      refresh();
    }
  }

  /** @param {Answer} answer */
  function report({ done, refused, outcomes }) {
    const sums = [done > 0 && fill(texts.deskDone, { count: done }), refused > 0 && fill(texts.deskRefused, { count: refused })];
    const head = make("strong", {}, sums.filter(Boolean).join(texts.divider));
    // what was not done is to be read first
    const ordered = [...outcomes].sort((a, b) => Number(a.isDone) - Number(b.isDone));
    const lines = ordered.map(outcome);
    const shown = make("ul", { class: "outcomes" }, ...lines.slice(0, MOST_TOLD));
    const rest = lines.slice(MOST_TOLD);
    const folded = rest.length > 0 && make("details", {}, make("summary", {}, fill(texts.deskRest, { count: rest.length })), make("ul", { class: "outcomes" }, ...rest));
    const close = make("button", { type: "button", class: "plain" }, texts.hide);
    close.addEventListener("click", () => {
      result.hidden = true;
      onBack();
    });
    tell(make("div", { class: "head-line" }, head, close), shown, folded || "");
  }

  function outcome({ number, isDone, said }) {
    const link = make("button", { type: "button", class: "plain number" }, number);
    link.addEventListener("click", () => onNumber(number));
    return make("li", {}, link, make("span", { class: isDone ? "due ontime" : "due late" }, said));
  }

  function tell(...pieces) {
    result.replaceChildren(...pieces);
    result.hidden = false;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const why = reason.value.trim();
    if (!asked || !why) return;
    const { action, rows } = asked;
    stopAsking();
    send(action, rows, why);
  });
  byId("queue-reason-stop").addEventListener("click", stopAsking);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    stopAsking();
  });

  return { refresh, act };
}
