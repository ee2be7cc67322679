/**
 * The rows of a desk: loaded page after page, walked by keys, chosen one by one or in a stretch.
 *
 * @typedef {object} Row
 * @property {string} number
 * @property {string} title
 * @property {string} href
 * @property {string} kind
 * @property {string} state
 * @property {string} group
 * @property {string} deadline
 * @property {string} due
 * @property {string|null} dueAt
 * @property {string} reported
 * @property {string} who
 * @property {string} place
 * @property {Array<{kind: string, title: string}>} marks
 * @property {string[]} can          what may be done with it, by whoever is signed in
 * @property {number|null} lon
 * @property {number|null} lat
 */

import { byId, fill, make } from "./dom.js";
import { askJson, Refusal } from "./server.js";

const A_PAGE = 50;
// As many as the server gives at once, and moves at once.
const MOST = 200;

/**
 * @param {any} config
 * @param {object} parts
 * @param {() => string} parts.query                 conditions and order
 * @param {(row: Row|null) => void} parts.onHere     another row is the one that keys act on, null for none
 * @param {(row: Row, byKeyboard: boolean) => void} parts.onOpen
 * @param {() => void} parts.onChosen                other rows are chosen
 * @param {(answer: any) => void} parts.onLoaded     the first page came, with totals and counts
 * @param {() => void} parts.onShowOpen
 */
export function deskRows(config, { query, onHere, onOpen, onChosen, onLoaded, onShowOpen }) {
  const { texts, desk } = config;
  const body = byId("queue-rows");
  const more = /** @type {HTMLButtonElement} */ (byId("queue-more"));
  const all = /** @type {HTMLInputElement} */ (byId("queue-all"));
  const said = byId("queue-said");
  /** @type {Row[]} */
  let rows = [];
  let total = 0;
  /** @type {string|null} */
  let next = null;
  /** @type {Set<string>} numbers */
  const chosen = new Set();
  let here = -1;
  /** Where a stretch of rows begins. */
  let anchor = -1;
  let isAllWanted = false;
  /** @type {AbortController|null} */
  let running = null;

  async function ask(extra, control) {
    const url = [query(), ...extra].filter(Boolean).join("&");
    return askJson(`${desk.rowsUrl}?${url}`, control.signal);
  }

  /**
   * Load from the beginning, as many as are shown or one page.
   *
   * @param {{isSame?: boolean}} [how] isSame   the same conditions: the place in the list and what is chosen stay
   */
  async function refresh({ isSame = false } = {}) {
    if (running) running.abort();
    const control = (running = new AbortController());
    body.setAttribute("aria-busy", "true");
    const wanted = isSame ? Math.min(MOST, Math.max(A_PAGE, rows.length)) : A_PAGE;
    try {
      const answer = await ask([`limit=${wanted}`], control);
      const hadFocus = body.contains(document.activeElement);
      const kept = isSame && rows[here] ? rows[here].number : null;
      const was = isSame ? here : -1;
      ({ rows, next, total } = answer);
      const numbers = new Set(rows.map((row) => row.number));
      for (const number of [...chosen]) if (!isSame || !numbers.has(number)) chosen.delete(number);
      anchor = -1;
      const again = rows.findIndex((row) => row.number === kept);
      here = again >= 0 ? again : Math.min(was, rows.length - 1);
      draw(0);
      if (hadFocus && here >= 0) focus(here);
      else tellHere();
      onLoaded(answer);
      if (isAllWanted) await chooseAll();
    } catch (error) {
      if (control.signal.aborted) return;
      failed(error);
    } finally {
      isAllWanted = false;
      done(control);
    }
  }

  /** The next page. */
  async function loadMore() {
    if (!next || running) return;
    const control = (running = new AbortController());
    body.setAttribute("aria-busy", "true");
    try {
      const answer = await ask([`limit=${A_PAGE}`, `after=${encodeURIComponent(next)}`], control);
      const known = new Set(rows.map((row) => row.number));
      const first = rows.length;
      rows = [...rows, ...answer.rows.filter((row) => !known.has(row.number))];
      next = answer.next;
      draw(first);
    } catch (error) {
      if (!control.signal.aborted) failed(error);
    } finally {
      done(control);
    }
  }

  function done(control) {
    if (running !== control) return;
    running = null;
    body.removeAttribute("aria-busy");
  }

  function failed(error) {
    const again = make("button", { type: "button", class: "plain" }, texts.retry);
    again.addEventListener("click", () => refresh({ isSame: true }));
    said.replaceChildren(make("span", {}, error instanceof Refusal ? error.message : texts.noList), " ", again);
    more.hidden = true;
  }

  /** @param {number} first rows before it stay as they are */
  function draw(first) {
    const made = rows.slice(first).map((row, place) => item(row, first + place));
    if (first === 0) body.replaceChildren(...made);
    else body.append(...made);
    if (rows.length === 0) body.replaceChildren(emptied());
    more.hidden = next === null;
    say();
    mark();
  }

  function emptied() {
    const way = make("button", { type: "button", class: "plain" }, texts.deskNoneWay);
    way.addEventListener("click", onShowOpen);
    return make("li", { class: "empty" }, make("span", {}, texts.deskNone), " ", way);
  }

  function item(row, place) {
    const box = /** @type {HTMLInputElement} */ (make("input", { type: "checkbox", "aria-label": fill(texts.deskChoose, { number: row.number }) }));
    box.addEventListener("click", (event) => {
      here = place;
      if (event.shiftKey && anchor >= 0) stretch(anchor, place, box.checked);
      else toggle(place, box.checked);
      tellHere();
    });
    const marks = row.marks.map((one) => make("span", { class: `mark ${one.kind}` }, one.title));
    const button = make(
      "button",
      { type: "button", class: "row desk-row" },
      make("span", { class: "row-title" }, row.title),
      make("span", { class: `due ${row.deadline}${row.group === "closed" ? " ended" : ""}` }, row.due),
      make("span", { class: "row-note" }, make("span", { class: `state ${row.group}` }, row.state), ...marks, make("span", {}, [row.kind, row.place].filter(Boolean).join(" · "))),
      make("small", { class: "row-who" }, row.who || texts.deskNobody)
    );
    button.addEventListener("focus", () => {
      here = place;
      tellHere();
    });
    button.addEventListener("mouseenter", () => onHere(row));
    button.addEventListener("mouseleave", () => onHere(rows[here] || null));
    button.addEventListener("click", (event) => {
      here = place;
      // a press of Enter is a click of no pointer
      onOpen(row, event.detail === 0);
    });
    return make("li", { "data-number": row.number }, make("label", { class: "choose" }, box), button);
  }

  function tellHere() {
    mark();
    onHere(rows[here] || null);
  }

  /** What is chosen and where one is, on the rows as they stand. */
  function mark() {
    [...body.children].forEach((line, place) => {
      const number = line.getAttribute("data-number") || "";
      const box = line.querySelector("input");
      if (box) box.checked = chosen.has(number);
      line.classList.toggle("is-chosen", chosen.has(number));
      line.classList.toggle("is-here", place === here && rows.length > 0);
    });
    all.checked = rows.length > 0 && rows.every((row) => chosen.has(row.number));
    all.indeterminate = !all.checked && chosen.size > 0;
    all.disabled = rows.length === 0;
    onChosen();
  }

  function say() {
    said.textContent = rows.length === 0 ? "" : fill(texts.deskRows, { shown: rows.length.toLocaleString("en"), total: total.toLocaleString("en") });
  }

  function toggle(place, isOn = !chosen.has(rows[place].number)) {
    if (!rows[place]) return;
    if (isOn) chosen.add(rows[place].number);
    else chosen.delete(rows[place].number);
    anchor = place;
    mark();
  }

  function stretch(from, to, isOn = true) {
    for (let place = Math.min(from, to); place <= Math.max(from, to); place += 1) {
      if (isOn) chosen.add(rows[place].number);
      else chosen.delete(rows[place].number);
    }
    mark();
  }

  /** Choose all that fit, loading them first, up to as many as can be moved at once. */
  async function chooseAll() {
    while (next && rows.length < MOST) {
      const before = rows.length;
      running = null;
      await loadMore();
      if (rows.length === before) break;
    }
    for (const row of rows.slice(0, desk.most)) chosen.add(row.number);
    mark();
  }

  function focus(place) {
    const line = body.children[place];
    const button = line && line.querySelector("button.row");
    if (!(button instanceof HTMLElement)) return;
    button.focus({ preventScroll: true });
    line.scrollIntoView({ block: "nearest" });
  }

  more.addEventListener("click", async () => {
    const first = rows.length;
    await loadMore();
    if (rows.length > first) focus(first);
  });
  all.addEventListener("change", () => {
    if (all.checked) for (const row of rows.slice(0, desk.most)) chosen.add(row.number);
    else chosen.clear();
    mark();
  });

  return {
    refresh,
    /** When the rows that are on their way have come, choose them all. */
    chooseWhenLoaded: () => void (isAllWanted = true),
    chooseListed() {
      for (const row of rows.slice(0, desk.most)) chosen.add(row.number);
      mark();
    },
    chooseNone() {
      chosen.clear();
      anchor = -1;
      mark();
    },
    /** @returns {Row[]} the chosen rows, or else the one where one is */
    meant: () => (chosen.size > 0 ? rows.filter((row) => chosen.has(row.number)) : rows[here] ? [rows[here]] : []),
    chosen: () => chosen.size,
    here: () => rows[here] || null,
    /** One row on or back; with `isChoosing` the way is chosen. The last row brings the next page. */
    async step(by, isChoosing) {
      if (rows.length === 0) return;
      const was = here;
      if (was + by >= rows.length && next) await loadMore();
      const to = Math.max(0, Math.min(rows.length - 1, was < 0 ? 0 : was + by));
      if (isChoosing && was >= 0) {
        if (anchor < 0) anchor = was;
        stretch(anchor, to);
      }
      here = to;
      focus(to);
      tellHere();
    },
    /** Choose the row where one is, or not; with `isStretch` all from the last one chosen on. */
    choose(isStretch) {
      if (here < 0) return;
      if (isStretch && anchor >= 0) stretch(anchor, here);
      else toggle(here);
    },
    /** Go to the row of a number; false where it is not listed. @param {string} number */
    goTo(number) {
      const place = rows.findIndex((row) => row.number === number);
      if (place < 0) return false;
      here = place;
      const line = body.children[place];
      line.scrollIntoView({ block: "nearest" });
      tellHere();
      return rows[place];
    },
    focusHere: () => focus(Math.max(0, here)),
  };
}
