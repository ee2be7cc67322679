/**
 * The twin of the map in words: what is in view, a layer at a time, asked of the server.
 *
 * @typedef {import('./types.js').Config} Config
 * @typedef {import('./types.js').LayerConfig} LayerConfig
 * @typedef {import('./types.js').Selected} Selected
 * @typedef {{key: string, title: string, note: string, lon: number|null, lat: number|null, href: string|null}} Row
 */

import { byId, fill, make, settled } from "./dom.js";
import { writeFilter } from "./filter.js";
import { askJson } from "./server.js";

const A_PAGE = 50;
const QUIET_MS = 250;

/**
 * @param {Config} config
 * @param {any} map
 * @param {any} tiles
 * @param {{filter: () => import('./types.js').Filter, onChoose: (row: Row, layer: LayerConfig, byKeyboard: boolean) => void}} parts
 */
export function listing(config, map, tiles, { filter, onChoose }) {
  const tabs = byId("list-tabs");
  const body = byId("list-body");
  const more = /** @type {HTMLButtonElement} */ (byId("list-more"));
  const said = byId("list-said");
  /** @type {string|null} */
  let open = null;
  /** @type {Row[]} */
  let rows = [];
  /** @type {string|null} what the rows answer */
  let answered = null;
  /** @type {Selected|null} */
  let marked = null;
  /** @type {string|null} the row from which the keyboard went to the card */
  let left = null;
  /** @type {AbortController|null} */
  let running = null;

  const offered = () => tiles.visible().filter((layer) => layer.isListed).reverse();

  function drawTabs() {
    const layers = offered();
    if (!layers.some((layer) => layer.id === open)) open = layers.length ? layers[0].id : null;
    const had = tabs.contains(document.activeElement) ? document.activeElement : null;
    const kept = had instanceof HTMLElement ? had.dataset.layer : null;
    tabs.replaceChildren(
      ...layers.map((layer) => {
        const tab = make("button", { type: "button", class: "tab", "data-layer": layer.id, "aria-pressed": String(layer.id === open) }, layer.title);
        tab.addEventListener("click", () => {
          open = layer.id;
          refresh();
        });
        return tab;
      })
    );
    const again = kept && tabs.querySelector(`[data-layer="${kept}"]`);
    if (again instanceof HTMLElement) again.focus({ preventScroll: true });
  }

  function query(skip) {
    const box = map.getBounds();
    const edges = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
    const limits = [-180, -90, 180, 90];
    const inside = edges.map((edge, place) => (place < 2 ? Math.max(edge, limits[place]) : Math.min(edge, limits[place])));
    const asked = [`bbox=${inside.map((edge) => edge.toFixed(6)).join(",")}`, `limit=${A_PAGE}`];
    if (skip) asked.push(`skip=${skip}`);
    if (open === "tickets") asked.push(writeFilter(filter()));
    return `${config.listUrl}${open}?${asked.filter(Boolean).join("&")}`;
  }

  async function load(skip) {
    if (!open) return empty();
    const url = query(skip);
    if (url === answered && !skip) return;
    if (running) running.abort();
    const control = (running = new AbortController());
    body.setAttribute("aria-busy", "true");
    try {
      const answer = await askJson(url, control.signal);
      rows = skip ? [...rows, ...answer.rows] : answer.rows;
      if (!skip) answered = url;
      show(answer.total);
    } catch {
      if (control.signal.aborted) return;
      answered = null;
      const again = make("button", { type: "button", class: "plain" }, config.texts.retry);
      again.addEventListener("click", () => load(0));
      said.replaceChildren(make("span", {}, config.texts.noList), again);
      more.hidden = true;
    } finally {
      if (running === control) {
        running = null;
        body.removeAttribute("aria-busy");
      }
    }
  }

  function show(total) {
    const layer = config.layers.find((one) => one.id === open);
    const at = body.contains(document.activeElement) ? [...body.querySelectorAll("button")].indexOf(/** @type {any} */ (document.activeElement)) : -1;
    const isLonger = rows.length > A_PAGE;
    body.replaceChildren(...rows.map((row) => item(row, layer)));
    const facts = { shown: rows.length, total: total.toLocaleString("en"), what: layer ? layer.title : "" };
    const none = config.bounds === null ? config.texts.noGround : fill(config.texts.noneInView, facts);
    said.textContent = total === 0 ? none : fill(rows.length < total ? config.texts.someInView : config.texts.allInView, facts);
    more.hidden = rows.length >= total;
    mark(marked);
    if (at >= 0 && isLonger) body.querySelectorAll("button")[at].focus({ preventScroll: true });
  }

  function item(row, layer) {
    const button = make("button", { type: "button", class: "row", "data-key": row.key }, make("span", {}, row.title), make("small", {}, row.note));
    button.addEventListener("click", (event) => {
      // a press of Enter is a click of no pointer
      const byKeyboard = event.detail === 0;
      left = byKeyboard ? row.key : null;
      if (layer) onChoose(row, layer, byKeyboard);
    });
    const link = row.href && make("a", { href: row.href, "aria-label": fill(config.texts.openOne, { what: row.title }) }, config.texts.details);
    return make("li", {}, button, link);
  }

  function empty() {
    rows = [];
    answered = null;
    body.replaceChildren();
    said.textContent = config.texts.nothingListed;
    more.hidden = true;
  }

  /** @param {Selected|null} feature */
  function mark(feature) {
    marked = feature;
    for (const button of body.querySelectorAll("button.row")) {
      const isIt = feature !== null && feature.id === open && button.getAttribute("data-key") === feature.key;
      button.toggleAttribute("aria-current", isIt);
      if (isIt) button.setAttribute("aria-current", "true");
    }
  }

  /** Say anew what is in view; nothing is asked when nothing has changed. */
  function refresh() {
    drawTabs();
    load(0);
  }

  /** Back to the row from which the keyboard went away; false where it did not, or the row has gone. */
  function focusAgain() {
    const row = [...body.querySelectorAll("button.row")].find((one) => one.getAttribute("data-key") === left);
    left = null;
    if (row instanceof HTMLElement) row.focus();
    return Boolean(row);
  }

  more.addEventListener("click", () => load(rows.length));
  return { refresh: settled(refresh, QUIET_MS), mark, focusAgain };
}
