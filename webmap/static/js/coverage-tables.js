/** Tables that sort by their headings, and whose rows are tied to the map. */

import { fill, make } from "./dom.js";

/**
 * Make headings with `data-sort` (`text` or `number`) into buttons; the first click sorts upwards.
 *
 * @param {HTMLTableElement} table
 * @param {Record<string, string>} texts
 */
export function sortable(table, texts) {
  const headings = [...table.querySelectorAll("thead th")];
  headings.forEach((heading, column) => {
    const kind = heading.getAttribute("data-sort");
    if (!kind) return;
    const word = heading.textContent || "";
    const button = make("button", { type: "button", class: "sort", title: fill(texts.sortBy, { column: word }) }, word);
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const isUp = heading.getAttribute("aria-sort") !== "ascending";
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", isUp ? "ascending" : "descending");
      sort(table, column, kind === "number", isUp);
    });
  });
}

/** Rows without a value stay below, whichever way. */
function sort(table, column, isNumber, isUp) {
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => ({ row, value: valueOf(row.cells[column], isNumber) }));
  const known = rows.filter(({ value }) => value !== null);
  const order = new Intl.Collator(document.documentElement.lang || undefined, { numeric: true });
  known.sort((a, b) => (isNumber ? Number(a.value) - Number(b.value) : order.compare(String(a.value), String(b.value))));
  if (!isUp) known.reverse();
  body.append(...[...known, ...rows.filter(({ value }) => value === null)].map(({ row }) => row));
}

/** @returns {number|string|null} */
function valueOf(cell, isNumber) {
  const told = cell.getAttribute("data-value") || (cell.textContent || "").trim();
  if (!isNumber) return told;
  const value = Number(told);
  return told === "" || Number.isNaN(value) ? null : value;
}

/**
 * Tell which row the pointer or the focus is on, and which one was chosen.
 *
 * A row is chosen by a click anywhere on it, and by Enter on the link in it.
 *
 * @param {ParentNode} within
 * @param {{point: (row: HTMLElement|null) => void, choose: (row: HTMLElement) => void}} tell
 */
export function linkRows(within, { point, choose }) {
  for (const row of /** @type {NodeListOf<HTMLElement>} */ (within.querySelectorAll('tr[data-box]:not([data-box=""])'))) {
    row.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && point(row));
    row.addEventListener("pointerleave", () => point(null));
    row.addEventListener("focusin", () => point(row));
    row.addEventListener("focusout", () => point(null));
    row.addEventListener("click", (event) => {
      // a new tab shows the same place on the map page
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      choose(row);
    });
  }
}

/**
 * Bring a row into its table's view without moving the page.
 *
 * @param {HTMLElement} row
 */
export function showRow(row) {
  const frame = row.closest(".table");
  if (!frame) return;
  const [outer, inner] = [frame.getBoundingClientRect(), row.getBoundingClientRect()];
  frame.scrollTop += inner.top - outer.top - (outer.height - inner.height) / 2;
}

/**
 * What a row says, as a list of facts: each heading with the row's cell, those that are not shown left out.
 *
 * @param {HTMLElement} row
 * @returns {HTMLElement}
 */
export function factsOf(row) {
  const table = row.closest("table");
  const facts = make("dl", { class: "facts" });
  const headings = table ? [...table.querySelectorAll("thead th")] : [];
  [...row.children].forEach((cell, column) => {
    if (cell.tagName === "TH" || !(/** @type {HTMLElement} */ (cell).offsetParent)) return;
    const word = (headings[column].textContent || "").trim();
    facts.append(make("dt", {}, word), make("dd", { class: "number" }, (cell.textContent || "").trim()));
  });
  return facts;
}
