/** The board of joint projects: with a mouse, a card can be drawn to another stage. Without, each card has its moves. */

const MOVES = "[data-to]";

/** @type {HTMLElement|null} */
let held = null;

/**
 * What on a card moves it to a stage, a button or a link; null where it cannot go there.
 *
 * @param {HTMLElement} card
 * @param {string} stage
 */
function wayTo(card, stage) {
  const ways = /** @type {HTMLElement[]} */ ([...card.querySelectorAll(MOVES)]);
  return ways.find((way) => way.dataset.to === stage) || null;
}

const columns = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".board .column")]);

function letGo() {
  if (held) held.classList.remove("is-held");
  held = null;
  for (const column of columns) column.classList.remove("takes", "is-over");
}

for (const card of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".card[data-moves]"))) {
  card.draggable = true;
  card.addEventListener("dragstart", (event) => {
    held = card;
    card.classList.add("is-held");
    if (event.dataTransfer) {
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", card.id);
    }
    for (const column of columns) column.classList.toggle("takes", Boolean(wayTo(card, column.dataset.stage || "")));
  });
  card.addEventListener("dragend", letGo);
}

for (const column of columns) {
  const way = () => held && wayTo(held, column.dataset.stage || "");
  column.addEventListener("dragover", (event) => {
    if (!way()) return;
    event.preventDefault();
    column.classList.add("is-over");
  });
  column.addEventListener("dragleave", (event) => {
    if (!(event.relatedTarget instanceof Node) || !column.contains(event.relatedTarget)) column.classList.remove("is-over");
  });
  column.addEventListener("drop", (event) => {
    event.preventDefault();
    const found = way();
    letGo();
    if (found) found.click();
  });
}
