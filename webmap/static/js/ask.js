/** Asking about a place: by click, by Enter on the map, by a search, by the device's position, by a link. */

import { byId } from "./dom.js";
import { askJson, Refusal } from "./server.js";

/**
 * @param {any} L Leaflet
 * @param {any} map
 * @param {import('./types.js').Config} config
 * @param {object} parts
 * @param {any} parts.answer              the card
 * @param {import('./types.js').Now} parts.now
 * @param {(isStep: boolean) => void} parts.record   writes the address
 * @param {(at: [number, number]|null) => void} parts.onAsked
 * @param {(feature: any) => void} parts.select
 */
export function asking(L, map, config, { answer, now, record, onAsked, select }) {
  const pin = L.circleMarker([0, 0], { radius: 7, weight: 3, interactive: false, className: "asked-place" });
  const category = /** @type {HTMLSelectElement} */ (byId("category"));
  /** @type {AbortController|null} */
  let running = null;
  /** @type {[number, number]|null} */
  let at = null;
  /** @type {(() => void)|null} asks the question again that was not answered */
  let failed = null;
  /** @type {number|null} */
  let good_to_m = null;

  /**
   * @param {number} lon
   * @param {number} lat
   * @param {{byKeyboard?: boolean, isNew?: boolean, accuracy_m?: number|null}} [how]
   *   accuracy_m   of the device's own position; null for a place that was pointed at
   */
  async function ask(lon, lat, { byKeyboard = false, isNew = true, accuracy_m = null } = {}) {
    if (running) running.abort();
    const control = (running = new AbortController());
    // as the address says; a kind that this district does not have leaves the field empty
    category.value = now.kind;
    if (category.selectedIndex < 0) category.value = "";
    at = [lon, lat];
    failed = null;
    good_to_m = accuracy_m;
    pin.setLatLng([lat, lon]).addTo(map);
    answer.wait();
    if (isNew) onAsked(at);
    reveal(L, map, [lat, lon]);
    if (byKeyboard) answer.focus();
    try {
      const place = await fetchPlace(config, lon, lat, category.value, control.signal);
      answer.show(place, { accuracy_m });
      select(place.village ? { id: "villages", key: place.village.code } : place.town && { id: "towns", key: place.town.code });
    } catch (error) {
      if (control.signal.aborted) return;
      failed = () => ask(lon, lat, { isNew: false, accuracy_m });
      answer.fail(error instanceof Refusal ? error.message : config.texts.noAnswer, failed);
    }
  }

  function forget() {
    if (running) running.abort();
    at = failed = null;
    pin.remove();
    select(null);
  }

  category.addEventListener("change", () => {
    now.kind = category.value;
    record(true);
    if (at) ask(at[0], at[1], { isNew: false, accuracy_m: good_to_m });
  });
  map.on("click", (event) => {
    // the second click of two zooms the map
    if (event.isTaken || (event.originalEvent && event.originalEvent.detail > 1)) return;
    const place = event.latlng.wrap();
    ask(place.lng, place.lat);
  });
  map.on("dblclick", () => answer.close());
  const container = map.getContainer();
  container.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== container) return;
    const place = map.getCenter().wrap();
    ask(place.lng, place.lat, { byKeyboard: true });
  });
  return { ask, forget, retry: () => failed && failed() };
}

/** Move the map where the card would lie over the place asked about. */
function reveal(L, map, place) {
  const card = byId("card").getBoundingClientRect();
  const region = map.getContainer().getBoundingClientRect();
  const spot = map.latLngToContainerPoint(place).add([region.left, region.top]);
  const isBelow = card.width >= region.width - 32;
  if (isBelow && spot.y > card.top - 48) map.panBy(L.point(0, spot.y - (region.top + card.top) / 2), { animate: false });
  else if (!isBelow && spot.x > card.left - 48) map.panBy(L.point(spot.x - card.left + 96, 0), { animate: false });
}

function fetchPlace(config, lon, lat, category, signal) {
  const query = new URLSearchParams({ lon: lon.toFixed(7), lat: lat.toFixed(7) });
  if (category) query.set("category", category);
  return askJson(`${config.whereUrl}?${query}`, signal);
}
