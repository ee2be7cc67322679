/**
 * What lies in a drawn polygon, or in the areas chosen: how many tickets and units, and both as files.
 *
 * @typedef {import('./types.js').Config} Config
 * @typedef {import('./types.js').Filter} Filter
 */

import { byId, make } from "./dom.js";
import { writeFilter } from "./filter.js";
import { askJson } from "./server.js";

// As many as the list of the server gives at once.
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
  /** @type {HTMLElement|null} */
  let tickets = null;
  /** @type {{query: string, counts: any}} what is known of tickets, and of which; null where the server did not say */
  let counted = { query: "", counts: null };
  byId("ground-clear").addEventListener("click", onClear);

  /** @param {Filter} filter */
  function show(filter) {
    const asked = writeFilter(filter);
    const here = writeFilter(filter, ["area", "within"]);
    if (asked === shown) return;
    shown = asked;
    if (running) running.abort();
    box.hidden = !here;
    tickets = null;
    if (!here) return;
    byId("ground-title").textContent = filter.within.length ? texts.groundTitle : texts.areasTitle;
    const units = row(texts.groundUnits);
    const list = make("ul", { class: "plain-list" });
    if (config.countsUrl) tickets = row(texts.groundTickets);
    body.replaceChildren(...(tickets ? [tickets] : []), units, list);
    if (counted.query === asked && counted.counts) sayTickets();
    const control = (running = new AbortController());
    askJson(`${config.listUrl}units?${here}&limit=${MOST_NAMED}`, control.signal).then(
      (found) => {
        say(units, number(found.total), file("units", here));
        list.replaceChildren(...found.rows.map(unit));
      },
      (error) => control.signal.aborted || failed(units, error.message)
    );
  }

  /**
   * The counts of the filter, which are asked for once for all of the page.
   *
   * @param {string} query
   * @param {any} counts null where they did not arrive
   */
  function count(query, counts) {
    counted = { query, counts };
    if (query === shown) sayTickets();
  }

  function sayTickets() {
    if (!tickets) return;
    if (counted.counts) say(tickets, number(counted.counts.total), file("tickets", shown));
    else failed(tickets, "");
  }

  function row(title) {
    return make("div", { class: "ground-row" }, make("span", {}, title), make("span", { class: "quiet" }, texts.groundWait));
  }

  function say(line, ...pieces) {
    line.replaceChildren(line.firstChild, ...pieces);
  }

  function failed(line, sentence) {
    say(line, make("span", { class: "wrong-word" }, `${texts.groundFailed} ${sentence || ""}`));
  }

  function file(id, query) {
    return make("a", { href: `${config.exportUrl}${id}.geojson?${query}`, download: "" }, texts.download);
  }

  function unit({ key, title, note, lon, lat, href }) {
    const words = [make("span", {}, title), make("small", {}, note)];
    // of a unit whose place is not known only its page can be shown
    if (lon === null) return make("li", {}, make("a", { class: "row", href }, ...words));
    const button = make("button", { type: "button", class: "row" }, ...words);
    button.addEventListener("click", () => onUnit({ key, lon, lat }));
    return make("li", {}, button);
  }

  return { show, count };
}

function number(many) {
  return make("strong", { class: "number" }, many.toLocaleString("en"));
}
