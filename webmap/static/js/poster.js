/** The page of a poster: the sheet is scaled to the width there is, or shown at its own size; and printed. */

const stage = document.getElementById("stage");
const sheet = /** @type {HTMLElement|null} */ (document.querySelector(".poster"));
const actual = document.getElementById("actual");
const print = document.getElementById("print");

/** Scale the sheet to the stage; what it takes on the page shrinks with it. */
function fit() {
  if (!stage || !sheet) return;
  const isActual = !!actual && actual.getAttribute("aria-pressed") === "true";
  const scale = isActual ? 1 : Math.min(1, stage.clientWidth / sheet.offsetWidth);
  sheet.style.transform = scale < 1 ? `scale(${scale})` : "";
  // a transform leaves the room it had: take it back
  sheet.style.marginRight = `${(scale - 1) * sheet.offsetWidth}px`;
  sheet.style.marginBottom = `${(scale - 1) * sheet.offsetHeight}px`;
}

/** On paper the sheet has its own size. */
function release() {
  if (!sheet) return;
  sheet.style.transform = sheet.style.marginRight = sheet.style.marginBottom = "";
}

if (actual) {
  actual.addEventListener("click", () => {
    actual.setAttribute("aria-pressed", String(actual.getAttribute("aria-pressed") !== "true"));
    fit();
  });
}
if (print) print.addEventListener("click", () => window.print());
window.addEventListener("beforeprint", release);
window.addEventListener("afterprint", fit);
window.addEventListener("resize", fit);
fit();
