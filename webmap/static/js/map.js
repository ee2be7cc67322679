/** The map page: ties what is drawn, conditions, list, card and address together. Called by the page with its map. */

import { read, write } from "./address.js";
import { asking } from "./ask.js";
import { card } from "./card.js";
import { choice } from "./choice.js";
import { conditions } from "./conditions.js";
import { copying } from "./copy.js";
import { byId } from "./dom.js";
import { writeFilter } from "./filter.js";
import { keepHash, keepSkips } from "./follow.js";
import { hinting } from "./hint.js";
import { listing } from "./listing.js";
import { locating } from "./locate.js";
import { panel } from "./panel.js";
import { onPaper, sheetHead } from "./paper.js";
import { scene } from "./scene.js";
import { searching } from "./search.js";
import { sheet } from "./sheet.js";
import { stateLine } from "./state.js";
import { subject } from "./subject.js";
import { comeNear, followInput, followLinks, furnish, goTo, hasRoomForLegend, PHONE, showDistrict, viewOf } from "./view.js";

// A4 on its side, without margins, head and the legend's column.
const SHEET_ROOM = { width: 776, height: 632 };

/**
 * @param {any} map the Leaflet map that Folium made
 * @param {import('./types.js').Config} config
 */
export async function mount(map, config) {
  const L = /** @type {any} */ (window).L;
  const { palette, tiles, above, showLayers, followScheme } = await scene(L, config);
  const given = read(location.hash);
  /** @type {import('./types.js').Now} */
  const now = { at: given.at, sel: given.sel, kind: given.kind, filter: given.filter };
  showLayers(given.on);
  tiles.setQuery("tickets", writeFilter(now.filter));
  furnish(L, map, config);
  if (!hasRoomForLegend(L, map, config)) byId("legend").removeAttribute("open");
  const home = () => showDistrict(L, map, config);
  const show = (view) => (view ? map.setView([view.lat, view.lon], view.zoom, { animate: false }) : home());
  show(given.view);

  const record = (isStep) => {
    const next = write({ view: viewOf(map), on: [...tiles.shown], ...now });
    if (next !== location.hash) history[isStep ? "pushState" : "replaceState"](null, "", next);
  };
  const list = panel(config, map, tiles, palette, () => {
    record(true);
    rows.refresh();
  });
  list.sync();
  const state = stateLine(config, list, tiles, {
    home,
    onRetry: () => {
      rows.refresh();
      asked.retry();
      questions.retry();
    },
  });
  tiles.addTo(map);
  above.addTo(map);
  const stops = sheet();
  const go = (stop) => {
    if (PHONE.matches) stops.go(stop);
    return PHONE.matches;
  };

  const ask = (lon, lat, how) => questions.ask(lon, lat, how);
  const choose = (feature, how) => {
    chosen.mean(feature);
    if (feature.lon !== null && feature.lat !== null) ask(feature.lon, feature.lat, how);
  };
  const rows = listing(config, map, tiles, {
    filter: () => now.filter,
    onChoose: (row, layer, byKeyboard) => choose({ id: layer.id, key: row.key, lon: row.lon, lat: row.lat }, { byKeyboard }),
  });
  const chosen = choice(map, config, now, {
    onShow: (feature) => above.select(feature),
    mark: (feature) => {
      rows.mark(feature);
      about.show(now.sel);
    },
  });
  const followed = () => {
    rows.refresh();
    about.show(now.sel);
  };
  const asked = conditions(L, map, config, now, { tiles, above, onFollow: followed, record, choose, say: state.note, go });
  const about = subject(config, { filter: () => now.filter, onShowAll: () => asked.showAll() });
  const answer = card(config, () => {
    chosen.drop();
    questions.forget();
    record(false);
    if (!rows.focusAgain()) map.getContainer().focus({ preventScroll: true });
  });
  // before the question about the place, which takes what is meant
  map.on("click", (event) => {
    const dot = above.dotAt(event.containerPoint);
    const cluster = dot ? null : above.clusterAt(event.containerPoint);
    chosen.mean(dot);
    event.isTaken = Boolean(cluster);
    if (cluster) comeNear(L, map, cluster);
  });
  const questions = asking(L, map, config, {
    answer,
    now,
    record,
    select: chosen.imply,
    onAsked: (place) => {
      chosen.take(place);
      record(true);
    },
  });
  searching(L, map, config, {
    ask,
    select: chosen.mean,
    goTo: (hit) => goTo(map, hit),
    onList: (isOpen) => go(isOpen ? "full" : "peek"),
  });
  locating(L, map, config, { ask, say: state.note });
  copying(config);
  hinting(map, above);
  onPaper(map, { tiles, above, palette, room: SHEET_ROOM, onColours: list.refresh, onSheet: () => sheetHead(config, asked.inWords()) });
  byId("print").addEventListener("click", () => window.print());
  if (now.at) ask(now.at[0], now.at[1], { isNew: false });
  chosen.show();
  asked.follow();

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
    Object.assign(now, { at: wanted.at, sel: wanted.sel, kind: wanted.kind, filter: wanted.filter });
    showLayers(wanted.on);
    list.sync();
    show(wanted.view);
    asked.reset();
    chosen.follow();
    if (now.at) ask(now.at[0], now.at[1], { isNew: false });
    else answer.close();
  });
  leadHere(map, config);
  record(false);
  followScheme(list.refresh);
  followInput();
  followLinks(map);
  keepHash();
  keepSkips();
}

/** The report of something in the map's middle. */
function leadHere(map, config) {
  if (!config.reportUrl) return;
  const { lat, lng } = map.getCenter().wrap();
  byId("report-here").setAttribute("href", `${config.reportUrl}?lon=${lng.toFixed(6)}&lat=${lat.toFixed(6)}`);
}
