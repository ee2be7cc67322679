/** The coverage page: ties map, tables, card and trial together. Called by the page with its map. */

import { read, write } from "./coverage-address.js";
import { areaCard, PHONE, reveal } from "./coverage-card.js";
import { trialGround } from "./coverage-ground.js";
import { standing } from "./coverage-standing.js";
import { linkRows, showRow, sortable } from "./coverage-tables.js";
import { trial } from "./coverage-trial.js";
import { byId } from "./dom.js";
import { keepHash, keepSkips } from "./follow.js";
import { scene } from "./scene.js";
import { askJson } from "./server.js";
import { followInput, furnish, viewOf } from "./view.js";

// Beside the legend, which lies over the map's lower left corner.
const PADDING = 24;

// What the card of an area takes of the map, on its right or, on a phone, at its foot.
const CARD_PX = 304;
const CARD_SHARE = 0.55;

/**
 * @typedef {{id: string, key: string, row: HTMLElement|null}} Chosen
 *
 * @param {any} map the Leaflet map that Folium made
 * @param {any} config
 */
export async function mount(map, config) {
  const L = /** @type {any} */ (window).L;
  const drawn = await scene(L, config);
  const { tiles, above } = drawn;
  for (const id of config.runLayers) tiles.setQuery(id, new URLSearchParams(config.run).toString());
  furnish(L, map, config);
  followInput();
  const home = () => showAll(map, config.bounds);
  const given = read(location.hash);
  goTo(map, given.view, home);
  if (PHONE.matches) byId("legend").removeAttribute("open");

  /** @type {Chosen|null} */
  let chosen = null;
  const record = () => {
    const sel = chosen && { id: chosen.id, key: chosen.key };
    const next = write({ view: viewOf(map), sel, closed: tried.closed(), open: tried.opened() });
    if (next !== location.hash) history.replaceState(null, "", next);
  };
  const card = areaCard(() => choose(null));
  /** @param {Chosen|null} next */
  const choose = (next) => {
    if (chosen && chosen.row) chosen.row.removeAttribute("aria-current");
    chosen = next;
    above.select(next && withPlace(next));
    if (!next) card.hide();
    else if (next.row) {
      next.row.setAttribute("aria-current", "true");
      card.show(next.row);
    }
    record();
  };

  const tried = trial(config, trialGround(L, map), {
    onChange: () => record(),
    level,
    goTo: (lon, lat) => map.setView([lat, lon], Math.max(map.getZoom(), 13), { animate: false }),
  });
  standing(map, drawn, config);
  tiles.addTo(map);
  above.addTo(map);

  tieTables(config, map, { above, choose, chosen: () => chosen });
  tieMap(map, config, { above, tried, choose, card });
  tieForm(config, tiles, () => {
    choose(null);
    tried.refresh();
  });
  map.on("moveend", record);
  keepHash();
  keepSkips();
  const follow = () => {
    const wanted = read(location.hash);
    goTo(map, wanted.view, home);
    if (wanted.closed.length + wanted.open.length > 0 || tried.isOn) tried.set(wanted.closed, wanted.open);
    if (wanted.sel) choose({ ...wanted.sel, row: rowOf(wanted.sel) });
  };
  window.addEventListener("hashchange", follow);
  if (given.closed.length + given.open.length > 0) tried.set(given.closed, given.open);
  if (!given.sel) return;
  const linked = { ...given.sel, row: rowOf(given.sel) };
  choose(linked);
  if (linked.row) showRow(linked.row);
  const { lon, lat } = withPlace(linked);
  if (lon !== undefined) reveal(map, lon, lat);
}

/** The level that is shown, by the form. */
function level() {
  const box = document.querySelector("input[name=level]:checked");
  if (box instanceof HTMLInputElement) return box.value;
  const only = document.querySelector(".ranked");
  return (only && only.getAttribute("data-level")) || "town";
}

function corners([west, south, east, north]) {
  return [
    [south, west],
    [north, east],
  ];
}

/** The whole district as large as the frame allows; on a desk as far from the legend, in the lower left, as it may be. */
function showAll(map, bounds) {
  const box = corners(bounds);
  map.fitBounds(box, { animate: false, padding: [PADDING, PADDING], maxZoom: 16 });
  if (PHONE.matches) return;
  const northEast = map.latLngToContainerPoint(box[1]);
  map.panBy([northEast.x + PADDING - map.getSize().x, northEast.y - PADDING], { animate: false });
}

function goTo(map, view, home) {
  if (view) map.setView([view.lat, view.lon], view.zoom, { animate: false });
  else home();
}

function boxOf(row) {
  return (row.getAttribute("data-box") || "").split(",").map(Number);
}

/**
 * A feature with the middle of its row's box, where a ring stands while its outline is not drawn.
 *
 * @param {Chosen} chosen
 * @returns {import('./types.js').Selected}
 */
function withPlace({ id, key, row }) {
  if (!row || !row.getAttribute("data-box")) return { id, key };
  const [west, south, east, north] = boxOf(row);
  return { id, key, lon: (west + east) / 2, lat: (south + north) / 2 };
}

/** What a row of a table stands for on the map. */
function featureOf(row) {
  const rank = row.getAttribute("data-gap");
  if (rank) return { id: "gaps", key: rank, row };
  const area = row.getAttribute("data-area");
  if (area) return { id: `${area}s`, key: row.getAttribute("data-code"), row };
  const table = row.closest(".ranked");
  return { id: `${table.getAttribute("data-level")}s`, key: row.getAttribute("data-key"), row };
}

/**
 * The row of a feature: an area's stands in the table of its level, a gap's among the gaps.
 *
 * @returns {HTMLElement|null}
 */
function rowOf({ id, key }) {
  const name = CSS.escape(key);
  if (id === "gaps") return document.querySelector(`tr[data-gap="${name}"]`);
  return document.querySelector(`.ranked[data-level="${CSS.escape(id.replace(/s$/, ""))}"] tr[data-key="${name}"]`);
}

/** Sorting, outlines of what is pointed at, and going to what is chosen. */
function tieTables(config, map, { above, choose, chosen }) {
  for (const table of document.querySelectorAll("table[data-sortable]")) sortable(/** @type {HTMLTableElement} */ (table), config.texts);
  linkRows(document, {
    point: (row) => {
      const feature = row ? featureOf(row) : chosen();
      above.select(feature && withPlace(feature));
    },
    choose: (row) => {
      const [west, south, east, north] = boxOf(row);
      const beside = PHONE.matches ? [PADDING, CARD_SHARE * map.getSize().y] : [CARD_PX, PADDING];
      map.fitBounds(corners([west, south, east, north]), {
        animate: false,
        paddingTopLeft: [PADDING, PADDING],
        paddingBottomRight: beside,
        maxZoom: 16,
      });
      choose(featureOf(row));
    },
  });
}

/** A click on the map, or Enter over its middle: changes the trial, or shows the area's figures. */
function tieMap(map, config, { above, tried, choose, card }) {
  const take = (latlng, point) => {
    const { lng: lon, lat } = latlng.wrap();
    const dot = tried.isOn && above.dotAt(point);
    if (dot && dot.id === "units") tried.close(dot);
    else if (tried.isOn) tried.open({ lon, lat });
    else ask(config, lon, lat, { choose, card }).then(() => reveal(map, lon, lat));
  };
  map.on("click", (event) => take(event.latlng, event.containerPoint));
  const container = map.getContainer();
  container.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === container) take(map.getCenter(), map.getSize().divideBy(2));
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && choose(null));
}

async function ask(config, lon, lat, { choose, card }) {
  const { texts } = config;
  const query = new URLSearchParams({ lon: lon.toFixed(7), lat: lat.toFixed(7) });
  try {
    const place = await askJson(`${config.whereUrl}?${query}`);
    const area = place[level()];
    if (!area) card.say(place.is_inside ? texts.noFigures : texts.outside);
    else {
      const feature = { id: `${level()}s`, key: area.code };
      const row = rowOf(feature);
      choose({ ...feature, row });
      if (row) showRow(row);
      else card.say(texts.noFigures, area.name);
    }
  } catch {
    card.say(texts.noAnswer);
  }
}

/** What the map shows and the level change at once; another radius or category needs the server. */
function tieForm(config, tiles, onChange) {
  const form = /** @type {HTMLFormElement} */ (byId("run"));
  const side = document.querySelector(".coverage-side");
  const apply = () => {
    const show = String(new FormData(form).get("show"));
    const on = config.shown[show].map((name) => name.replace("{level}", level()));
    for (const id of config.runLayers) if (on.includes(id) !== tiles.shown.has(id)) tiles.setShown(id, on.includes(id));
    if (side) side.setAttribute("data-show", show);
    for (const table of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".ranked"))) table.hidden = table.dataset.level !== level();
    const query = new URLSearchParams(location.search);
    query.set("show", show);
    query.set("level", level());
    history.replaceState(null, "", `?${query}${location.hash}`);
    onChange();
  };
  for (const box of form.querySelectorAll("input[type=radio]")) box.addEventListener("change", apply);
  form.addEventListener("submit", (event) => {
    // the view and the trial stay while another run is asked for
    event.preventDefault();
    const query = new URLSearchParams(/** @type {any} */ (new FormData(form)));
    if (!query.get("category")) query.delete("category");
    location.assign(`?${query}${location.hash}`);
  });
}
