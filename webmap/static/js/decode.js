/**
 * From the bytes of a vector tile to outlines and dots, with no regard to how they will look.
 *
 * @typedef {import('./types.js').LayerConfig} LayerConfig
 * @typedef {import('./types.js').Part} Part
 * @typedef {import('./types.js').Area} Area
 * @typedef {{Pbf: new (bytes: ArrayBuffer) => object, VectorTile: new (pbf: object) => any}} Reader
 */

// Shapes of one look are gathered, as many small paths draw slower than a few large ones.
const GATHERED = 50;

/**
 * @param {LayerConfig} layer
 * @returns {(value: unknown) => number} number of the class that fits a value; -1 where none does
 */
export function classifier(layer) {
  const known = new Map();
  let rest = -1;
  layer.classes.forEach((one, place) => {
    if (one.values.length === 0) rest = place;
    for (const value of one.values) known.set(value, place);
  });
  return (value) => {
    const found = known.get(value === undefined ? null : value);
    return found === undefined ? rest : found;
  };
}

/** @returns {Part} a part with nothing in it */
export function emptyPart() {
  return { extent: 4096, fills: new Map(), lines: new Map(), areas: [], boxes: new Float64Array(0), keys: [], dots: [] };
}

/**
 * @param {ArrayBuffer} bytes
 * @param {LayerConfig} layer
 * @param {Reader} reader
 * @returns {Part}
 */
export function decode(bytes, layer, reader) {
  const part = emptyPart();
  const source = new reader.VectorTile(new reader.Pbf(bytes)).layers[layer.id];
  if (!source) return part;
  part.extent = source.extent;
  const classOf = classifier(layer);
  /** @type {number[]} */
  const boxes = [];
  for (let place = 0; place < source.length; place += 1) {
    const feature = source.feature(place);
    const kind = classOf(layer.by ? feature.properties[layer.by] : null);
    if (feature.type === 1) addDots(part, feature, layer, kind);
    else if (feature.type === 3) addArea(part, boxes, feature, layer, kind);
  }
  part.boxes = Float64Array.from(boxes);
  return part;
}

function addDots(part, feature, layer, kind) {
  const { properties } = feature;
  const isBin = properties[layer.key] === undefined;
  for (const ring of feature.loadGeometry()) {
    for (const { x, y } of ring) {
      // a neighbour's tile has it too
      if (x < 0 || y < 0 || x >= part.extent || y >= part.extent) continue;
      part.dots.push({
        key: isBin ? "" : String(properties[layer.key]),
        name: String(properties.name || ""),
        x,
        y,
        kind: isBin ? -1 : kind,
        count: isBin ? Number(properties.count) || 1 : 1,
      });
    }
  }
}

function addArea(part, boxes, feature, layer, kind) {
  const rings = feature.loadGeometry();
  const style = kind < 0 ? null : layer.classes[kind].style;
  if (style && (style.fill || style.hatch)) {
    // even-odd turns ground that two features of one path share into a hole
    const fill = pathFor(part.fills, kind, layer.overlaps);
    for (const ring of rings) trace(fill, ring);
  }
  /** @type {Path2D|null} */
  let outline = null;
  if (style && style.line) {
    outline = pathFor(part.lines, kind, layer.canSelect);
    for (const ring of rings) traceBorder(outline, ring, part.extent);
  }
  const shape = measure(rings);
  boxes.push(shape.west, shape.north, shape.east, shape.south);
  const key = String(feature.properties[layer.key]);
  part.keys.push(key);
  if (layer.canSelect || layer.labelZooms) {
    const name = String(feature.properties.name || "");
    part.areas.push({ key, name, size: shape.size, x: shape.x, y: shape.y, outline: layer.canSelect ? outline : null });
  }
}

/** A path of this class to add a feature to: one of its own, or one that is not yet full. */
function pathFor(paths, kind, isAlone) {
  const known = paths.get(kind) || [];
  if (known.length === 0) paths.set(kind, known);
  const last = known[known.length - 1];
  if (last && !isAlone && last.held < GATHERED) {
    last.held += 1;
    return last;
  }
  const fresh = Object.assign(new Path2D(), { held: 1 });
  known.push(fresh);
  return fresh;
}

function trace(path, ring) {
  path.moveTo(ring[0].x, ring[0].y);
  for (let place = 1; place < ring.length; place += 1) path.lineTo(ring[place].x, ring[place].y);
  path.closePath();
}

/** A ring without the stretches along which the tile's edge cut it: those are nobody's border. */
function traceBorder(path, ring, extent) {
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
 * The box of a polygon, its size, and a place inside it where a name may stand.
 *
 * The place is the middle of the widest stretch of ground on the line through the centroid, so that it
 * lies inside even where the polygon is bent around it.
 */
function measure(rings) {
  let west = Infinity;
  let north = Infinity;
  let east = -Infinity;
  let south = -Infinity;
  let twice = 0;
  let sumY = 0;
  for (const ring of rings) {
    for (let place = 0; place < ring.length; place += 1) {
      const a = ring[place];
      const b = ring[(place + 1) % ring.length];
      const cross = a.x * b.y - b.x * a.y;
      twice += cross;
      sumY += (a.y + b.y) * cross;
      west = Math.min(west, a.x);
      east = Math.max(east, a.x);
      north = Math.min(north, a.y);
      south = Math.max(south, a.y);
    }
  }
  const y = twice ? sumY / (3 * twice) : (north + south) / 2;
  return { west, north, east, south, size: Math.abs(twice) / 2, x: widest(rings, y, (west + east) / 2), y };
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
