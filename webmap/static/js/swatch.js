/** A sample of a look, painted by the same brushes over the same ground as the map itself. */

import { paintAreas, paintLines, paintSymbols, traceSymbol } from "./paint.js";

const WIDTH = 28;
const HEIGHT = 18;
const ZOOM = 15;

/**
 * @param {import('./types.js').Style} style
 * @param {import('./paint.js').Palette} palette
 * @param {string} [shape] of the layer
 * @returns {HTMLCanvasElement}
 */
export function swatch(style, palette, shape = "area") {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH * ratio;
  canvas.height = HEIGHT * ratio;
  canvas.className = "swatch";
  canvas.setAttribute("aria-hidden", "true");
  const pen = canvas.getContext("2d");
  if (!pen) return canvas;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.fillStyle = palette.colour("--map-land");
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  const path = new Path2D();
  if (style.symbol) {
    traceSymbol(path, style, WIDTH / 2, HEIGHT / 2, Math.min(style.size_px, HEIGHT / 2 - 2));
    paintSymbols(pen, path, style, palette);
  } else if (shape === "line") {
    path.moveTo(0, HEIGHT / 2);
    path.lineTo(WIDTH, HEIGHT / 2);
    paintLines(pen, [{ paths: [path], style }], palette, 1, ZOOM);
  } else {
    const edge = style.width_px / 2 + 1;
    path.rect(edge, edge, WIDTH - 2 * edge, HEIGHT - 2 * edge);
    paintAreas(pen, [path], [path], style, palette, { scale: 1, ratio, size: WIDTH });
  }
  return canvas;
}
