/**
 * What has been typed and not been sent: kept while one types, and put back when the page is opened again.
 *
 * @typedef {import('./place.js').Place} Place
 */

import { settled } from "./dom.js";

const QUIET_MS = 300;
const WORDS = ["title", "description", "address", "find"];

/**
 * @param {HTMLFormElement} form
 * @param {any} config
 * @param {import('./report-store.js').Store|null} store
 * @param {{place: {get: () => Place|null, set: (place: Place|null) => void}, photos: any}} parts
 */
export function drafting(form, config, store, { place, photos }) {
  const id = config.user;
  const fieldOf = (name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

  function told() {
    const words = Object.fromEntries(WORDS.map((name) => [name, fieldOf(name).value]));
    const given = new FormData(form);
    return {
      id,
      at: Date.now(),
      words,
      kind: String(given.get("category") || ""),
      otherKind: String(given.get("category_other") || ""),
      isHandled: given.has("handled"),
      place: place.get(),
      photos: photos.all(),
    };
  }

  const isEmpty = (draft) =>
    !draft.place && !draft.kind && !draft.otherKind && draft.photos.length === 0 && !Object.values(draft.words).some(Boolean);

  async function keep() {
    if (!store) return;
    const draft = told();
    if (isEmpty(draft)) await store.remove("draft", id);
    else await store.put("draft", draft);
  }
  const keepSoon = settled(() => void keep(), QUIET_MS);
  form.addEventListener("input", () => keepSoon());
  form.addEventListener("change", () => keepSoon());

  /** @param {any} draft */
  function fill(draft) {
    for (const name of WORDS) fieldOf(name).value = draft.words[name] || "";
    for (const box of form.querySelectorAll("input[name=category]")) {
      /** @type {HTMLInputElement} */ (box).checked = /** @type {HTMLInputElement} */ (box).value === draft.kind;
    }
    fieldOf("category_other").value = draft.otherKind || "";
    const handled = form.querySelector("input[name=handled]");
    if (handled instanceof HTMLInputElement) {
      handled.checked = Boolean(draft.isHandled);
      handled.dispatchEvent(new Event("change", { bubbles: true }));
    }
    photos.set(draft.photos || []);
    place.set(draft.place);
  }

  return {
    keepSoon,
    fill,
    told,
    /** What was kept on this phone, or nothing. */
    kept: async () => (store ? store.get("draft", id) : undefined),
    async forget() {
      keepSoon.cancel();
      fill({ words: {}, kind: "", otherKind: "", place: null, photos: [] });
      keepSoon.cancel();
      if (store) await store.remove("draft", id);
    },
  };
}

/** A moment of this phone in the district's time. @param {number} at milliseconds @param {any} config */
export function moment(at, config) {
  const options = /** @type {const} */ ({ month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: config.zone });
  return new Intl.DateTimeFormat(config.lang === "en" ? "en-GB" : "zh-CN", options).format(new Date(at));
}
