/** The pin of a form's place on a map: dragged, set by a click or by Enter over the middle, moved by the arrow keys. */

import { make } from "./dom.js";
import { drawnIcon } from "./icon.js";
import { PINNED, PLACED } from "./place.js";

const CLOSE_ZOOM = 17;
const ROUGH_M = 5;
const STEP_PX = 4;
const LONG_STEP_PX = 40;
const WAYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/**
 * @param {any} L Leaflet
 * @param {any} map
 * @param {any} config
 * @param {object} parts
 * @param {HTMLFormElement|null} [parts.form]      its fields `lon` and `lat` say where the pin is at first
 * @param {[number, number]|null} [parts.at]       where it is without a form, longitude first
 * @param {boolean} [parts.canSet]
 */
export function pinning(L, map, { texts }, { form = null, at = null, canSet = true }) {
  const circle = L.circle([0, 0], { radius: 1, weight: 1, interactive: false, className: "place-circle" });
  const icon = drawnIcon(L, () => make("div", { class: "place-pin" }, make("span", {})));
  /** @type {any} */
  let pin = null;

  const put = (latlng) => {
    if (pin) return pin.setLatLng(latlng).addTo(map);
    pin = L.marker(latlng, { icon, draggable: canSet, autoPan: true, keyboard: canSet, zIndexOffset: 1000, alt: texts.pin });
    pin.on("dragend", () => take(pin.getLatLng()));
    return pin.addTo(map);
  };
  // the element is made anew whenever the pin comes back
  map.on("layeradd", ({ layer }) => {
    if (!pin || layer !== pin) return;
    const element = pin.getElement();
    element.setAttribute("aria-label", texts.pin);
    if (canSet) element.addEventListener("keydown", byKey);
  });

  function byKey(event) {
    const way = WAYS[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    const step = event.shiftKey ? LONG_STEP_PX : STEP_PX;
    take(map.containerPointToLatLng(map.latLngToContainerPoint(pin.getLatLng()).add([way[0] * step, way[1] * step])));
  }

  /** @param {import('./place.js').Place|null} place */
  function show(place) {
    if (!place) {
      pin?.remove();
      circle.remove();
      return;
    }
    const latlng = [place.lat, place.lon];
    put(latlng);
    if (place.accuracy_m !== null && place.accuracy_m > ROUGH_M) circle.setLatLng(latlng).setRadius(place.accuracy_m).addTo(map);
    else circle.remove();
    // a pin that was put there by hand is seen already
    if (place.origin !== "pin") map.setView(latlng, Math.max(map.getZoom(), CLOSE_ZOOM), { animate: false });
  }

  function take(latlng) {
    const { lng: lon, lat } = latlng.wrap();
    document.dispatchEvent(new CustomEvent(PINNED, { detail: { lon: round(lon), lat: round(lat) } }));
  }

  const [lon, lat] = form ? ["lon", "lat"].map((name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value.trim()) : [];
  const first = lon && lat ? [Number(lon), Number(lat)] : at;
  if (first && first.every(Number.isFinite)) show({ lon: first[0], lat: first[1], accuracy_m: null, origin: "", title: "" });
  if (!canSet) return;
  document.addEventListener(PLACED, (event) => show(/** @type {CustomEvent} */ (event).detail));
  map.on("click", (event) => take(event.latlng));
  const container = map.getContainer();
  container.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== container) return;
    event.preventDefault();
    take(map.getCenter());
  });
}

// ten centimetres: a finger is not more exact
const round = (degrees) => Math.round(degrees * 1e6) / 1e6;
