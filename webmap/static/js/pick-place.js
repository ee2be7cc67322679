/** The place in a form: by the device, by its name, on the map beside it, or as a written coordinate. */

import { byId } from "./dom.js";
import { placing } from "./place.js";
import { askJson } from "./server.js";

const LEVELS = ["village", "town", "district"];

const config = JSON.parse(byId("map-config").textContent || "{}");
const form = /** @type {HTMLFormElement} */ (byId("place").closest("form"));
const [lon, lat] = ["lon", "lat"].map((name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name)));
const none = byId("pick-none");
const nowhere = byId("pick-nowhere");

const place = placing(form, config, { ask, onKnown: () => undefined, onChange: tell });

/**
 * What lies there, and where nothing is chosen yet the area it lies in.
 *
 * @param {import('./place.js').Place} at
 * @param {AbortSignal} signal
 * @returns {Promise<import('./place.js').Facts>}
 */
async function ask(at, signal) {
  const found = await askJson(`${config.whereUrl}?${new URLSearchParams({ lon: at.lon.toFixed(7), lat: at.lat.toFixed(7) })}`, signal);
  const names = LEVELS.filter((level) => found[level]).map((level) => found[level].name).reverse();
  chooseArea(found);
  return {
    is_inside: found.is_inside,
    names: names.length > 1 ? names.slice(1) : names,
    cell: found.cell && found.cell.code,
    level: null,
    said: null,
    border: found.borders.map((border) => border.said).join(" ") || null,
  };
}

/** The smallest area that holds the place, in a choice of areas in which nothing is chosen. */
function chooseArea(found) {
  const choice = form.elements.namedItem("area");
  if (!(choice instanceof HTMLSelectElement) || choice.value) return;
  const values = LEVELS.filter((level) => found[level]).map((level) => `${level}:${found[level].code}`);
  choice.value = values.find((value) => [...choice.options].some((option) => option.value === value)) || "";
}

function tell() {
  const isPlaced = place.get() !== null;
  none.hidden = !isPlaced;
  nowhere.hidden = isPlaced;
}

/** @returns {import('./place.js').Place|null} what is written */
function typed() {
  const [x, y] = [Number(lon.value), Number(lat.value)];
  const isWhole = lon.value.trim() && lat.value.trim() && Math.abs(x) <= 180 && Math.abs(y) <= 90;
  return isWhole ? { lon: x, lat: y, accuracy_m: null, origin: "", title: config.texts.typed } : null;
}

for (const field of [lon, lat]) {
  field.addEventListener("change", () => {
    const at = typed();
    // half a coordinate is one that is still being written
    if (at || (!lon.value.trim() && !lat.value.trim())) place.set(at);
  });
}
none.addEventListener("click", () => {
  place.set(null);
  const find = /** @type {HTMLInputElement} */ (byId("find"));
  find.value = "";
  find.focus({ preventScroll: true });
});
const first = typed();
if (first) place.set(first);
