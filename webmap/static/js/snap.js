/**
 * Which corner or side of some rings a place means, and the way along a ring from one such place to another.
 *
 * @typedef {[number, number]} Place   longitude first
 * @typedef {Place[]} Ring             corners without the closing one
 * @typedef {object} On                a place on a ring: `along` counts corners, 2.5 is half way behind the third
 * @property {number} ring
 * @property {number} along
 * @typedef {object} Snapped
 * @property {Place} at
 * @property {On[]} on   every ring that it lies on
 */

// Two places this near, in degrees, are one: a centimetre.
const SAME = 1.5e-7;

// Who means to follow a border does not mean to walk more than so many times the straight way.
const LONGEST_WAY = 2;

/**
 * The nearest corner within reach; else the nearest place on a side; null where nothing is within reach.
 *
 * @param {Place} place
 * @param {Ring[]} rings
 * @param {number} reach   in degrees of latitude
 * @returns {Snapped|null}
 */
export function nearest(place, rings, reach) {
  const found = feet(place, rings, reach);
  const [first] = [...found.filter((one) => one.isCorner), ...found.filter((one) => !one.isCorner)];
  if (!first) return null;
  const on = feet(first.at, rings, SAME).sort((one, other) => Number(other.isCorner) - Number(one.isCorner));
  const seen = new Set();
  return { at: first.at, on: on.filter(({ ring }) => !seen.has(ring) && seen.add(ring)).map(({ ring, along }) => ({ ring, along })) };
}

/**
 * The corners between two snapped places along the ring that both lie on; none where they share no ring, lie next to
 * each other, or the way is much longer than the straight one.
 *
 * @param {Snapped} from
 * @param {Snapped} to
 * @param {Ring[]} rings
 * @returns {Place[]}
 */
export function between(from, to, rings) {
  const straight = length([from.at, to.at]);
  /** @type {Place[][]} */
  const ways = [];
  for (const one of from.on) {
    const other = to.on.find(({ ring }) => ring === one.ring);
    if (!other) continue;
    const ring = rings[one.ring];
    ways.push(forward(ring, one.along, other.along), forward(ring, other.along, one.along).reverse());
  }
  const whole = ways.map((way) => ({ way, long: length([from.at, ...way, to.at]) })).sort((one, other) => one.long - other.long);
  return whole.length > 0 && whole[0].long <= LONGEST_WAY * straight ? whole[0].way : [];
}

/** The corners and the feet on sides within reach, the nearest first, corners before sides at the same distance. */
function feet([lon, lat], rings, reach) {
  const wide = Math.max(Math.cos((lat * Math.PI) / 180), 1e-6);
  /** @type {Array<On & {at: Place, far: number, isCorner: boolean}>} */
  const found = [];
  rings.forEach((ring, number) => {
    ring.forEach((one, place) => {
      const other = ring[(place + 1) % ring.length];
      const isAway =
        Math.max(one[0], other[0]) < lon - reach / wide || Math.min(one[0], other[0]) > lon + reach / wide ||
        Math.max(one[1], other[1]) < lat - reach || Math.min(one[1], other[1]) > lat + reach;
      if (isAway) return;
      const far = (at) => Math.hypot((at[0] - lon) * wide, at[1] - lat);
      if (far(one) <= reach) found.push({ ring: number, along: place, at: one, far: far(one), isCorner: true });
      const [east, north] = [(other[0] - one[0]) * wide, other[1] - one[1]];
      const square = east * east + north * north;
      const part = square ? ((lon - one[0]) * wide * east + (lat - one[1]) * north) / square : 0;
      if (part <= 0 || part >= 1) return;
      const at = /** @type {Place} */ ([round(one[0] + part * (other[0] - one[0])), round(one[1] + part * (other[1] - one[1]))]);
      if (far(at) <= reach) found.push({ ring: number, along: place + part, at, far: far(at), isCorner: false });
    });
  });
  return found.sort((one, other) => one.far - other.far || Number(other.isCorner) - Number(one.isCorner));
}

/** The corners of a ring behind one place on it and before another, going on. */
function forward(ring, from, to) {
  const end = to > from ? to : to + ring.length;
  const way = [];
  for (let place = Math.floor(from) + 1; place < end; place += 1) way.push(ring[place % ring.length]);
  return way;
}

function length(way) {
  return way.slice(1).reduce((sum, [lon, lat], place) => {
    const wide = Math.cos((lat * Math.PI) / 180);
    return sum + Math.hypot((lon - way[place][0]) * wide, lat - way[place][1]);
  }, 0);
}

const round = (degrees) => Math.round(degrees * 1e7) / 1e7;
