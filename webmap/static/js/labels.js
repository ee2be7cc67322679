/**
 * Names on the map: where they may stand without covering one another, and how they are written.
 *
 * @typedef {import('./types.js').LayerConfig} LayerConfig
 * @typedef {{west: number, north: number, east: number, south: number}} Box
 * @typedef {{font: string, colour: string, halo: number}} Look
 * @typedef {{text: string, x: number, y: number, box: Box, look: Look}} Placed
 * @typedef {object} Scene              what is shown, in CSS pixels of the canvas
 * @property {import('./types.js').Tile[]} tiles
 * @property {number} zoom
 * @property {{x: number, y: number}} origin   of the canvas in the map's world
 * @property {Box} box                  the canvas
 * @property {Box} view                 the part of it that is on the screen
 */

import { names } from "./gather.js";

// How far, in pixels, a name may stand above or below its own place.
const SHIFTS = [0, -18, 18];

/**
 * Names with the boxes they take; higher layers come first, large before small, the rest is left out.
 *
 * @param {CanvasRenderingContext2D} pen
 * @param {LayerConfig[]} layers lowest first
 * @param {import('./paint.js').Palette} palette
 * @param {Scene} scene
 * @returns {Placed[]}
 */
export function placeNames(pen, layers, palette, { tiles, zoom, origin, box: canvas, view }) {
  const placed = [];
  /** @type {Box[]} */
  const taken = [];
  for (const layer of [...layers].reverse()) {
    if (!layer.labelZooms || zoom < layer.labelZooms[0] || zoom > layer.labelZooms[1]) continue;
    const look = lookOf(layer, palette);
    pen.font = look.font;
    for (const { text, x, y } of names(tiles, layer, origin, view)) {
      if (x < canvas.west || x > canvas.east || y < canvas.north || y > canvas.south) continue;
      const half = pen.measureText(text).width / 2 + 3;
      const shift = freeShift(SHIFTS, (one) => around(x, y + one, half, 10), taken);
      if (shift === undefined) continue;
      const box = around(x, y + shift, half, 10);
      taken.push(box);
      placed.push({ text, x, y: y + shift, box, look });
    }
  }
  return placed;
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Placed} name
 * @param {import('./paint.js').Palette} palette
 */
export function drawName(pen, { text, x, y, look }, palette) {
  pen.font = look.font;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  pen.strokeStyle = palette.colour("--map-halo");
  pen.lineWidth = look.halo;
  pen.strokeText(text, x, y);
  pen.fillStyle = palette.colour(look.colour);
  pen.fillText(text, x, y);
}

/** Names of the base map stand back behind those of areas; towns stand before villages. */
function lookOf(layer, palette) {
  const isBase = layer.group === "base";
  const weight = layer.id === "towns" || layer.id === "coverage_towns" ? 600 : 400;
  return {
    font: `${weight} ${isBase ? 12 : 14}px ${palette.colour("--font")}`,
    colour: isBase ? "--map-road-label" : "--map-label",
    halo: isBase ? 3 : 4,
  };
}

/** The first shift whose box meets none that are taken. */
export function freeShift(shifts, boxOf, taken) {
  return shifts.find((shift) => !taken.some((other) => meet(boxOf(shift), other)));
}

/** @returns {Box} */
export function around(x, y, halfWidth, halfHeight) {
  return { west: x - halfWidth, east: x + halfWidth, north: y - halfHeight, south: y + halfHeight };
}

function meet(a, b) {
  return a.west < b.east && b.west < a.east && a.north < b.south && b.north < a.south;
}
