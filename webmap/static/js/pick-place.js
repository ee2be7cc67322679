/** A small map in a form: a click, or Enter over its middle, puts a pin and fills the fields `lon` and `lat`. */

import { byId, fill } from "./dom.js";
import { scene } from "./scene.js";
import { followInput, furnish } from "./view.js";

const CLOSE_ZOOM = 16;
const PIN_PX = 9;

/**
 * @param {any} map the Leaflet map that Folium made
 * @param {any} config
 */
export async function mount(map, config) {
  const L = /** @type {any} */ (window).L;
  const region = byId("pick-map");
  region.hidden = false;
  map.invalidateSize();
  const drawn = await scene(L, config);
  furnish(L, map, config);
  followInput();
  const lon = /** @type {HTMLInputElement} */ (byId("lon"));
  const lat = /** @type {HTMLInputElement} */ (byId("lat"));
  showAll(map, config, typed(lon, lat));
  drawn.tiles.addTo(map);
  drawn.above.addTo(map);
  drawn.followScheme(() => undefined);

  const pin = L.circleMarker([0, 0], { radius: PIN_PX, weight: 3, interactive: false, className: "pick-pin", fillOpacity: 1 });
  const said = byId("pick-said");
  const none = byId("pick-none");

  const show = () => {
    const at = typed(lon, lat);
    none.hidden = at === null;
    if (at === null) pin.remove();
    else pin.setLatLng(at).addTo(map);
    said.textContent = at === null ? none.dataset.said || "" : fill(config.texts.placed, { lon: lon.value, lat: lat.value });
  };
  const take = (latlng) => {
    const place = latlng.wrap();
    lon.value = place.lng.toFixed(6);
    lat.value = place.lat.toFixed(6);
    show();
  };
  map.on("click", (event) => take(event.latlng));
  const container = map.getContainer();
  container.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== container) return;
    event.preventDefault();
    take(map.getCenter());
  });
  none.addEventListener("click", () => {
    lon.value = "";
    lat.value = "";
    show();
    container.focus({ preventScroll: true });
  });
  for (const field of [lon, lat]) field.addEventListener("change", show);
  show();
  tellState(drawn.tiles, config);
  new ResizeObserver(() => map.invalidateSize()).observe(region);
}

/** @param {HTMLInputElement} lon @param {HTMLInputElement} lat @returns {[number, number]|null} latitude first, as Leaflet has it */
function typed(lon, lat) {
  const [x, y] = [Number(lon.value), Number(lat.value)];
  return lon.value.trim() && lat.value.trim() && Number.isFinite(x) && Number.isFinite(y) ? [y, x] : null;
}

function showAll(map, { bounds }, at) {
  if (at) map.setView(at, CLOSE_ZOOM, { animate: false });
  else if (bounds) map.fitBounds([[bounds[1], bounds[0]], [bounds[3], bounds[2]]], { animate: false, maxZoom: 16 });
  else map.setView([0, 0], 2, { animate: false });
}

/** `data-map-ready` for machines; a sentence for people where the ground did not come. */
function tellState(tiles, config) {
  const said = byId("map-said");
  const root = document.documentElement;
  tiles.on("settled", () => {
    const isMissing = tiles.missing().titles.length > 0;
    said.hidden = !isMissing;
    said.textContent = isMissing ? config.texts.mapAway : "";
    root.dataset.mapReady = isMissing ? "failed" : "true";
  });
  tiles.on("busy", () => {
    root.dataset.mapReady = "false";
  });
  window.addEventListener("online", () => tiles.retry());
}
