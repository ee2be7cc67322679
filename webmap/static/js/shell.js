/** What every page does beside its links: the menu closes, rows open by a click, lists sort, sheets print. */

import { sortable } from "./sorting.js";

/** The menu of phones closes by Escape, and by a click or the focus elsewhere. */
function foldingMenu() {
  const menu = document.querySelector("details.menu");
  if (!(menu instanceof HTMLDetailsElement)) return;
  const close = () => {
    menu.open = false;
  };
  document.addEventListener("click", (event) => event.target instanceof Node && !menu.contains(event.target) && close());
  menu.addEventListener("focusout", (event) => event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget) && close());
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    close();
    const button = menu.querySelector("summary");
    if (button) button.focus();
  });
}

/** A click anywhere on a row marked `data-opens` follows the link of its heading; text can still be selected. */
function openingRows() {
  for (const row of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("tr[data-opens]"))) {
    row.classList.add("is-open-by-click");
    row.addEventListener("click", (event) => {
      const link = row.querySelector("th a");
      const isOwn = event.target instanceof Element && event.target.closest("a, button, input, label");
      if (isOwn || !(link instanceof HTMLAnchorElement) || String(window.getSelection())) return;
      if (event.ctrlKey || event.metaKey) window.open(link.href);
      else link.click();
    });
  }
}

/** Tables whose rows are all on the page sort here; the sentence on the buttons stands on the table. */
function sortingTables() {
  for (const table of /** @type {NodeListOf<HTMLTableElement>} */ (document.querySelectorAll("table[data-sort-by]"))) {
    sortable(table, { sortBy: table.dataset.sortBy || "" });
  }
}

function printing() {
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button[data-prints]"))) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

/** What is chosen in a line of chips that scrolls sideways comes into view. */
function chosenInView() {
  for (const line of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".chips.in-line"))) {
    const chosen = /** @type {HTMLElement|null} */ (line.querySelector("[aria-current]"));
    if (chosen) line.scrollLeft = chosen.offsetLeft - line.offsetLeft - 16;
  }
}

/** In a row of tabs that scrolls, the present one starts in the middle; it sticks, so its own place is told by those before it. */
function presentInTheMiddle() {
  for (const row of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".desk-tabs"))) {
    const tabs = /** @type {HTMLElement[]} */ ([...row.children]);
    const number = tabs.findIndex((one) => one.hasAttribute("aria-current"));
    if (number < 0) continue;
    const before = tabs.slice(0, number).reduce((sum, one) => sum + one.offsetWidth + 4, 0);
    row.scrollLeft = before - (row.clientWidth - tabs[number].offsetWidth) / 2;
  }
}

foldingMenu();
openingRows();
presentInTheMiddle();
sortingTables();
printing();
chosenInView();
