/**
 * Rings and lines of a tile: drawing them into a path, and finding where their names may stand.
 *
 * @typedef {Array<{x: number, y: number}>} Ring
 */

/**
 * @param {Path2D} path
 * @param {Ring} ring
 */
export function trace(path, ring) {
  path.moveTo(ring[0].x, ring[0].y);
  for (let place = 1; place < ring.length; place += 1) path.lineTo(ring[place].x, ring[place].y);
  path.closePath();
}

/**
 * @param {Path2D} path
 * @param {Ring} line
 */
export function traceLine(path, line) {
  path.moveTo(line[0].x, line[0].y);
  for (let place = 1; place < line.length; place += 1) path.lineTo(line[place].x, line[place].y);
}

/**
 * A ring without the stretches along which the tile's edge cut it: those are nobody's border.
 *
 * @param {Path2D} path
 * @param {Ring} ring
 * @param {number} extent
 */
export function traceBorder(path, ring, extent) {
  const isCut = (a, b) =>
    (a.x <= 0 && b.x <= 0) || (a.y <= 0 && b.y <= 0) || (a.x >= extent && b.x >= extent) || (a.y >= extent && b.y >= extent);
  let isDown = false;
  for (let place = 0; place < ring.length; place += 1) {
    const a = ring[place];
    const b = ring[(place + 1) % ring.length];
    if (isCut(a, b)) {
      isDown = false;
      continue;
    }
    if (!isDown) path.moveTo(a.x, a.y);
    path.lineTo(b.x, b.y);
    isDown = true;
  }
}

/**
 * The size of a polygon, and a place inside it where a name may stand.
 *
 * The place is the middle of the widest stretch of ground on the line through the centroid, so that it
 * lies inside even where the polygon is bent around it.
 *
 * @param {Ring[]} rings
 * @returns {{size: number, x: number, y: number}}
 */
export function measure(rings) {
  let twice = 0;
  let sumY = 0;
  for (const ring of rings) {
    for (let place = 0; place < ring.length; place += 1) {
      const a = ring[place];
      const b = ring[(place + 1) % ring.length];
      const cross = a.x * b.y - b.x * a.y;
      twice += cross;
      sumY += (a.y + b.y) * cross;
    }
  }
  const first = rings[0][0];
  const y = twice ? sumY / (3 * twice) : first.y;
  return { size: Math.abs(twice) / 2, x: widest(rings, y, first.x), y };
}

/**
 * The length of a line in a tile, and the middle of its longest straight stretch.
 *
 * @param {Ring[]} lines
 * @returns {{size: number, x: number, y: number}}
 */
export function measureLine(lines) {
  const found = { size: 0, x: lines[0][0].x, y: lines[0][0].y };
  let longest = 0;
  for (const line of lines) {
    for (let place = 1; place < line.length; place += 1) {
      const [a, b] = [line[place - 1], line[place]];
      const length = Math.hypot(b.x - a.x, b.y - a.y);
      found.size += length;
      if (length <= longest) continue;
      longest = length;
      found.x = (a.x + b.x) / 2;
      found.y = (a.y + b.y) / 2;
    }
  }
  return found;
}

function widest(rings, y, fallback) {
  /** @type {number[]} */
  const crossings = [];
  for (const ring of rings) {
    for (let place = 0; place < ring.length; place += 1) {
      const a = ring[place];
      const b = ring[(place + 1) % ring.length];
      if (a.y > y !== b.y > y) crossings.push(a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x));
    }
  }
  crossings.sort((a, b) => a - b);
  let best = fallback;
  let width = 0;
  for (let place = 0; place + 1 < crossings.length; place += 2) {
    const stretch = crossings[place + 1] - crossings[place];
    if (stretch > width) {
      width = stretch;
      best = (crossings[place] + crossings[place + 1]) / 2;
    }
  }
  return best;
}
