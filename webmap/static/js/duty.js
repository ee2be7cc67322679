/** Responsible ground: the list and the map beside it choose the same. Called by the page with its map. */

import { areaCard } from "./coverage-card.js";
import { byId, make } from "./dom.js";
import { dutyGround, lookAt } from "./duty-ground.js";
import { askJson } from "./server.js";

// The collections that stand for each kind.
const LAYERS = { region: "regions", block: "blocks", point: "points" };

/**
 * @param {any} map the Leaflet map that Folium made
 * @param {any} config
 */
export async function mount(map, config) {
  const { tiles, above } = await dutyGround(map, config);
  lookAt(map, config.home);
  tiles.addTo(map);
  above.addTo(map);
  const card = areaCard(() => choose(null));
  /** @type {HTMLElement|null} */
  let chosen = null;

  /** @param {HTMLElement|null} row */
  const choose = (row) => {
    mark(chosen, false);
    chosen = row;
    mark(row, true);
    above.select(row && featureOf(row));
    if (row) show(row, card, config);
    else card.hide();
    const sel = row ? `#${row.dataset.kind}:${row.dataset.key}` : location.pathname + location.search;
    history.replaceState(null, "", sel);
  };

  for (const row of rows()) {
    row.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && above.select(featureOf(row)));
    row.addEventListener("pointerleave", () => above.select(chosen && featureOf(chosen)));
    row.addEventListener("focusin", () => above.select(featureOf(row)));
    row.addEventListener("click", (event) => {
      // a link leads where it says
      if (event.target instanceof Element && event.target.closest("a")) return;
      choose(row);
      const box = boxOf(row);
      if (box) lookAt(map, box);
    });
  }
  const take = async (latlng, point) => {
    const { lng: lon, lat } = latlng.wrap();
    const dot = above.dotAt(point);
    const row = dot && dot.id === "points" ? rowOf("point", dot.key) : await blockAt(config, lon, lat, card);
    if (!row) return;
    choose(row);
    row.scrollIntoView({ block: "nearest" });
  };
  map.on("click", (event) => take(event.latlng, event.containerPoint));
  const container = map.getContainer();
  container.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === container) take(map.getCenter(), map.getSize().divideBy(2));
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && choose(null));
  const [kind, key] = decodeURIComponent(location.hash.slice(1)).split(":");
  const linked = key ? rowOf(kind, key) : null;
  if (!linked) return;
  choose(linked);
  const box = boxOf(linked);
  if (box) lookAt(map, box);
}

function rows() {
  return /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("tr.duty-row"));
}

/** All rows of one record, as a gap stands in two tables. @returns {HTMLElement[]} */
function rowsOf(row) {
  return [...rows()].filter((one) => one.dataset.kind === row.dataset.kind && one.dataset.key === row.dataset.key);
}

/** The row in the list of all; else that among the gaps. @returns {HTMLElement|null} */
function rowOf(kind, key) {
  const found = [...rows()].filter((row) => row.dataset.kind === kind && row.dataset.key === key);
  return found[found.length - 1] || null;
}

function mark(row, isOn) {
  for (const one of row ? rowsOf(row) : []) {
    if (isOn) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
}

/** @param {HTMLElement} row @returns {number[]|null} */
function boxOf(row) {
  return row.dataset.box ? row.dataset.box.split(",").map(Number) : null;
}

/** @param {HTMLElement} row @returns {import('./types.js').Selected|null} */
function featureOf(row) {
  const id = LAYERS[row.dataset.kind || ""];
  const box = boxOf(row);
  if (!id || !box) return null;
  const feature = { id, key: row.dataset.key || "" };
  if (id !== "points") return feature;
  return { ...feature, lon: box[0], lat: box[1] };
}

/** What the row says, on the card, with the way to its page. */
function show(row, card, config) {
  card.show(row);
  const link = row.querySelector("th a");
  const open = make("a", { class: "button", href: link ? link.getAttribute("href") : "" }, config.texts.details);
  byId("card-body").append(make("p", {}, open));
}

/** The row of the smallest block at a place; what there is to say without one is said. */
async function blockAt(config, lon, lat, card) {
  const query = new URLSearchParams({ lon: lon.toFixed(7), lat: lat.toFixed(7) });
  try {
    const place = await askJson(`${config.whereUrl}?${query}`);
    for (const hit of place.blocks) {
      const row = rowOf("block", hit.code);
      if (row) return row;
    }
    card.say(config.texts.dutyNothing);
  } catch {
    card.say(config.texts.dutyNoAnswer);
  }
  return null;
}
