/** Tables whose rows are tied to the map. */

import { make } from "./dom.js";

export { sortable } from "./sorting.js";

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
