/**
 * What the tiles of a view hold together: dots, clusters, names, and how many features there are.
 *
 * @typedef {import('./types.js').Tile} Tile
 * @typedef {import('./types.js').LayerConfig} LayerConfig
 * @typedef {{x: number, y: number, count: number, box: [number, number, number, number]}} Cluster   box around its members
 */

const CLUSTER_PX = 48;

// From this zoom on every dot stands for itself.
const NEAR_ZOOM = 15;

/**
 * Dots of a layer in a box of CSS pixels, moved by `origin`.
 *
 * @param {Tile[]} tiles
 * @param {LayerConfig} layer
 * @param {{x: number, y: number}} origin
 * @param {{west: number, north: number, east: number, south: number}} box
 */
export function inView(tiles, layer, origin, box) {
  const found = [];
  for (const tile of tiles) {
    const part = tile.parts.get(layer.id);
    if (!part) continue;
    const scale = tile.size / part.extent;
    for (const dot of part.dots) {
      const x = tile.coords.x * tile.size + dot.x * scale - origin.x;
      const y = tile.coords.y * tile.size + dot.y * scale - origin.y;
      if (x < box.west || y < box.north || x > box.east || y > box.south) continue;
      found.push({ key: dot.key, name: dot.name, x, y, kind: dot.kind, mark: dot.mark, count: dot.count });
    }
  }
  return found;
}

/**
 * Dots that stand alone, and clusters of those that would hide one another.
 *
 * Counts from the server are always gathered; single dots only far away, when there are more of them
 * in view than the layer's crowd.
 *
 * @param {ReturnType<typeof inView>} dots
 * @param {LayerConfig} layer
 * @param {number} zoom
 * @returns {{single: ReturnType<typeof inView>, several: Cluster[]}}
 */
export function clusters(dots, layer, zoom) {
  const isCrowd = isCrowded(dots.length, layer, zoom);
  const loose = [];
  /** @type {Map<string, Cluster & {only: any}>} */
  const held = new Map();
  for (const dot of dots) {
    if (dot.kind >= 0 && !isCrowd) {
      loose.push(dot);
      continue;
    }
    const name = `${Math.floor(dot.x / CLUSTER_PX)} ${Math.floor(dot.y / CLUSTER_PX)}`;
    const cluster = held.get(name) || { x: 0, y: 0, count: 0, only: dot, box: [dot.x, dot.y, dot.x, dot.y] };
    cluster.x += dot.x * dot.count;
    cluster.y += dot.y * dot.count;
    cluster.count += dot.count;
    const [west, north, east, south] = cluster.box;
    cluster.box = [Math.min(west, dot.x), Math.min(north, dot.y), Math.max(east, dot.x), Math.max(south, dot.y)];
    held.set(name, cluster);
  }
  const several = [];
  for (const cluster of held.values()) {
    const { x, y, count: many, only, box } = cluster;
    if (many === 1 && only.kind >= 0) loose.push(only);
    else several.push({ x: x / many, y: y / many, count: many, box });
  }
  return { single: loose, several };
}

/**
 * Of dots that would lie over one another only the first; near enough all of them.
 *
 * @param {ReturnType<typeof inView>} dots
 * @param {number} side pixels of the squares of which each shows one dot
 * @param {number} zoom
 */
export function thinned(dots, side, zoom) {
  if (zoom >= NEAR_ZOOM) return dots;
  const taken = new Set();
  return dots.filter((dot) => {
    const name = `${Math.floor(dot.x / side)} ${Math.floor(dot.y / side)}`;
    const isFirst = !taken.has(name);
    taken.add(name);
    return isFirst;
  });
}

/** Whether the dots of a view are gathered. */
export function isCrowded(many, layer, zoom) {
  return many > layer.crowd && zoom < NEAR_ZOOM;
}

/** Pixels from the middle of a cluster to its ring. */
export function clusterRadius(many) {
  return Math.min(9 + 2.5 * Math.log10(many), 18);
}

/**
 * How a layer's clusters look: a ring with a number.
 *
 * @param {LayerConfig} layer
 * @returns {import('./types.js').Style}
 */
export function clusterStyle(layer) {
  const own = layer.classes[layer.sample];
  const line = layer.id === "units" || !own || !own.style.fill ? "--map-town" : own.style.fill;
  return { line, width_px: 2, symbol: "ring", size_px: 6, dash: [], fill: null, fill_opacity: 1, hatch: null, casing: null, grow: 0 };
}

/**
 * Names of areas and where they stand in CSS pixels, the larger areas first.
 *
 * An area that lies in several tiles is named once, in the largest piece of it that is in view.
 *
 * @param {Tile[]} tiles
 * @param {LayerConfig} layer
 * @param {{x: number, y: number}} origin
 * @param {{west: number, north: number, east: number, south: number}} box a piece outside it is the last choice
 */
export function names(tiles, layer, origin, box) {
  /** @type {Map<string, {text: string, size: number, x: number, y: number, best: number}>} */
  const found = new Map();
  for (const tile of tiles) {
    const part = tile.parts.get(layer.id);
    if (!part) continue;
    const scale = tile.size / part.extent;
    for (const area of part.named) {
      if (!area.name) continue;
      const x = tile.coords.x * tile.size + area.x * scale - origin.x;
      const y = tile.coords.y * tile.size + area.y * scale - origin.y;
      const known = found.get(area.key) || { text: area.name, size: 0, x, y, best: 0 };
      known.size += area.size;
      const isIn = x > box.west && x < box.east && y > box.north && y < box.south;
      const worth = isIn ? area.size : area.size * 1e-9;
      if (worth > known.best) Object.assign(known, { x, y, best: worth });
      found.set(area.key, known);
    }
  }
  return [...found.values()].sort((a, b) => b.size - a.size);
}

/**
 * How many features of a layer meet the view, and how many of each class.
 *
 * @param {Tile[]} tiles
 * @param {LayerConfig} layer
 * @param {{x: number, y: number}} origin top left of the view in world pixels
 * @param {{x: number, y: number}} size of the view
 * @returns {import('./types.js').Found}
 */
export function count(tiles, layer, origin, size) {
  return layer.shape === "point" ? countDots(tiles, layer, origin, size) : countShapes(tiles, layer, origin, size);
}

function countDots(tiles, layer, origin, size) {
  const found = { all: 0, kinds: new Map(), marks: new Map(), isGathered: false };
  for (const dot of inView(tiles, layer, origin, { west: 0, north: 0, east: size.x, south: size.y })) {
    found.all += dot.count;
    add(found.kinds, dot.kind, dot.count);
    if (dot.mark >= 0) add(found.marks, dot.mark, 1);
    if (dot.kind < 0) found.isGathered = true;
  }
  return found;
}

function countShapes(tiles, layer, origin, size) {
  const found = { all: 0, kinds: new Map(), marks: new Map(), isGathered: false };
  const seen = new Set();
  for (const tile of tiles) {
    const part = tile.parts.get(layer.id);
    if (!part) continue;
    const scale = tile.size / part.extent;
    // the view in units of this tile
    const west = (origin.x - tile.coords.x * tile.size) / scale;
    const north = (origin.y - tile.coords.y * tile.size) / scale;
    const [east, south] = [west + size.x / scale, north + size.y / scale];
    const { boxes, keys, kinds, counts } = part;
    if (counts) found.isGathered = true;
    for (let place = 0; place < keys.length; place += 1) {
      const first = 4 * place;
      if (boxes[first] > east || boxes[first + 2] < west || boxes[first + 1] > south || boxes[first + 3] < north) continue;
      const key = keys[place];
      if (key !== null) {
        if (seen.has(key)) continue;
        seen.add(key);
      }
      const many = counts ? counts[place] : 1;
      found.all += many;
      add(found.kinds, kinds[place], many);
    }
  }
  return found;
}

function add(sums, name, many) {
  sums.set(name, (sums.get(name) || 0) + many);
}
