/**
 * The place of a form: the device's own position, a pin on the map, or something found by its name.
 *
 * Map and form are loaded apart, and tell each other by events on the document: PLACED when there is another place
 * (or none), PINNED when somebody has chosen one on the map.
 *
 * @typedef {object} Place
 * @property {number} lon
 * @property {number} lat
 * @property {number|null} accuracy_m
 * @property {'device'|'pin'|'address'|'unit'|'point'|''} origin
 * @property {string} title
 *
 * @typedef {object} Facts   what the server says of a place
 * @property {boolean|null} is_inside   null where nobody knows
 * @property {string[]} names
 * @property {string|null} cell
 * @property {'sure'|'neighbour'|'coarse'|'refused'|null} level
 * @property {string|null} said
 * @property {string|null} border
 * @property {any[]} [alike]
 */

import { byId, fill, make } from "./dom.js";
import { finding } from "./place-find.js";

export const PLACED = "wangge:placed";
export const PINNED = "wangge:pinned";

const GOOD_ENOUGH_M = 25;
const PATIENCE_MS = 10000;
// One that will do may still get better in a moment.
const USABLE_M = 100;
const MOMENT_MS = 2500;

/**
 * The fields `lon` and `lat` of the form are filled; `accuracy_m`, `origin` and `address` where it has them.
 *
 * @param {HTMLFormElement} form
 * @param {any} config
 * @param {object} parts
 * @param {(place: Place, signal: AbortSignal) => Promise<Facts>} parts.ask
 * @param {(facts: Facts|null, how: {isOwn: boolean}) => void} parts.onKnown   the server has answered; null: it cannot be asked
 * @param {() => void} parts.onChange
 */
export function placing(form, config, { ask, onKnown, onChange }) {
  const { texts } = config;
  const said = byId("place-said");
  /** @type {Place|null} */
  let place = null;
  /** @type {AbortController|null} */
  let running = null;

  const fieldOf = (name) => /** @type {HTMLInputElement|null} */ (form.elements.namedItem(name));
  const write = (name, value) => {
    const field = fieldOf(name);
    if (field) field.value = value;
  };

  /** @param {Place|null} next @param {{isOwn?: boolean}} [how] */
  function set(next, how = {}) {
    place = next;
    write("lon", next ? String(next.lon) : "");
    write("lat", next ? String(next.lat) : "");
    write("accuracy_m", next && next.accuracy_m !== null ? String(next.accuracy_m) : "");
    write("origin", next ? next.origin : "");
    document.dispatchEvent(new CustomEvent(PLACED, { detail: next }));
    onChange();
    if (next) check(Boolean(how.isOwn));
    else said.replaceChildren();
  }

  /** Ask the server what is there; without it the place stands as it was found. */
  async function check(isOwn = false) {
    if (!place) return;
    if (running) running.abort();
    const control = (running = new AbortController());
    try {
      const facts = await ask(place, control.signal);
      show(facts);
      onKnown(facts, { isOwn });
    } catch {
      if (control.signal.aborted) return;
      showUnchecked();
      onKnown(null, { isOwn });
    }
  }

  /** @param {Facts} facts */
  function show(facts) {
    if (!place) return;
    if (facts.is_inside === false) return said.replaceChildren(make("p", { class: "field-wrong" }, texts.outside));
    const names = make("p", { class: "place-names" },
      make("strong", {}, facts.names.join(" · ") || place.title),
      facts.cell && make("span", { class: "quiet small number" }, `${texts.cell} ${facts.cell}`)
    );
    const doubt = { refused: "doubt-more", coarse: "doubt-more", neighbour: "doubt" }[facts.level || ""];
    return said.replaceChildren(
      names,
      ...(config.showsCoordinate ? [make("p", { class: "small quiet number" }, fill(texts.coordinate, { lon: place.lon.toFixed(6), lat: place.lat.toFixed(6) }))] : []),
      ...(facts.said ? [make("p", { class: `small exactly ${doubt || ""}` }, facts.said)] : []),
      ...(facts.border ? [make("p", { class: "small" }, facts.border)] : [])
    );
  }

  function showUnchecked() {
    if (!place) return;
    const metres = place.accuracy_m;
    const isRough = metres !== null && metres > config.worstAccuracy;
    said.replaceChildren(
      make("p", { class: "place-names" }, make("strong", {}, place.title)),
      make("p", { class: `small exactly ${isRough ? "doubt-more" : ""}` }, metres === null ? "" : fill(isRough ? texts.tooRough : texts.roughly, { metres: Math.round(metres) })),
      make("p", { class: "small quiet" }, texts.unchecked)
    );
  }

  ownPosition(texts, (coords) => set({ ...coords, origin: "device", title: texts.ownPosition }, { isOwn: true }), said);
  finding(config, (hit) => {
    const origin = /** @type {Place["origin"]} */ ({ unit: "unit", point: "point", place: "address" }[hit.kind] || "pin");
    set({ lon: hit.lon, lat: hit.lat, accuracy_m: hit.error_m === undefined ? null : hit.error_m, origin, title: hit.title });
    const address = fieldOf("address");
    if (address && !address.value && hit.kind !== "coordinate") address.value = hit.title;
  });
  document.addEventListener(PINNED, (event) => {
    const { lon, lat } = /** @type {CustomEvent} */ (event).detail;
    set({ lon, lat, accuracy_m: null, origin: "pin", title: texts.pinned });
  });

  return { get: () => place, set, check };
}

/**
 * The button that asks the device: the best position of some seconds, or the first that is good.
 *
 * @param {Record<string, string>} texts
 * @param {(found: {lon: number, lat: number, accuracy_m: number}) => void} found
 * @param {HTMLElement} said
 */
function ownPosition(texts, found, said) {
  const button = document.getElementById("own-position");
  if (!button) return;
  button.hidden = false;
  const say = (sentence) => said.replaceChildren(make("p", {}, sentence));
  button.addEventListener("click", () => {
    if (!window.isSecureContext || !navigator.geolocation) return say(texts.noSecure);
    if (button.getAttribute("aria-busy") === "true") return undefined;
    button.setAttribute("aria-busy", "true");
    say(texts.locating);
    /** @type {GeolocationCoordinates|null} */
    let best = null;
    let timer = window.setTimeout(() => end(null), PATIENCE_MS);
    let isNearlyThere = false;
    const end = (error) => {
      navigator.geolocation.clearWatch(watching);
      window.clearTimeout(timer);
      button.removeAttribute("aria-busy");
      if (!best) return say(error && error.code === error.PERMISSION_DENIED ? texts.denied : texts.noSignal);
      return found({ lon: best.longitude, lat: best.latitude, accuracy_m: Math.max(1, Math.round(best.accuracy)) });
    };
    const watching = navigator.geolocation.watchPosition(
      ({ coords }) => {
        if (!best || coords.accuracy < best.accuracy) best = coords;
        if (best.accuracy <= GOOD_ENOUGH_M) return end(null);
        if (best.accuracy <= USABLE_M && !isNearlyThere) {
          isNearlyThere = true;
          window.clearTimeout(timer);
          timer = window.setTimeout(() => end(null), MOMENT_MS);
        }
        return say(`${texts.locating} ${fill(texts.roughly, { metres: Math.round(best.accuracy) })}`);
      },
      end,
      { enableHighAccuracy: true, maximumAge: 5000, timeout: PATIENCE_MS }
    );
    return undefined;
  });
}
