/** The options of an import: a change looks at the file again, and the page stays where it was. */

import { byId } from "./dom.js";

const PLACE = "wangge.import.place";

const form = /** @type {HTMLFormElement} */ (byId("options"));

function remember() {
  const active = document.activeElement;
  const facts = { path: location.pathname, y: window.scrollY, id: active ? active.id : "" };
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(facts));
  } catch {
    // a browser that keeps nothing shows the page from its top
  }
}

function comeBack() {
  try {
    const facts = JSON.parse(sessionStorage.getItem(PLACE) || "{}");
    sessionStorage.removeItem(PLACE);
    if (facts.path !== location.pathname) return;
    const active = facts.id && document.getElementById(facts.id);
    if (active) active.focus({ preventScroll: true });
    window.scrollTo(0, facts.y);
  } catch {
    // likewise
  }
}

form.addEventListener("change", (event) => {
  const field = event.target;
  // what is still to be written beside it comes with its own change
  if (field instanceof HTMLInputElement && field.type === "radio" && field.value === "other") {
    const number = /** @type {HTMLInputElement} */ (form.elements.namedItem("datum_other"));
    if (!number.value.trim()) {
      number.focus();
      return;
    }
  }
  if (field instanceof HTMLInputElement && field.name === "datum_other") {
    const other = /** @type {HTMLInputElement|null} */ (form.querySelector("input[name=datum][value=other]"));
    if (other) other.checked = true;
  }
  form.requestSubmit();
});
form.addEventListener("submit", () => {
  remember();
  byId("options-said").textContent = form.dataset.working || "";
  /** @type {HTMLButtonElement} */ (byId("again")).disabled = true;
});

const run = document.getElementById("run");
if (run) {
  run.addEventListener("submit", () => {
    const button = run.querySelector("button");
    if (!button) return;
    button.disabled = true;
    button.textContent = run.dataset.working || "";
  });
}
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button")) button.disabled = false;
});
comeBack();
