/** The map of an import: rows as they would be stored, over the ground. Called by the page with its map. */

import { byId, fill, make } from "./dom.js";
import { drawnIcon } from "./icon.js";
import { scene } from "./scene.js";
import { askJson } from "./server.js";
import { followInput, furnish } from "./view.js";

const PADDING = 24;
const CLOSE_ZOOM = 16;

/**
 * @param {any} map the Leaflet map that Folium made
 * @param {any} config
 */
export async function mount(map, config) {
  const L = /** @type {any} */ (window).L;
  const drawn = await scene(L, config);
  furnish(L, map, config);
  followInput();
  showAll(map, config.bounds);
  drawn.tiles.addTo(map);
  drawn.above.addTo(map);
  drawn.followScheme(() => undefined);
  const coming = askJson(config.placesUrl).then((places) => show(L, map, places, config));
  tellState(drawn.tiles, coming, config);
}

function showAll(map, bounds) {
  if (!bounds) {
    map.setView([0, 0], 2, { animate: false });
    return;
  }
  const [west, south, east, north] = bounds;
  map.fitBounds([[south, west], [north, east]], { animate: false, padding: [PADDING, PADDING], maxZoom: CLOSE_ZOOM });
}

/** Rows with their standing: a shape and a colour, and words for whoever points at one. */
function show(L, map, places, config) {
  const className = ({ properties }) => `import-ground is-${properties.standing}${properties.outside ? " is-outside" : ""}`;
  const layer = L.geoJSON(places, {
    style: (feature) => ({ className: className(feature), weight: 2 }),
    pointToLayer: (feature, latlng) => {
      const icon = drawnIcon(L, () => make("div", { class: className(feature).replace("ground", "dot") }, make("span", {})));
      return L.marker(latlng, { icon, keyboard: false, title: words(feature.properties, config) });
    },
    onEachFeature: (feature, one) => {
      one.on("mouseover click", () => {
        byId("map-row").textContent = words(feature.properties, config);
      });
    },
  });
  layer.addTo(map);
  const bounds = layer.getBounds();
  if (bounds.isValid()) map.fitBounds(bounds, { animate: false, padding: [PADDING, PADDING], maxZoom: CLOSE_ZOOM });
}

function words({ row, name, standing, outside }, { texts, standings }) {
  const told = fill(texts.row, { row, name, standing: standings[standing] });
  return outside ? `${told}, ${texts.outside}` : told;
}

/** `data-map-ready` for machines, once ground and rows are drawn; a sentence for people where they did not come. */
function tellState(tiles, coming, config) {
  const said = byId("map-said");
  const root = document.documentElement;
  /** @type {boolean|null} */
  let isShown = null;
  let isSettled = false;
  const tell = () => {
    const isMissing = tiles.missing().titles.length > 0 || isShown === false;
    said.hidden = !isMissing;
    said.textContent = isMissing ? config.texts.mapAway : "";
    root.dataset.mapReady = !isSettled || isShown === null ? "false" : isMissing ? "failed" : "true";
  };
  const came = (isGood) => () => {
    isShown = isGood;
    tell();
  };
  coming.then(came(true), came(false));
  tiles.on("settled", () => {
    isSettled = true;
    tell();
  });
  tiles.on("busy", () => {
    isSettled = false;
    tell();
  });
  window.addEventListener("online", () => tiles.retry());
}
