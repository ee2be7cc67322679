/**
 * The search field over the map: a combobox whose list the server fills while one types.
 *
 * @typedef {import('./types.js').Config} Config
 * @typedef {import('./types.js').Selected} Selected
 * @typedef {object} Hit
 * @property {string} kind
 * @property {string} key
 * @property {string|null} collection   the layer on which it can be selected
 * @property {string} title
 * @property {string} note
 * @property {number|null} lon
 * @property {number|null} lat
 * @property {[number, number, number, number]|null} box
 * @property {string|null} href
 *
 * @typedef {object} Parts
 * @property {(lon: number, lat: number, how: {byKeyboard: boolean}) => void} ask  opens the card of a place
 * @property {(feature: Selected|null) => void} select  called before `ask`: what the next place means
 * @property {(hit: Hit) => void} goTo  moves the map
 * @property {(isOpen: boolean) => void} [onList]  the list needs room, or something on the map was chosen
 */

import { byId, fill, make, settled } from "./dom.js";
import { askJson } from "./server.js";

const QUIET_MS = 150;
const MOST_RECENT = 5;

/**
 * @param {any} _L
 * @param {any} _map
 * @param {Config} config
 * @param {Parts} parts
 */
export function searching(_L, _map, config, { ask, select, goTo, onList }) {
  const { texts } = config;
  const form = byId("ask");
  form.hidden = false;
  const field = /** @type {HTMLInputElement} */ (byId("place"));
  const list = byId("place-list");
  const hint = byId("place-hint");
  /** @type {Hit[]} */
  let hits = [];
  /** @type {Hit[]} what was chosen on this page, the newest first */
  let recent = [];
  let active = -1;
  /** @type {string|null} what the hits answer */
  let answered = null;
  /** @type {AbortController|null} */
  let running = null;

  const typed = () => plain(field.value);

  /** The answer to what stands in the field; null where a newer question has taken its place. */
  async function find() {
    const query = typed();
    if (running) running.abort();
    const control = (running = new AbortController());
    list.setAttribute("aria-busy", "true");
    try {
      const answer = await askJson(`${form.dataset.searchUrl}?${new URLSearchParams({ q: query })}`, control.signal);
      if (query !== typed()) return null;
      answered = query;
      return /** @type {Hit[]} */ (answer.hits);
    } catch {
      if (control.signal.aborted) return null;
      answered = null;
      fail();
      return null;
    } finally {
      if (running === control) {
        running = null;
        list.removeAttribute("aria-busy");
      }
    }
  }

  async function suggest() {
    if (!typed()) return showRecent();
    const found = await find();
    if (found) show(found);
  }

  const suggestSoon = settled(() => suggest(), QUIET_MS);

  function show(found, title) {
    hits = found;
    active = -1;
    const groups = grouped(found);
    list.replaceChildren(...groups.map(([kind, members]) => group(title || texts[`kind_${kind}`], members)));
    setOpen(found.length > 0);
    const isMissing = found.length === 0 && typed() !== "";
    field.setAttribute("aria-invalid", String(isMissing));
    if (isMissing) say(fill(texts.nothingFound, { typed: typed(), example: texts.example }));
    else say(title ? texts.searchHint : fill(texts.foundMany, { count: found.length }));
  }

  function group(title, members) {
    const heading = make("div", { class: "hits-kind", role: "presentation" }, title);
    return make("div", { role: "group", "aria-label": title }, heading, ...members.map(option));
  }

  function option(hit) {
    const place = hits.indexOf(hit);
    const line = make("div", { id: `hit-${place}`, class: "hit", role: "option", "aria-selected": "false" },
      make("span", { class: "hit-title" }, hit.title),
      hit.note ? make("span", { class: "quiet small" }, hit.note) : null
    );
    // the field keeps the focus, so that the list is not closed before the click arrives
    line.addEventListener("mousedown", (event) => event.preventDefault());
    line.addEventListener("click", () => choose(hit, false));
    return line;
  }

  function choose(hit, byKeyboard) {
    recent = [hit, ...recent.filter((one) => one.kind !== hit.kind || one.key !== hit.key)].slice(0, MOST_RECENT);
    field.value = hit.title;
    answered = null;
    field.setAttribute("aria-invalid", "false");
    setOpen(false);
    say(hit.kind === "coordinate" ? hit.note : texts.searchHint);
    if (hit.lon === null || hit.lat === null) {
      if (hit.href) location.assign(hit.href);
      return;
    }
    if (onList) onList(false);
    goTo(hit);
    select(hit.collection ? { id: hit.collection, key: hit.key, lon: hit.lon, lat: hit.lat } : null);
    ask(hit.lon, hit.lat, { byKeyboard });
  }

  /** Enter: what is marked; else the first answer to what stands there, awaited if need be. */
  async function enter() {
    // a suggestion that is still to come would take the place of this question
    suggestSoon.cancel();
    if (active >= 0) return choose(hits[active], true);
    if (!typed()) return;
    say(texts.searching);
    const found = answered === typed() ? hits : await find();
    if (!found) return;
    if (found.length > 0) choose(found[0], true);
    else show(found);
  }

  function fail() {
    const again = make("button", { type: "button", class: "plain" }, texts.retry);
    again.addEventListener("click", () => suggest());
    setOpen(false);
    hint.replaceChildren(make("span", {}, texts.searchFailed), again);
  }

  function showRecent() {
    if (running) running.abort();
    field.setAttribute("aria-invalid", "false");
    say(texts.searchHint);
    answered = null;
    if (recent.length > 0 && document.activeElement === field) show(recent, texts.recent);
    else setOpen(false);
  }

  function mark(place) {
    active = hits.length === 0 ? -1 : (place + hits.length) % hits.length;
    for (const line of list.querySelectorAll("[role=option]")) {
      const isIt = line.id === `hit-${active}`;
      line.setAttribute("aria-selected", String(isIt));
      if (isIt) line.scrollIntoView({ block: "nearest" });
    }
    if (active >= 0) field.setAttribute("aria-activedescendant", `hit-${active}`);
  }

  function setOpen(isOpen) {
    list.hidden = !isOpen;
    field.setAttribute("aria-expanded", String(isOpen));
    field.removeAttribute("aria-activedescendant");
    if (!isOpen) active = -1;
    else if (onList) onList(true);
  }

  const say = (sentence) => hint.replaceChildren(sentence);

  function pressed(event) {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden && (answered !== typed() || hits.length === 0)) return void suggest();
      if (list.hidden) setOpen(true);
      mark(event.key === "ArrowDown" ? active + 1 : active < 0 ? hits.length - 1 : active - 1);
    } else if (event.key === "Escape" && !list.hidden) {
      // the first press closes the list, the next one what lies below
      event.stopPropagation();
      setOpen(false);
    }
  }

  field.addEventListener("keydown", pressed);
  field.addEventListener("input", (event) => !(/** @type {InputEvent} */ (event).isComposing) && suggestSoon());
  field.addEventListener("compositionend", suggestSoon);
  field.addEventListener("focus", () => typed() === "" && showRecent());
  field.addEventListener("blur", () => setOpen(false));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    enter();
  });
  return { focus: () => field.focus() };
}

/** What was typed without what cannot be seen, as pasted cells of a table bring it. @param {string} text */
function plain(text) {
  // eslint-disable-next-line no-control-regex -- these are the signs meant
  return text.replace(/[\u0000-\u001f\u007f]+/g, " ").trim();
}

/** Hits by kind, each kind where its best stands. @param {Hit[]} hits @returns {Array<[string, Hit[]]>} */
function grouped(hits) {
  const kinds = new Map();
  for (const hit of hits) kinds.set(hit.kind, [...(kinds.get(hit.kind) || []), hit]);
  return [...kinds];
}
