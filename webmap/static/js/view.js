/** Where the map looks: the district as a whole, a place, and the controls that stand on it. */

import { byId } from "./dom.js";

const WORLD = [-170, -60, 170, 75];
// As the style sheet has it: a narrow screen, unless it is lying on its side.
export const PHONE = window.matchMedia("(max-width: 760px) and (min-height: 481px), (max-width: 559px)");
const LEGEND_PX = 256;
const SHEET_PX = 112;
const EDGE_PX = 16;
// A click on a cluster brings no one further than this many zooms.
const MOST_NEARER = 3;
// The line that says how things stand.
const STATE_PX = 56;
// The legend stands open beside the district where that costs no more than this part of a zoom.
const MOST_LOST = 0.5;

/**
 * @param {any} L Leaflet
 * @param {any} map
 * @param {import('./types.js').Config} config
 */
export function furnish(L, map, { texts }) {
  L.control.zoom({ position: "topleft", zoomInTitle: texts.zoomInButton, zoomOutTitle: texts.zoomOutButton }).addTo(map);
  L.control.scale({ position: "bottomright", imperial: false, maxWidth: 120 }).addTo(map);
  const container = map.getContainer();
  container.setAttribute("role", "application");
  container.setAttribute("aria-label", texts.mapLabel);
  container.setAttribute("aria-describedby", "map-help");
}

/**
 * A button of 44 px on the map, with a drawing and a name.
 *
 * @param {any} L Leaflet
 * @param {any} map
 * @param {{title: string, drawing: Node, onClick: () => void}} parts
 * @returns {HTMLButtonElement}
 */
export function mapButton(L, map, { title, drawing, onClick }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "map-button";
  button.title = title;
  button.setAttribute("aria-label", title);
  button.append(drawing);
  button.addEventListener("click", onClick);
  const Control = L.Control.extend({
    onAdd() {
      const bar = L.DomUtil.create("div", "leaflet-bar");
      bar.append(button);
      L.DomEvent.disableClickPropagation(bar);
      return bar;
    },
  });
  new Control({ position: "topleft" }).addTo(map);
  return button;
}

/** Whether the district stays nearly as large when the legend stands beside it. */
export function hasRoomForLegend(L, map, config) {
  if (PHONE.matches) return false;
  const bounds = districtBounds(L, config);
  const zoomBeside = (left) => map.getBoundsZoom(bounds, false, L.point(left + EDGE_PX, 2 * EDGE_PX));
  return zoomBeside(LEGEND_PX) >= zoomBeside(EDGE_PX) - MOST_LOST;
}

function districtBounds(L, config) {
  const [west, south, east, north] = config.bounds || WORLD;
  return L.latLngBounds([south, west], [north, east]);
}

/** The whole district, beside the open legend; on a phone above the sheet. */
export function showDistrict(L, map, config) {
  const isBeside = hasRoomForLegend(L, map, config) && byId("legend").hasAttribute("open");
  map.fitBounds(districtBounds(L, config), {
    animate: false,
    maxZoom: 16,
    paddingTopLeft: [isBeside ? LEGEND_PX : EDGE_PX, PHONE.matches ? STATE_PX : EDGE_PX],
    paddingBottomRight: [EDGE_PX, PHONE.matches ? SHEET_PX : EDGE_PX],
  });
}

/** @param {any} map @returns {import('./address.js').View} */
export function viewOf(map) {
  const centre = map.getCenter().wrap();
  return { zoom: map.getZoom(), lat: centre.lat, lon: centre.lng };
}

/** Go to a box, or to a place near enough to see it. */
export function goTo(map, { box, lon, lat }) {
  if (box && (box[0] < box[2] || box[1] < box[3])) {
    const [west, south, east, north] = box;
    map.fitBounds([[south, west], [north, east]], { animate: false, padding: [48, 48], maxZoom: 16 });
  } else if (lon !== null && lat !== null) map.setView([lat, lon], Math.max(map.getZoom(), 16), { animate: false });
}

/** Go to where what a cluster holds comes apart, and at least a zoom nearer. @param {Array<[number, number]>} corners */
export function comeNear(L, map, corners) {
  const bounds = L.latLngBounds(corners);
  const zoom = Math.max(map.getBoundsZoom(bounds, false, L.point(96, 96)), map.getZoom() + 1);
  map.setView(bounds.getCenter(), Math.min(zoom, map.getZoom() + MOST_NEARER, map.getMaxZoom()), { animate: false });
}

/** Links beside the map that lead to a place on it: the map goes there without loading the page again. */
export function followLinks(map) {
  byId("panel").addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[data-box]") : null;
    if (!link) return;
    const box = (link.getAttribute("data-box") || "").split(",").map(Number);
    if (box.length !== 4 || !box.every(Number.isFinite)) return;
    event.preventDefault();
    goTo(map, { box, lon: null, lat: null });
    map.getContainer().focus({ preventScroll: true });
  });
}

/** The root element says whether keys or a pointer were used last; the cross in the map's middle follows it. */
export function followInput() {
  const note = (kind) => () => {
    document.documentElement.dataset.input = kind;
  };
  document.addEventListener("keydown", note("keys"), true);
  document.addEventListener("pointerdown", note("pointer"), true);
}
