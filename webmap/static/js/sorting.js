/** Tables that sort by their headings. */

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
