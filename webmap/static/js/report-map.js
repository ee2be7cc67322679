/** The small map of a report: shows the place, and takes another by a click, or Enter over its middle. */

import { byId } from "./dom.js";
import { PINNED, PLACED } from "./report-place.js";
import { scene } from "./scene.js";
import { followInput, furnish } from "./view.js";

const CLOSE_ZOOM = 17;
const PIN_PX = 9;
const ROUGH_M = 5;

/**
 * @param {any} map the Leaflet map that Folium made
 * @param {any} config
 */
export async function mount(map, config) {
  const L = /** @type {any} */ (window).L;
  const region = byId("place-map");
  region.hidden = false;
  map.invalidateSize();
  const drawn = await scene(L, config);
  furnish(L, map, config);
  followInput();
  showAll(map, config);
  drawn.tiles.addTo(map);
  drawn.above.addTo(map);
  drawn.followScheme(() => undefined);

  const circle = L.circle([0, 0], { radius: 1, weight: 1, interactive: false, className: "report-circle" });
  const pin = L.circleMarker([0, 0], { radius: PIN_PX, weight: 3, interactive: false, className: "report-pin", fillOpacity: 1 });

  /** @param {import('./report-place.js').Place|null} place */
  const show = (place) => {
    if (!place) {
      pin.remove();
      circle.remove();
      return;
    }
    const at = [place.lat, place.lon];
    pin.setLatLng(at).addTo(map);
    if (place.accuracy_m !== null && place.accuracy_m > ROUGH_M) circle.setLatLng(at).setRadius(place.accuracy_m).addTo(map);
    else circle.remove();
    // a pin that was put there by hand is seen already
    if (place.origin !== "pin") map.setView(at, Math.max(map.getZoom(), CLOSE_ZOOM), { animate: false });
  };

  const take = (latlng) => {
    const { lng: lon, lat } = latlng.wrap();
    document.dispatchEvent(new CustomEvent(PINNED, { detail: { lon: round(lon), lat: round(lat) } }));
  };
  map.on("click", (event) => take(event.latlng));
  const container = map.getContainer();
  container.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== container) return;
    event.preventDefault();
    take(map.getCenter());
  });
  document.addEventListener(PLACED, (event) => show(/** @type {CustomEvent} */ (event).detail));
  tellState(drawn.tiles, config);
  // on a phone the map is hidden with its question, and shown again with another size
  new ResizeObserver(() => map.invalidateSize()).observe(region);

  const form = /** @type {HTMLFormElement} */ (byId("report"));
  const [lon, lat] = ["lon", "lat"].map((name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value);
  if (lon && lat) show({ lon: Number(lon), lat: Number(lat), accuracy_m: null, origin: "", title: "" });
}

function showAll(map, { bounds, at }) {
  if (at) map.setView([at[1], at[0]], CLOSE_ZOOM, { animate: false });
  else if (bounds) map.fitBounds([[bounds[1], bounds[0]], [bounds[3], bounds[2]]], { animate: false, maxZoom: 16 });
  else map.setView([0, 0], 2, { animate: false });
}

/** `data-map-ready` for machines; a sentence for people where the ground did not come. */
function tellState(tiles, config) {
  const said = byId("map-said");
  const root = document.documentElement;
  const tell = () => {
    const isMissing = tiles.missing().titles.length > 0;
    said.hidden = !isMissing;
    said.textContent = isMissing ? config.texts.mapAway : "";
    root.dataset.mapReady = isMissing ? "failed" : "true";
  };
  tiles.on("settled", tell);
  tiles.on("busy", () => {
    root.dataset.mapReady = "false";
  });
  window.addEventListener("online", () => tiles.retry());
}

const round = (degrees) => Math.round(degrees * 1e7) / 1e7;
