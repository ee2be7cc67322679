/**
 * What the address of the coverage page says after its #: the view, what is chosen, and the trial.
 *
 * `#view=13/31.12345/121.45678&sel=villages:310112101001&closed=U1,U2&open=121.451000,31.120000;…`
 *
 * @typedef {{zoom: number, lat: number, lon: number}} View
 * @typedef {{lon: number, lat: number}} Place
 * @typedef {{view: View|null, sel: {id: string, key: string}|null, closed: string[], open: Place[]}} Given
 */

const MOST = 20;

/**
 * @param {string} hash
 * @returns {Given} null and empty for what it does not say, or says wrongly
 */
export function read(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const view = (given.get("view") || "").split("/").map(Number);
  const isView = view.length === 3 && view.every(Number.isFinite) && view[0] >= 0 && view[0] <= 22 && isPlace(view[2], view[1]);
  const [id, ...key] = (given.get("sel") || "").split(":");
  return {
    view: isView ? { zoom: view[0], lat: view[1], lon: view[2] } : null,
    sel: id && key.length > 0 ? { id, key: key.join(":") } : null,
    closed: (given.get("closed") || "").split(",").filter(Boolean).slice(0, MOST),
    open: (given.get("open") || "").split(";").map(place).filter(isThere).slice(0, MOST),
  };
}

/**
 * @param {Given} state
 * @returns {string} the part of the address that begins with #
 */
export function write({ view, sel, closed, open }) {
  const parts = [];
  if (view) parts.push(`view=${Number(view.zoom.toFixed(2))}/${view.lat.toFixed(5)}/${view.lon.toFixed(5)}`);
  if (sel) parts.push(`sel=${sel.id}:${encodeURIComponent(sel.key)}`);
  if (closed.length > 0) parts.push(`closed=${closed.map(encodeURIComponent).join(",")}`);
  if (open.length > 0) parts.push(`open=${pairs(open)}`);
  return `#${parts.join("&")}`;
}

/**
 * @param {Place[]} places
 * @returns {string} as the server reads them
 */
export function pairs(places) {
  return places.map(({ lon, lat }) => `${lon.toFixed(6)},${lat.toFixed(6)}`).join(";");
}

/** @returns {Place|null} */
function place(text) {
  const pair = text.split(",").map((part) => (/^-?\d+(\.\d+)?$/.test(part) ? Number(part) : NaN));
  return pair.length === 2 && isPlace(pair[0], pair[1]) ? { lon: pair[0], lat: pair[1] } : null;
}

/** @type {(one: Place|null) => one is Place} */
function isThere(one) {
  return one !== null;
}

function isPlace(lon, lat) {
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
}
