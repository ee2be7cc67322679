/**
 * What lies in a drawn polygon, or in the areas chosen: how many tickets and units, and both as files.
 *
 * @typedef {import('./types.js').Config} Config
 * @typedef {import('./types.js').Filter} Filter
 */

import { byId, make } from "./dom.js";
import { writeFilter } from "./filter.js";

const MOST_NAMED = 200;

/**
 * @param {Config} config
 * @param {{onClear: () => void, onUnit: (unit: {key: string, lon: number, lat: number}) => void}} parts
 */
export function ground(config, { onClear, onUnit }) {
  const { texts } = config;
  const box = byId("ground");
  const body = byId("ground-body");
  /** @type {AbortController|null} */
  let running = null;
  let shown = "";
  /** @type {string|null} */
  let file = null;
  byId("ground-clear").addEventListener("click", onClear);

  /** @param {Filter} filter */
  async function show(filter) {
    const asked = writeFilter(filter);
    const here = writeFilter(filter, ["area", "within"]);
    if (asked === shown) return;
    shown = asked;
    if (running) running.abort();
    box.hidden = !here;
    if (!here) return;
    byId("ground-title").textContent = filter.within.length ? texts.groundTitle : texts.areasTitle;
    const control = (running = new AbortController());
    const waiting = () => make("span", { class: "quiet" }, texts.groundWait);
    const tickets = make("div", { class: "ground-row" }, make("span", {}, texts.groundTickets), waiting());
    const units = make("div", { class: "ground-row" }, make("span", {}, texts.groundUnits), waiting());
    const list = make("ul", { class: "plain-list" });
    body.replaceChildren(...(config.countsUrl ? [tickets] : []), units, list);
    const say = (row, pieces) => row.replaceChildren(row.firstChild, ...pieces);
    const failed = (row) => (error) => {
      if (!control.signal.aborted) say(row, [make("span", { class: "wrong-word" }, `${texts.groundFailed} ${error.message || ""}`)]);
    };
    if (config.countsUrl) {
      const link = make("a", { href: `${config.exportUrl}tickets.geojson?${asked}`, download: "" }, texts.download);
      read(`${config.countsUrl}?${asked}`, control.signal).then((counts) => say(tickets, [number(counts.total), link]), failed(tickets));
    }
    unitsIn(config, filter, control.signal).then((found) => {
      if (file) URL.revokeObjectURL(file);
      file = URL.createObjectURL(new Blob([JSON.stringify({ type: "FeatureCollection", features: found })], { type: "application/geo+json" }));
      const link = make("a", { href: file, download: `${texts.unitsFile}.geojson` }, texts.download);
      say(units, [number(found.length), link]);
      list.replaceChildren(...found.slice(0, MOST_NAMED).map(unit));
    }, failed(units));
  }

  function unit({ properties, geometry }) {
    const button = make("button", { type: "button", class: "row" }, make("span", {}, properties.name), make("small", {}, properties.kind_name || ""));
    const [lon, lat] = geometry.coordinates;
    button.addEventListener("click", () => onUnit({ key: properties.code, lon, lat }));
    return make("li", {}, button);
  }

  return { show };
}

function number(many) {
  return make("strong", { class: "number" }, many.toLocaleString("en"));
}

async function read(url, signal) {
  const response = await fetch(url, { signal, credentials: "same-origin" });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail || String(response.status));
  return answer;
}

/** Units with a place in a polygon (its own corners and sides count) and, where areas are chosen, in one of them. */
async function unitsIn(config, { within, area }, signal) {
  const [lons, lats] = [within.map(([lon]) => lon), within.map(([, lat]) => lat)];
  const box = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
  const query = within.length ? `?bbox=${box.map((edge) => edge.toFixed(6)).join(",")}` : "";
  const { features } = await read(`${config.exportUrl}units.geojson${query}`, signal);
  return features.filter(({ geometry, properties: of }) => {
    if (!geometry) return false;
    const isThere = area.length === 0 || [of.town_code, of.village_code, of.cell_code].some((code) => area.includes(code));
    return isThere && (within.length === 0 || covers(within, geometry.coordinates));
  });
}

/**
 * Whether a ring covers a place, its own line included; sides are straight in degrees.
 *
 * @param {Array<[number, number]>} ring
 * @param {[number, number]} place
 */
export function covers(ring, [x, y]) {
  let isInside = false;
  for (let place = 0; place < ring.length; place += 1) {
    const [[ax, ay], [bx, by]] = [ring[place], ring[(place + 1) % ring.length]];
    const side = (bx - ax) * (y - ay) - (by - ay) * (x - ax);
    const isBeside = x >= Math.min(ax, bx) && x <= Math.max(ax, bx) && y >= Math.min(ay, by) && y <= Math.max(ay, by);
    if (side === 0 && isBeside) return true;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) isInside = !isInside;
  }
  return isInside;
}
