/** What the maps of responsible ground share: layers, legend, and where the map looks. */

import { standing } from "./coverage-standing.js";
import { byId } from "./dom.js";
import { keepSkips } from "./follow.js";
import { scene } from "./scene.js";
import { followInput, furnish, PHONE } from "./view.js";

const PADDING_PX = 32;
const CLOSE_ZOOM = 17;

/**
 * @param {any} map the Leaflet map that Folium made
 * @param {any} config
 */
export async function dutyGround(map, config) {
  const L = /** @type {any} */ (window).L;
  const drawn = await scene(L, config);
  furnish(L, map, config);
  followInput();
  keepSkips();
  if (PHONE.matches) byId("legend").removeAttribute("open");
  standing(map, drawn, config);
  return { L, tiles: drawn.tiles, above: drawn.above };
}

/**
 * Look at a box, or at a place as near as one can still see around it.
 *
 * @param {any} map
 * @param {number[]|null} box west, south, east, north
 */
export function lookAt(map, box) {
  if (!box || box.length !== 4 || !box.every(Number.isFinite)) {
    map.setView([0, 0], 2, { animate: false });
    return;
  }
  const [west, south, east, north] = box;
  const corners = [[south, west], [north, east]];
  map.fitBounds(corners, { animate: false, padding: [PADDING_PX, PADDING_PX], maxZoom: CLOSE_ZOOM });
}
