/** The map page: ties tiles, overlay, list, card and address together. Called by the page with its map. */

import { read, write } from "./address.js";
import { asking } from "./ask.js";
import { card } from "./card.js";
import { byId } from "./dom.js";
import { overlay } from "./overlay.js";
import { Palette } from "./paint.js";
import { panel } from "./panel.js";
import { sheet } from "./sheet.js";
import { stateLine } from "./state.js";
import { districtTiles } from "./tiles.js";

const WORLD = [-170, -60, 170, 75];
const PHONE = window.matchMedia("(max-width: 760px)");
const LEGEND_PX = 352;
const SHEET_PX = 112;

/**
 * @param {any} map the Leaflet map that Folium made
 * @param {import('./types.js').Config} config
 */
export async function mount(map, config) {
  const L = /** @type {any} */ (window).L;
  const [{ default: Pbf }, { VectorTile }] = await Promise.all([
    import(config.modules.pbf),
    import(config.modules.vectorTile),
  ]);
  const palette = new Palette();
  const tiles = districtTiles(L, config, { Pbf, VectorTile }, palette);
  const given = read(location.hash);
  applyLayers(tiles, config, given.on);
  furnish(L, map, config);
  const home = () => showDistrict(L, map, config);
  show(map, given.view, home);

  const above = overlay(L, tiles, palette);
  let at = given.at;
  const record = (isStep) => {
    const next = write({ view: viewOf(map), on: [...tiles.shown], at });
    if (next === location.hash) return;
    history[isStep ? "pushState" : "replaceState"](null, "", next);
  };
  const list = panel(config, map, tiles, palette, () => record(false));
  list.sync();
  const state = stateLine(config, list, tiles, home);
  tiles.addTo(map);
  above.addTo(map);
  sheet();

  const answer = card(config, () => {
    at = null;
    questions.forget();
    record(false);
    map.getContainer().focus({ preventScroll: true });
  });
  const questions = asking(L, map, config, {
    answer,
    select: (feature) => above.select(feature),
    onAsked: (place) => {
      at = place;
      record(true);
    },
  });
  if (at) questions.ask(at[0], at[1], { isNew: false });
  if (PHONE.matches || !hasRoomForLegend(L, map, config)) byId("legend").removeAttribute("open");

  map.on("moveend", () => {
    record(false);
    if (tiles.isSettled) state.settled();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && answer.close());
  window.addEventListener("popstate", () => {
    const wanted = read(location.hash);
    applyLayers(tiles, config, wanted.on);
    list.sync();
    show(map, wanted.view, home);
    at = wanted.at;
    if (at) questions.ask(at[0], at[1], { isNew: false });
    else answer.close();
  });
  followScheme(palette, tiles, list);
  followInput();
  followLinks(map);
}

function applyLayers(tiles, config, wanted) {
  if (!wanted) return;
  for (const layer of config.layers) {
    const isOn = wanted.includes(layer.id);
    if (isOn !== tiles.shown.has(layer.id)) tiles.setShown(layer.id, isOn);
  }
}

function furnish(L, map, config) {
  const { texts } = config;
  L.control.zoom({ position: "topleft", zoomInTitle: texts.zoomInButton, zoomOutTitle: texts.zoomOutButton }).addTo(map);
  L.control.scale({ position: "bottomright", imperial: false, maxWidth: 120 }).addTo(map);
  const container = map.getContainer();
  container.setAttribute("role", "application");
  container.setAttribute("aria-label", texts.mapLabel);
  container.setAttribute("aria-describedby", "map-help");
}

/** Whether the district fits beside the legend (above the sheet on a phone) at the zoom at which it fits at all. */
function hasRoomForLegend(L, map, config) {
  const isPhone = PHONE.matches;
  const free = L.point(isPhone ? 32 : LEGEND_PX + 16, isPhone ? SHEET_PX + 16 : 32);
  const bounds = districtBounds(L, config);
  return map.getBoundsZoom(bounds, false, free) >= map.getBoundsZoom(bounds, false, L.point(32, 32));
}

function districtBounds(L, config) {
  const [west, south, east, north] = config.bounds || WORLD;
  return L.latLngBounds([south, west], [north, east]);
}

/** The whole district; beside the legend where that costs no zoom. */
function showDistrict(L, map, config) {
  const isPhone = PHONE.matches;
  const isFree = hasRoomForLegend(L, map, config);
  map.fitBounds(districtBounds(L, config), {
    animate: false,
    maxZoom: 16,
    paddingTopLeft: isFree && !isPhone ? [LEGEND_PX, 16] : [16, 16],
    paddingBottomRight: isFree && isPhone ? [16, SHEET_PX] : [16, 16],
  });
}

function show(map, view, home) {
  if (view) map.setView([view.lat, view.lon], view.zoom, { animate: false });
  else home();
}

function viewOf(map) {
  const centre = map.getCenter().wrap();
  return { zoom: map.getZoom(), lat: centre.lat, lon: centre.lng };
}

function followScheme(palette, tiles, list) {
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    palette.clear();
    tiles.restyle();
    list.refresh();
  });
}

/** The root element says whether keys or a pointer were used last; the cross in the map's middle follows it. */
function followInput() {
  const note = (kind) => () => {
    document.documentElement.dataset.input = kind;
  };
  document.addEventListener("keydown", note("keys"), true);
  document.addEventListener("pointerdown", note("pointer"), true);
}

/** Links beside the map that lead to a place on it: the map goes there without loading the page again. */
function followLinks(map) {
  byId("panel").addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[data-box]") : null;
    if (!link) return;
    const box = (link.getAttribute("data-box") || "").split(",").map(Number);
    if (box.length !== 4 || !box.every(Number.isFinite)) return;
    event.preventDefault();
    const [west, south, east, north] = box;
    map.fitBounds([[south, west], [north, east]], { animate: false, padding: [48, 48], maxZoom: 16 });
    map.getContainer().focus({ preventScroll: true });
  });
}
