/**
 * From the bytes of a vector tile to outlines and dots, with no regard to how they will look.
 *
 * @typedef {import('./types.js').LayerConfig} LayerConfig
 * @typedef {import('./types.js').StyleClass} StyleClass
 * @typedef {import('./types.js').Part} Part
 * @typedef {{Pbf: new (bytes: ArrayBuffer) => object, VectorTile: new (pbf: object) => any}} Reader
 */

import { measure, measureLine, trace, traceBorder, traceLine } from "./outline.js";

// Shapes of one look are gathered, as many small paths draw slower than a few large ones.
const GATHERED = 50;

/**
 * @param {StyleClass[]} classes
 * @returns {(value: unknown) => number} number of the class that fits a value; -1 where none does
 */
export function classifier(classes) {
  const known = new Map();
  /** @type {Array<{low: number, high: number, place: number}>} */
  const ranges = [];
  let rest = -1;
  classes.forEach((one, place) => {
    const isRange = typeof one.low === "number" || typeof one.high === "number";
    if (isRange) ranges.push({ low: bound(one.low, -Infinity), high: bound(one.high, Infinity), place });
    else if (one.values.length === 0) rest = place;
    for (const value of one.values) known.set(value, place);
  });
  ranges.sort((a, b) => a.low - b.low);
  return (value) => {
    if (ranges.length > 0 && typeof value === "number") return within(ranges, value);
    const found = known.get(value === undefined ? null : value);
    return found === undefined ? rest : found;
  };
}

function bound(value, otherwise) {
  return typeof value === "number" ? value : otherwise;
}

/** The range a number falls into; the first and the last take what lies beyond them. */
function within(ranges, value) {
  let found = ranges[0];
  for (const one of ranges) if (value >= one.low) found = one;
  return found.place;
}

/** @returns {Part} a part with nothing in it */
export function emptyPart() {
  return {
    extent: 4096,
    fills: new Map(),
    lines: new Map(),
    named: [],
    boxes: new Int16Array(0),
    kinds: new Int8Array(0),
    keys: [],
    counts: null,
    dots: [],
  };
}

/**
 * @param {ArrayBuffer} bytes
 * @param {LayerConfig[]} layers
 * @param {Reader} reader
 * @returns {Part[]} in the order of the layers; a layer that the tile has not is empty
 */
export function decode(bytes, layers, reader) {
  const sources = new reader.VectorTile(new reader.Pbf(bytes)).layers;
  return layers.map((layer) => decodeLayer(sources[layer.id], layer));
}

function decodeLayer(source, layer) {
  const part = emptyPart();
  if (!source) return part;
  part.extent = source.extent;
  const classOf = classifier(layer.classes);
  const markOf = classifier(layer.marks || []);
  part.boxes = new Int16Array(4 * source.length);
  part.kinds = new Int8Array(source.length);
  for (let place = 0; place < source.length; place += 1) {
    const feature = source.feature(place);
    const { properties } = feature;
    // what the server gathered carries a mean instead of the measure
    const value = layer.by ? properties[properties[layer.by] === undefined ? "value" : layer.by] : null;
    const kind = classOf(value);
    if (feature.type === 1) addDots(part, feature, layer, kind, layer.markedBy ? markOf(properties[layer.markedBy]) : -1);
    else addShape(part, feature, layer, kind);
  }
  part.boxes = part.boxes.slice(0, 4 * part.keys.length);
  part.kinds = part.kinds.slice(0, part.keys.length);
  return part;
}

function addDots(part, feature, layer, kind, mark) {
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
        mark: isBin ? -1 : mark,
        count: isBin ? Number(properties.count) || 1 : 1,
      });
    }
  }
}

function addShape(part, feature, layer, kind) {
  const { properties } = feature;
  const rings = feature.loadGeometry();
  if (rings.length === 0) return;
  const style = kind < 0 ? null : layer.classes[kind].style;
  /** @type {Path2D|null} */
  const outline = feature.type === 3 ? addArea(part, rings, style, layer, kind) : addLine(part, rings, style, kind);
  const isGathered = properties.count !== undefined && properties[layer.key] === undefined;
  const key = properties[layer.key] === undefined ? null : String(properties[layer.key]);
  const place = part.keys.length;
  const { isInside, isHere } = addBox(part, rings, place);
  // without a key, what lies in several tiles is counted where its north-western corner is
  if (key === null && !isGathered && !isHere) return;
  part.kinds[place] = kind;
  part.keys.push(isInside ? null : key);
  if (isGathered) {
    if (!part.counts) part.counts = new Uint32Array(part.kinds.length);
    part.counts[place] = Number(properties.count) || 1;
  }
  if (key === null) return;
  if (!layer.canSelect && (!layer.labelZooms || !properties.name)) return;
  const { size, x, y } = feature.type === 3 ? measure(rings) : measureLine(rings);
  part.named.push({ key, name: String(properties.name || ""), size, x, y, outline: layer.canSelect ? outline : null });
}

function addArea(part, rings, style, layer, kind) {
  if (style && (style.fill || style.hatch)) {
    // even-odd turns ground that two features of one path share into a hole
    const fill = pathFor(part.fills, kind, layer.overlaps);
    for (const ring of rings) trace(fill, ring);
  }
  if (!style || (!style.line && !layer.canSelect)) return null;
  const isDrawn = style.line && style.width_px > 0;
  const outline = isDrawn ? pathFor(part.lines, kind, layer.canSelect) : new Path2D();
  for (const ring of rings) traceBorder(outline, ring, part.extent);
  return outline;
}

function addLine(part, rings, style, kind) {
  if (!style) return null;
  const path = pathFor(part.lines, kind, false);
  for (const ring of rings) traceLine(path, ring);
  return null;
}

/** Keep the box of a feature; says whether it lies wholly inside the tile, and whether it begins there. */
function addBox(part, rings, place) {
  let west = Infinity;
  let north = Infinity;
  let east = -Infinity;
  let south = -Infinity;
  for (const ring of rings) {
    for (const { x, y } of ring) {
      if (x < west) west = x;
      if (x > east) east = x;
      if (y < north) north = y;
      if (y > south) south = y;
    }
  }
  part.boxes.set([west, north, east, south], 4 * place);
  return {
    isInside: west > 0 && north > 0 && east < part.extent && south < part.extent,
    isHere: west >= 0 && north >= 0 && west < part.extent && north < part.extent,
  };
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
