/**
 * The candidates of an address on the map, each with its number and the circle of its error, and the pin.
 *
 * @typedef {import('./addresses-now.js').AddressRow} AddressRow
 */

import { byId, make } from "./dom.js";
import { drawnIcon } from "./icon.js";
import { PHONE } from "./view.js";

const CLOSE_ZOOM = 17;
const EDGE_PX = 40;
// As much of a phone's map lies under the sheet, as the style sheet has it.
const SHEET_SHARE = 0.62;
const STEP_PX = 4;
const LONG_STEP_PX = 40;
const WAYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/**
 * @param {any} L Leaflet
 * @param {any} map
 * @param {any} config
 * @param {object} parts
 * @param {(number: number) => void} parts.onTake     a candidate's number was clicked
 * @param {(at: {lon: number, lat: number}|null) => void} parts.onPin   the pin is there now; null: it was taken away
 */
export function addressMap(L, map, { desk, bounds, texts }, { onTake, onPin }) {
  const group = L.layerGroup().addTo(map);
  const sample = L.layerGroup().addTo(map);
  /** @type {Map<number, any>} */
  const marks = new Map();
  /** @type {any} */
  let pin = null;

  /** @param {AddressRow|null} row */
  function show(row) {
    stopPin();
    group.clearLayers();
    marks.clear();
    if (!row) return;
    const found = row.candidates.filter((one) => one.isPlace);
    const reach = L.latLngBounds([]);
    for (const one of found) {
      const at = L.latLng(one.lat, one.lon);
      const radius = one.error_m || 0;
      if (radius > 0) L.circle(at, { radius, interactive: false, className: "candidate-circle" }).addTo(group);
      reach.extend(radius > 0 ? at.toBounds(2 * radius) : at);
    }
    // the first lies over the others
    for (const one of [...found].reverse()) {
      const icon = drawnIcon(L, () => make("div", { class: "candidate-mark" }, make("span", {}, String(one.number))));
      const mark = L.marker([one.lat, one.lon], { icon, keyboard: false, title: one.name, alt: one.name, riseOnHover: true });
      mark.on("click", () => onTake(one.number));
      marks.set(one.number, mark.addTo(group));
    }
    look(reach, row.town);
  }

  function look(reach, town) {
    const box = (town && desk.boxes[town]) || desk.home || bounds;
    const target = reach.isValid() ? reach : box && L.latLngBounds([box[1], box[0]], [box[3], box[2]]);
    if (!target) return;
    const below = PHONE.matches ? map.getSize().y * SHEET_SHARE : 0;
    map.fitBounds(target, { animate: false, maxZoom: CLOSE_ZOOM, paddingTopLeft: [EDGE_PX, EDGE_PX], paddingBottomRight: [EDGE_PX, EDGE_PX + below] });
  }

  /** @param {any} [at] where it stands first; else the first candidate, or the map's middle */
  function startPin(at) {
    if (!pin) {
      const [first] = [...marks.entries()].sort((one, other) => one[0] - other[0]).map(([, mark]) => mark.getLatLng());
      const icon = drawnIcon(L, () => make("div", { class: "address-pin" }, make("span", {})));
      pin = L.marker(at || first || map.getCenter(), { icon, draggable: true, autoPan: true, keyboard: false, zIndexOffset: 1000, alt: texts.placePin });
      pin.on("drag", tell);
      pin.addTo(map);
      map.keyboard.disable();
      map.getContainer().classList.add("is-pinning");
    } else if (at) pin.setLatLng(at);
    tell();
  }

  function stopPin() {
    if (!pin) return;
    pin.remove();
    pin = null;
    map.keyboard.enable();
    map.getContainer().classList.remove("is-pinning");
    onPin(null);
  }

  const place = () => {
    if (!pin) return null;
    const { lng: lon, lat } = pin.getLatLng().wrap();
    return { lon: round(lon), lat: round(lat) };
  };
  const tell = () => onPin(place());

  map.on("click", (event) => startPin(event.latlng));

  return {
    show,
    startPin,
    stopPin,
    place,
    isPinning: () => pin !== null,
    /** Move the pin by an arrow key; false for any other. @param {string} key @param {boolean} isLong */
    movePin(key, isLong) {
      const way = WAYS[key];
      if (!pin || !way) return false;
      const step = isLong ? LONG_STEP_PX : STEP_PX;
      const point = map.latLngToContainerPoint(pin.getLatLng()).add([way[0] * step, way[1] * step]);
      pin.setLatLng(map.containerPointToLatLng(point));
      if (!map.getBounds().pad(-0.05).contains(pin.getLatLng())) map.panTo(pin.getLatLng(), { animate: false });
      tell();
      return true;
    },
    /** Have one candidate stand out. @param {number|null} number */
    mark(number) {
      for (const [each, mark] of marks) mark.getElement().classList.toggle("is-marked", each === number);
    },
    /** Show where many would go. @param {Array<{lon: number, lat: number, code: string}>} rows */
    showSample(rows) {
      sample.clearLayers();
      for (const one of rows) L.circleMarker([one.lat, one.lon], { radius: 7, interactive: false, className: "sample-dot" }).addTo(sample);
      if (rows.length > 0) look(L.latLngBounds(rows.map((one) => [one.lat, one.lon])), null);
    },
  };
}

const round = (degrees) => Math.round(degrees * 1e7) / 1e7;

/** `data-map-ready` for machines; a sentence for people where the ground did not come. @param {any} tiles @param {any} config */
export function tellState(tiles, config) {
  const said = byId("state");
  const root = document.documentElement;
  const tell = () => {
    const isMissing = tiles.missing().titles.length > 0;
    said.hidden = !isMissing;
    said.textContent = isMissing ? config.texts.mapAway : "";
    byId("loading").hidden = true;
    root.dataset.mapReady = isMissing ? "failed" : "true";
  };
  tiles.on("settled", tell);
  tiles.on("busy", () => {
    root.dataset.mapReady = "false";
  });
  window.addEventListener("online", () => tiles.retry());
}
