/**
 * Painting what a tile holds: on its own canvas, or on a sheet together with the others.
 *
 * @typedef {import('./types.js').LayerConfig} LayerConfig
 * @typedef {import('./types.js').Part} Part
 * @typedef {import('./types.js').Tile} Tile
 * @typedef {import('./paint.js').Palette} Palette
 *
 * @typedef {object} Spot             where and how large a tile is painted
 * @property {{z: number}} coords
 * @property {Map<string, Part>} parts
 * @property {number} size            CSS pixels on a side
 * @property {number} ratio           pixels of the sheet in a CSS pixel
 * @property {number} left            CSS pixels from the sheet's edge
 * @property {number} top
 */

import { paintAreas, paintLines } from "./paint.js";

// A tile that is drawn much larger than it was made for gets no more pixels than this on a side.
const MOST_PIXELS = 2048;

// On one sheet tiles overlap by this much, or a hairline of the ground would show between them.
const OVERLAP_PX = 0.25;

// Device pixels in a CSS pixel; more cost memory that no eye sees.
const MOST_RATIO = 2;

/** Give a tile's canvas as many pixels as it takes on the screen. @param {Tile} tile */
export function fitPixels(tile) {
  const side = Math.min(Math.round(tile.size * Math.min(window.devicePixelRatio || 1, MOST_RATIO)), MOST_PIXELS);
  tile.ratio = side / tile.size;
  if (tile.canvas.width !== side) tile.canvas.width = tile.canvas.height = side;
}

/**
 * Paint a tile anew on its own canvas.
 *
 * @param {Tile} tile
 * @param {LayerConfig[]} layers lowest first
 * @param {Palette} palette
 */
export function paintTile(tile, layers, palette) {
  fitPixels(tile);
  const pen = tile.canvas.getContext("2d");
  if (!pen) return;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, tile.canvas.width, tile.canvas.height);
  paint(pen, { ...tile, left: 0, top: 0 }, layers, palette);
}

/**
 * Paint tiles side by side.
 *
 * @param {CanvasRenderingContext2D} pen
 * @param {Tile[]} tiles
 * @param {LayerConfig[]} layers
 * @param {Palette} palette
 * @param {{origin: {x: number, y: number}, ratio: number}} sheet
 *   origin   of the sheet in the map's world, CSS pixels
 *   ratio    pixels of the sheet in a CSS pixel
 */
export function paintOnSheet(pen, tiles, layers, palette, { origin, ratio }) {
  for (const { coords, parts, size } of tiles) {
    const [left, top] = [coords.x * size - origin.x, coords.y * size - origin.y];
    pen.save();
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.beginPath();
    pen.rect(left - OVERLAP_PX, top - OVERLAP_PX, size + 2 * OVERLAP_PX, size + 2 * OVERLAP_PX);
    pen.clip();
    paint(pen, { coords, parts, size, ratio, left, top }, layers, palette);
    pen.restore();
  }
}

/** Fills and lines of all layers, then once more the borders that nothing may cover. */
function paint(pen, spot, layers, palette) {
  for (const layer of layers) if (layer.shape !== "point") paintPart(pen, spot, layer, palette, false);
  for (const layer of layers) if (layer.isFrame) paintPart(pen, spot, layer, palette, true);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Spot} spot
 * @param {LayerConfig} layer
 * @param {Palette} palette
 * @param {boolean} isFrameOnly
 */
function paintPart(pen, { coords, parts, size, ratio, left, top }, layer, palette, isFrameOnly) {
  const part = parts.get(layer.id);
  if (!part) return;
  const scale = size / part.extent;
  pen.setTransform(scale * ratio, 0, 0, scale * ratio, left * ratio, top * ratio);
  if (layer.shape === "line") {
    const looks = layer.classes.map(({ style }, kind) => ({ style, paths: part.lines.get(kind) || [] }));
    paintLines(pen, looks, palette, scale, coords.z);
    return;
  }
  layer.classes.forEach(({ style }, kind) => {
    const fills = isFrameOnly ? [] : part.fills.get(kind) || [];
    const lines = layer.isFrame && !isFrameOnly ? [] : part.lines.get(kind) || [];
    paintAreas(pen, fills, lines, style, palette, { scale, ratio, size });
  });
}
