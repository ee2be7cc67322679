/** The map page: ties tiles, overlay, filters, list, card and address together. Called by the page with its map. */

import { read, write } from "./address.js";
import { asking } from "./ask.js";
import { card } from "./card.js";
import { copying } from "./copy.js";
import { byId, makeSvg } from "./dom.js";
import { drawing } from "./draw.js";
import { writeFilter } from "./filter.js";
import { filters } from "./filters.js";
import { keepHash } from "./follow.js";
import { ground } from "./ground.js";
import { listing } from "./listing.js";
import { locating } from "./locate.js";
import { overlay } from "./overlay.js";
import { Palette } from "./paint.js";
import { panel } from "./panel.js";
import { onPaper, sheetHead } from "./paper.js";
import { searching } from "./search.js";
import { sheet } from "./sheet.js";
import { stateLine } from "./state.js";
import { districtTiles } from "./tiles.js";
import { followInput, followLinks, furnish, goTo, hasRoomForLegend, mapButton, PHONE, showDistrict, viewOf } from "./view.js";

// A4 on its side, without margins, head and the legend's column.
const SHEET_ROOM = { width: 776, height: 632 };

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
  const now = { at: given.at, sel: given.sel, filter: given.filter };
  applyLayers(tiles, config, given.on);
  tiles.setQuery("tickets", writeFilter(now.filter));
  furnish(L, map, config);
  if (!hasRoomForLegend(L, map, config)) byId("legend").removeAttribute("open");
  const home = () => showDistrict(L, map, config);
  const show = (view) => (view ? map.setView([view.lat, view.lon], view.zoom, { animate: false }) : home());
  show(given.view);

  const above = overlay(L, tiles, palette);
  const record = (isStep) => {
    const next = write({ view: viewOf(map), on: [...tiles.shown], ...now });
    if (next !== location.hash) history[isStep ? "pushState" : "replaceState"](null, "", next);
  };
  const list = panel(config, map, tiles, palette, () => {
    record(true);
    rows.refresh();
  });
  list.sync();
  const state = stateLine(config, list, tiles, home);
  tiles.addTo(map);
  above.addTo(map);
  const stops = sheet();

  // what a click or a row means, until the question about its place is asked
  /** @type {import('./types.js').Selected|null} */
  let meant = null;
  /** @type {import('./types.js').Selected|null} */
  let implied = null;
  const select = () => {
    const place = now.at ? { lon: now.at[0], lat: now.at[1] } : {};
    above.select(now.sel ? { ...place, ...now.sel } : implied);
    rows.mark(now.sel || implied);
    // the pin would cover the very dot that was meant
    const layer = now.sel && config.layers.find((one) => now.sel && one.id === now.sel.id);
    map.getContainer().classList.toggle("has-dot", Boolean(layer && layer.shape === "point"));
  };
  const choose = (feature) => {
    meant = feature;
    if (feature.lon === null || feature.lat === null) return;
    questions.ask(feature.lon, feature.lat);
  };
  const rows = listing(config, map, tiles, {
    filter: () => now.filter,
    onChoose: (row, layer) => choose({ id: layer.id, key: row.key, lon: row.lon, lat: row.lat }),
  });
  const tool = drawing(L, map, config, {
    onDrawn: (within) => chips.change({ within }),
    onPointed: (lon, lat) => pickVillage(config, lon, lat, chips).then((isThere) => isThere || state.note(config.texts.outsideAll)),
    onEnd: () => draw.setAttribute("aria-pressed", "false"),
  });
  const inside = ground(config, {
    onClear: () => chips.change({ within: [], area: [] }),
    onUnit: (unit) => choose({ id: "units", ...unit }),
  });
  const follow = () => {
    const query = writeFilter(now.filter);
    tiles.setQuery("tickets", query);
    above.pick(now.filter.area);
    tool.show(now.filter.within);
    inside.show(now.filter);
    leadTo(config, query);
    rows.refresh();
  };
  const chips = filters(config, {
    filter: now.filter,
    isReady: () => tiles.isSettled,
    onPick: () => tool.start("point"),
    onChange: (filter, isStep) => {
      now.filter = filter;
      follow();
      record(isStep);
    },
  });
  const draw = mapButton(L, map, {
    title: config.texts.draw,
    drawing: pencil(),
    onClick: () => {
      if (tool.mode()) return tool.stop();
      tool.start("draw");
      draw.setAttribute("aria-pressed", "true");
    },
  });

  const answer = card(config, () => {
    now.at = now.sel = implied = null;
    questions.forget();
    select();
    record(false);
    map.getContainer().focus({ preventScroll: true });
  });
  map.on("click", (event) => {
    meant = above.dotAt(event.containerPoint);
  });
  const questions = asking(L, map, config, {
    answer,
    select: (feature) => {
      implied = feature;
      select();
    },
    onAsked: (place) => {
      now.at = place;
      now.sel = meant && { id: meant.id, key: meant.key };
      meant = null;
      select();
      record(true);
    },
  });
  searching(L, map, config, {
    ask: questions.ask,
    select: (feature) => {
      meant = feature;
    },
    goTo: (hit) => goTo(map, hit),
    onList: (isOpen) => PHONE.matches && stops.go(isOpen ? "full" : "peek"),
  });
  locating(L, map, config, { ask: questions.ask, say: state.note });
  copying(config);
  onPaper(map, { tiles, above, palette, room: SHEET_ROOM, onColours: list.refresh, onSheet: () => sheetHead(config, chips.inWords()) });
  byId("print").addEventListener("click", () => window.print());
  if (now.at) questions.ask(now.at[0], now.at[1], { isNew: false });
  select();
  follow();

  map.on("moveend", () => {
    record(false);
    leadHere(map, config);
    rows.refresh();
    if (tiles.isSettled) state.settled();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && answer.close());
  window.addEventListener("popstate", () => {
    const wanted = read(location.hash);
    // first, as a map that moves writes down what holds now
    Object.assign(now, { at: wanted.at, sel: wanted.sel, filter: wanted.filter });
    applyLayers(tiles, config, wanted.on);
    list.sync();
    show(wanted.view);
    chips.set(now.filter);
    follow();
    implied = null;
    select();
    if (now.at) questions.ask(now.at[0], now.at[1], { isNew: false });
    else answer.close();
  });
  leadHere(map, config);
  record(false);
  followScheme(palette, tiles, list);
  followInput();
  followLinks(map);
  keepHash();
}

function applyLayers(tiles, config, wanted) {
  if (!wanted) return;
  for (const layer of config.layers) {
    const isOn = wanted.includes(layer.id);
    if (isOn !== tiles.shown.has(layer.id)) tiles.setShown(layer.id, isOn);
  }
}

/** The list and the file of the same tickets. */
function leadTo(config, query) {
  if (!config.countsUrl) return;
  const end = query ? `?${query}` : "";
  byId("open-list").setAttribute("href", `${config.ticketsUrl}${end}`);
  byId("open-export").setAttribute("href", `${config.exportUrl}tickets.geojson${end}`);
}

/** The report of something in the map's middle. */
function leadHere(map, config) {
  if (!config.reportUrl) return;
  const { lat, lng } = map.getCenter().wrap();
  byId("report-here").setAttribute("href", `${config.reportUrl}?lon=${lng.toFixed(6)}&lat=${lat.toFixed(6)}`);
}

/** Take the village at a place in or leave it out; false where there is none. */
async function pickVillage(config, lon, lat, chips) {
  const query = `lon=${lon.toFixed(7)}&lat=${lat.toFixed(7)}`;
  const response = await fetch(`${config.whereUrl}?${query}`, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  const { village } = response.ok ? await response.json() : { village: null };
  if (!village) return false;
  chips.name(village.code, village.name);
  const { area } = chips.value();
  chips.change({ area: area.includes(village.code) ? area.filter((code) => code !== village.code) : [...area, village.code] });
  return true;
}

function pencil() {
  const corners = [[4, 6], [15, 3], [17, 14], [7, 17]];
  const path = makeSvg("path", { d: `M${corners.map((corner) => corner.join(" ")).join("L")}Z`, fill: "none", stroke: "currentColor", "stroke-width": 1.8, "stroke-dasharray": "3 2" });
  const dots = corners.map(([cx, cy]) => makeSvg("circle", { cx, cy, r: 2.2, fill: "currentColor" }));
  return makeSvg("svg", { width: 20, height: 20, viewBox: "0 0 20 20", "aria-hidden": "true" }, path, ...dots);
}

function followScheme(palette, tiles, list) {
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    palette.clear();
    tiles.restyle();
    list.refresh();
  });
}
