/**
 * The view in the address: `#view=14/31.12345/121.45678&on=towns,units&at=121.45,31.12`.
 *
 * Whoever opens a copied link sees the same map; the back button returns to the place asked before.
 *
 * @typedef {{zoom: number, lat: number, lon: number}} View
 * @typedef {{view: View|null, on: string[]|null, at: [number, number]|null}} State
 */

const DIGITS = 5;

/**
 * @param {string} hash
 * @returns {State} what the address says; null for what it does not, or says wrongly
 */
export function read(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const view = numbers(given.get("view"), "/", 3);
  const at = numbers(given.get("at"), ",", 2);
  const on = given.get("on");
  return {
    view: view && isPlace(view[2], view[1]) && view[0] >= 0 && view[0] <= 22 ? { zoom: view[0], lat: view[1], lon: view[2] } : null,
    on: on === null ? null : on.split(",").filter(Boolean),
    at: at && isPlace(at[0], at[1]) ? [at[0], at[1]] : null,
  };
}

/**
 * @param {State} state
 * @returns {string} the address's part after the page, with its #
 */
export function write({ view, on, at }) {
  const parts = [];
  if (view) parts.push(`view=${view.zoom}/${view.lat.toFixed(DIGITS)}/${view.lon.toFixed(DIGITS)}`);
  if (on) parts.push(`on=${on.join(",")}`);
  if (at) parts.push(`at=${at[0].toFixed(6)},${at[1].toFixed(6)}`);
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
