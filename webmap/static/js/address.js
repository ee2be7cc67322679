/**
 * What the map shows, in the address: `#view=14/31.12345/121.45678&on=towns,units&at=121.45,31.12&sel=units:u7&state=new`.
 *
 * Whoever opens a copied link sees the same map; the back button returns to the step before. What a
 * reader does not know it leaves alone.
 *
 * @typedef {{zoom: number, lat: number, lon: number}} View
 * @typedef {import('./types.js').Filter} Filter
 * @typedef {object} State
 * @property {View|null} view
 * @property {string[]|null} on                 ids of the layers
 * @property {[number, number]|null} at         the place asked about, longitude first
 * @property {{id: string, key: string}|null} sel
 * @property {string} kind                      code of the kind of issue that the card is asked about, or empty
 * @property {Filter} filter
 */

import { allTickets, openTickets, readFilter, writeFilter } from "./filter.js";

const DIGITS = 5;
const KIND = /^\w{1,16}$/;

/**
 * @param {string} hash
 * @returns {State} what the address says; null for what it does not, or says wrongly
 */
export function read(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const view = numbers(given.get("view"), "/", 3);
  const at = numbers(given.get("at"), ",", 2);
  const on = given.get("on");
  const sel = /^([a-z_]{1,40}):(.{1,80})$/.exec(given.get("sel") || "");
  return {
    view: view && isPlace(view[2], view[1]) && view[0] >= 0 && view[0] <= 22 ? { zoom: view[0], lat: view[1], lon: view[2] } : null,
    on: on === null ? null : on.split(",").filter(Boolean),
    at: at && isPlace(at[0], at[1]) ? [at[0], at[1]] : null,
    sel: sel && { id: sel[1], key: sel[2] },
    kind: KIND.test(given.get("kind") || "") ? given.get("kind") || "" : "",
    // an address that the map wrote names its layers, and without a condition means every ticket
    filter: readFilter(given) || (on === null ? openTickets() : allTickets()),
  };
}

/**
 * @param {State} state
 * @returns {string} the address's part after the page, with its #
 */
export function write({ view, on, at, sel, kind, filter }) {
  const parts = [];
  if (view) parts.push(`view=${Number(view.zoom.toFixed(2))}/${view.lat.toFixed(DIGITS)}/${view.lon.toFixed(DIGITS)}`);
  if (on) parts.push(`on=${on.join(",")}`);
  if (at) parts.push(`at=${at[0].toFixed(6)},${at[1].toFixed(6)}`);
  if (sel) parts.push(`sel=${sel.id}:${encodeURIComponent(sel.key)}`);
  if (at && kind) parts.push(`kind=${kind}`);
  const asked = writeFilter(filter);
  if (asked) parts.push(asked);
  return `#${parts.join("&")}`;
}

/**
 * A pair of degrees as people type it: longitude first, or with latitude first where only that lies
 * in the district.
 *
 * @param {string} typed
 * @param {[number, number, number, number]|null} bounds west, south, east, north
 * @returns {{lon: number, lat: number, isSwapped: boolean}|null} null when it is not a pair of degrees
 */
export function readPair(typed, bounds) {
  // full-width digits and commas come from Chinese keyboards
  const plain = typed.normalize("NFKC").replace(/[，、;；\s°]+/g, ",").replace(/^,|,$/g, "");
  const pair = numbers(plain.replace(/,+/g, ","), ",", 2);
  if (!pair) return null;
  const [first, second] = pair;
  const isThis = isPlace(first, second);
  const isOther = isPlace(second, first);
  const swap = isOther && (!isThis || (bounds !== null && !inside(bounds, first, second) && inside(bounds, second, first)));
  if (swap) return { lon: second, lat: first, isSwapped: true };
  return isThis ? { lon: first, lat: second, isSwapped: false } : null;
}

function inside([west, south, east, north], lon, lat) {
  return lon >= west && lon <= east && lat >= south && lat <= north;
}

function isPlace(lon, lat) {
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
}

function numbers(text, divider, wanted) {
  if (!text) return null;
  const found = text.split(divider).map((part) => (/^[-+]?\d+(\.\d+)?$/.test(part) ? Number(part) : NaN));
  return found.length === wanted && found.every(Number.isFinite) ? found : null;
}
