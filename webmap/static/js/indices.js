/** Tables of indices sort by their headings. */

import { byId } from "./dom.js";
import { sortable } from "./sorting.js";

const texts = JSON.parse(byId("texts").textContent || "{}");
for (const table of /** @type {NodeListOf<HTMLTableElement>} */ (document.querySelectorAll("table[data-sortable]"))) sortable(table, texts);
