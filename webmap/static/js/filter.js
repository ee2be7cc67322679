/**
 * Which tickets are meant, as the map, the list, the export and the tiles all spell it.
 *
 * @typedef {import('./types.js').Filter} Filter
 */

export const LISTS = ["state", "desk", "category", "due", "unit", "area"];
const DAYS = ["since", "until", "closed_since", "closed_until"];
// A figure of an index, which has days of its own: while there is one, `since` and `until` are those.
export const INDEX = ["index", "part", "level", "of"];
export const NAMES = [...LISTS, ...DAYS, "within", ...INDEX];

// What a day's work is about; ended tickets are asked for.
const OPEN = ["new", "work", "check"];

const CODE = /^[\w.:-]{1,64}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

// What the server knows of lists that are the same everywhere; a link cut in two must not leave a dead map.
const WORDS = {
  state: [...OPEN, "closed"],
  desk: ["file", "assign", "referee", "approve", "own", "check", "accept", "handle", "returned", "late", "supervised", "reworked", "bounced"],
  due: ["late", "soon", "ontime", "none"],
};
const MOST_CORNERS = 200;
const DIGITS = 5;

/** @returns {Filter} every ticket */
export function allTickets() {
  return { state: [], desk: [], category: [], due: [], unit: [], area: [], since: "", until: "", closed_since: "", closed_until: "", within: [], index: "", part: "", level: "", of: "" };
}

/** @returns {Filter} every ticket that waits for somebody: what the map opens with */
export function openTickets() {
  return { ...allTickets(), state: [...OPEN] };
}

/**
 * @param {URLSearchParams} given
 * @returns {Filter|null} null where not one of the names is there; what is written wrongly asks for nothing
 */
export function readFilter(given) {
  if (!NAMES.some((name) => given.has(name))) return null;
  const filter = allTickets();
  for (const name of LISTS) {
    const known = WORDS[name];
    const codes = (given.get(name) || "").split(",").filter((code) => CODE.test(code));
    filter[name] = unique(known ? codes.filter((code) => known.includes(code)) : codes);
  }
  for (const name of DAYS) filter[name] = isDay(given.get(name) || "") ? given.get(name) || "" : "";
  if (filter.since && filter.until && filter.since > filter.until) filter.until = "";
  if (filter.closed_since && filter.closed_until && filter.closed_since > filter.closed_until) filter.closed_until = "";
  filter.within = corners(given.get("within") || "");
  if (filter.since && filter.until && CODE.test(given.get("index") || "")) {
    for (const name of INDEX) filter[name] = CODE.test(given.get(name) || "") ? given.get(name) || "" : "";
  }
  return filter;
}

/**
 * @param {Filter} filter
 * @param {string[]} [names] only these
 * @returns {string} a query string without its question mark, always in the same order; empty for every ticket
 */
export function writeFilter(filter, names = NAMES) {
  const parts = [];
  for (const name of names) {
    const value = name === "within" ? writeCorners(filter.within) : LISTS.includes(name) ? filter[name].join(",") : filter[name];
    if (value) parts.push(`${name}=${value}`);
  }
  return parts.join("&");
}

/** What drops the figure of an index, and its days with it. */
export function withoutIndex() {
  return { since: "", until: "", ...Object.fromEntries(INDEX.map((name) => [name, ""])) };
}

/** @param {Array<[number, number]>} given */
export function writeCorners(given) {
  return given.map(([lon, lat]) => `${lon.toFixed(DIGITS)},${lat.toFixed(DIGITS)}`).join(";");
}

/** @returns {Array<[number, number]>} none where it is not a polygon */
function corners(text) {
  const found = text.split(";").map((pair) => pair.split(",").map(Number));
  const isGood = found.every(
    (pair) => pair.length === 2 && pair.every(Number.isFinite) && Math.abs(pair[0]) <= 180 && Math.abs(pair[1]) <= 90
  );
  if (!isGood || found.length < 3 || found.length > MOST_CORNERS) return [];
  const ring = /** @type {Array<[number, number]>} */ (found);
  return isSimple(ring) ? ring : [];
}

/** Whether a text is a day of the calendar, ISO. */
function isDay(text) {
  const moment = DAY.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  return moment !== null && !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text);
}

/**
 * Whether a ring's sides meet only at its corners.
 *
 * @param {Array<[number, number]>} ring
 */
export function isSimple(ring) {
  const many = ring.length;
  for (let one = 0; one < many; one += 1) {
    for (let other = one + 2; other < many; other += 1) {
      if (one === 0 && other === many - 1) continue;
      if (cross(ring[one], ring[one + 1], ring[other], ring[(other + 1) % many])) return false;
    }
  }
  return true;
}

function cross(a, b, c, d) {
  const side = (p, q, r) => Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);
}

function unique(codes) {
  return [...new Set(codes)];
}
