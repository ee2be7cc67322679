/** What the server says of the place of a report: where it lies, how exactly it is known, and what is like it there. */

import { settled } from "./dom.js";
import { askJson } from "./server.js";

const QUIET_MS = 200;

/**
 * @param {HTMLFormElement} form
 * @param {any} config
 * @param {() => void} again   called when another kind is chosen, on which the answer depends
 * @returns {(place: import('./place.js').Place, signal: AbortSignal) => Promise<import('./place.js').Facts>}
 */
export function checking(form, config, again) {
  const soon = settled(again, QUIET_MS);
  form.addEventListener("change", (event) => {
    if (event.target instanceof Element && /^category/.test(event.target.getAttribute("name") || "")) soon();
  });
  return (place, signal) => {
    const query = new URLSearchParams({ lon: place.lon.toFixed(7), lat: place.lat.toFixed(7) });
    if (place.accuracy_m !== null) query.set("accuracy", String(place.accuracy_m));
    const kind = kindOf(form);
    if (kind) query.set("category", kind);
    return askJson(`${config.urls.check}?${query}`, signal);
  };
}

/** The kind that is chosen, or nothing. @param {HTMLFormElement} form */
export function kindOf(form) {
  const given = new FormData(form);
  return String(given.get("category_other") || given.get("category") || "");
}
