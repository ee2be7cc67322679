/** The small map of a form: shows its place, and takes another by a click, or Enter over its middle. */

import { byId } from "./dom.js";
import { pinning } from "./place-pin.js";
import { scene } from "./scene.js";
import { followInput, furnish } from "./view.js";

const CLOSE_ZOOM = 17;

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
  showAll(map, config);
  drawn.tiles.addTo(map);
  drawn.above.addTo(map);
  drawn.followScheme(() => undefined);
  pinning(L, map, config, { form: region.closest("form") });
  tellState(drawn.tiles, config);
  // on a phone the map is hidden with its question, and shown again with another size
  new ResizeObserver(() => map.invalidateSize()).observe(region);
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
