/** The field that finds a place by its name: a list under it, filled by the server while one types. */

import { byId, fill, make, settled } from "./dom.js";
import { askJson } from "./server.js";

const QUIET_MS = 200;

/**
 * @param {any} config
 * @param {(hit: any) => void} choose
 */
export function finding(config, choose) {
  const { texts } = config;
  const field = /** @type {HTMLInputElement} */ (byId("find"));
  const list = byId("find-list");
  const said = byId("find-said");
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-controls", "find-list");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
  /** @type {any[]} */
  let hits = [];
  let active = -1;
  /** @type {AbortController|null} */
  let running = null;

  async function look() {
    const typed = field.value.trim();
    if (running) running.abort();
    if (!typed) return show([], "");
    const control = (running = new AbortController());
    try {
      const answer = await askJson(`${config.urls.search}?${new URLSearchParams({ q: typed, of: "places" })}`, control.signal);
      const found = answer.hits.filter((hit) => config.places.includes(hit.kind) && hit.lon !== null);
      return show(found, found.length ? fill(texts.foundMany, { count: found.length }) : texts.nothingFound);
    } catch {
      return control.signal.aborted ? undefined : show([], texts.searchFailed);
    }
  }

  function show(found, sentence) {
    hits = found;
    said.textContent = sentence;
    list.replaceChildren(...hits.map(option));
    setOpen(hits.length > 0);
  }

  function option(hit, place) {
    const line = make("div", { id: `find-${place}`, class: "hit", role: "option", "aria-selected": "false" },
      make("span", { class: "hit-title" }, hit.title),
      hit.note && make("span", { class: "quiet small" }, hit.note)
    );
    // the field keeps the focus, so that the list is still there when the click arrives
    line.addEventListener("mousedown", (event) => event.preventDefault());
    line.addEventListener("click", () => take(hit));
    return line;
  }

  function take(hit) {
    field.value = hit.title;
    said.textContent = "";
    setOpen(false);
    choose(hit);
  }

  function mark(place) {
    active = (place + hits.length) % hits.length;
    for (const line of list.querySelectorAll("[role=option]")) {
      const isIt = line.id === `find-${active}`;
      line.setAttribute("aria-selected", String(isIt));
      if (isIt) line.scrollIntoView({ block: "nearest" });
    }
    field.setAttribute("aria-activedescendant", `find-${active}`);
  }

  function setOpen(isOpen) {
    list.hidden = !isOpen;
    field.setAttribute("aria-expanded", String(isOpen));
    field.removeAttribute("aria-activedescendant");
    active = -1;
  }

  const lookSoon = settled(() => void look(), QUIET_MS);
  field.addEventListener("input", () => lookSoon());
  field.addEventListener("blur", () => setOpen(false));
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && hits.length > 0) {
      event.preventDefault();
      if (list.hidden) setOpen(true);
      mark(event.key === "ArrowDown" ? active + 1 : active < 0 ? hits.length - 1 : active - 1);
    } else if (event.key === "Escape" && !list.hidden) setOpen(false);
    else if (event.key === "Enter") {
      // Enter looks for the place; it never sends the form
      event.preventDefault();
      if (active >= 0) take(hits[active]);
      else enter();
    }
  });
  const button = document.querySelector("button[name=look], #find-look");
  if (button instanceof HTMLElement) {
    button.hidden = false;
    button.addEventListener("click", (event) => {
      event.preventDefault();
      enter();
    });
  }

  /** The only answer is taken; of several one has to be chosen. */
  async function enter() {
    lookSoon.cancel();
    await look();
    if (hits.length === 1) take(hits[0]);
    else field.focus();
  }
}
