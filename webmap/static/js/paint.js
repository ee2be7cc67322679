/**
 * Pens and brushes: from the styles of the configuration to what a canvas draws.
 *
 * @typedef {import('./types.js').Style} Style
 * @typedef {object} Grain     how finely a sheet is drawn
 * @property {number} scale    CSS pixels in a unit of the paths
 * @property {number} ratio    device pixels in a CSS pixel
 * @property {number} size     CSS pixels of the sheet on a side
 */

const HATCH_PX = 8;

// Half the width of a cross's arms.
const ARM = 0.38;
const PLUS = [
  [-ARM, -1], [ARM, -1], [ARM, -ARM], [1, -ARM], [1, ARM], [ARM, ARM],
  [ARM, 1], [-ARM, 1], [-ARM, ARM], [-1, ARM], [-1, -ARM], [-ARM, -ARM],
];

const STAR = [];
const HEXAGON = [];
for (let turn = 0; turn < 10; turn += 1) {
  const far = turn % 2 === 0 ? 1 : 0.45;
  STAR.push([far * Math.sin((turn * Math.PI) / 5), -far * Math.cos((turn * Math.PI) / 5)]);
}
for (let turn = 0; turn < 6; turn += 1) HEXAGON.push([Math.sin((turn * Math.PI) / 3), -Math.cos((turn * Math.PI) / 3)]);

/** Corners of the symbols about their middle, where half their width is one; those without are round. */
const CORNERS = {
  square: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
  triangle: [[0, -1], [1, 0.8], [-1, 0.8]],
  diamond: [[0, -1], [1, 0], [0, 1], [-1, 0]],
  house: [[0, -1], [1, -0.1], [0.75, -0.1], [0.75, 0.9], [-0.75, 0.9], [-0.75, -0.1], [-1, -0.1]],
  flag: [[-0.7, -1], [1, -0.4], [-0.35, 0.2], [-0.35, 1], [-0.7, 1]],
  bubble: [[-1, -0.85], [1, -0.85], [1, 0.4], [0.1, 0.4], [-0.5, 1], [-0.5, 0.4], [-1, 0.4]],
  horn: [[-1, -0.4], [-0.3, -0.4], [1, -1], [1, 1], [-0.3, 0.4], [-1, 0.4]],
  plus: PLUS,
  star: STAR,
  hexagon: HEXAGON,
  times: PLUS.map(([x, y]) => [(x - y) * Math.SQRT1_2, (x + y) * Math.SQRT1_2]),
};

/** Colours of the page's tokens, read once and again when the colour scheme changes. */
export class Palette {
  constructor() {
    /** @type {Map<string, string>} */
    this.known = new Map();
    /** @type {Map<string, CanvasPattern|null>} */
    this.patterns = new Map();
  }

  /** Forget everything, as the scheme has changed. */
  clear() {
    this.known.clear();
    this.patterns.clear();
  }

  /**
   * @param {string} token name of a custom property
   * @returns {string} a colour
   */
  colour(token) {
    let found = this.known.get(token);
    if (found === undefined) {
      found = getComputedStyle(document.documentElement).getPropertyValue(token).trim();
      this.known.set(token, found);
    }
    return found;
  }

  /**
   * Lines at 45°; for what is missing they lean the other way, so that the two differ without colour.
   *
   * @param {Style} style
   * @param {number} ratio device pixels in a CSS pixel
   * @returns {CanvasPattern|null}
   */
  hatch(style, ratio) {
    const side = hatchPixels(ratio);
    const name = `${style.hatch} ${style.line} ${side}`;
    if (!this.patterns.has(name)) this.patterns.set(name, this.drawHatch(style, side));
    return this.patterns.get(name) || null;
  }

  /** @private */
  drawHatch(style, side) {
    const sheet = document.createElement("canvas");
    sheet.width = sheet.height = side;
    const pen = sheet.getContext("2d");
    if (!pen) return null;
    pen.strokeStyle = this.colour(style.line || "--ink");
    pen.lineWidth = ((style.hatch === "gap" ? 1.5 : 1) * side) / HATCH_PX;
    pen.beginPath();
    // three parallel lines, so that the corners of the tile are filled as well
    for (const shift of [-side, 0, side]) {
      if (style.hatch === "gap") {
        pen.moveTo(shift, side);
        pen.lineTo(shift + side, 0);
      } else {
        pen.moveTo(shift, 0);
        pen.lineTo(shift + side, side);
      }
    }
    pen.stroke();
    return pen.createPattern(sheet, "repeat");
  }
}

/** Device pixels of a hatch's square. */
function hatchPixels(ratio) {
  return Math.max(1, Math.round(HATCH_PX * ratio));
}

/**
 * Fill and outline areas whose paths are in units of a tile's extent.
 *
 * @param {CanvasRenderingContext2D} pen already scaled so that one unit is one unit of the extent
 * @param {Path2D[]} fills
 * @param {Path2D[]} lines
 * @param {Style} style
 * @param {Palette} palette
 * @param {Grain} grain
 */
export function paintAreas(pen, fills, lines, style, palette, { scale, ratio, size }) {
  if (style.fill) {
    pen.globalAlpha = style.fill_opacity;
    pen.fillStyle = palette.colour(style.fill);
    for (const path of fills) pen.fill(path, "evenodd");
    pen.globalAlpha = 1;
  }
  const pattern = style.hatch ? palette.hatch(style, ratio) : null;
  if (pattern) {
    // a whole number of its squares fits a tile, so that its lines run on across the edge
    const square = size / Math.round(size / HATCH_PX);
    pattern.setTransform(new DOMMatrix().scaleSelf(square / (hatchPixels(ratio) * scale)));
    pen.globalAlpha = style.fill_opacity;
    pen.fillStyle = pattern;
    for (const path of fills) pen.fill(path, "evenodd");
    pen.globalAlpha = 1;
  }
  if (style.line && style.width_px > 0) {
    pen.strokeStyle = palette.colour(style.line);
    pen.lineWidth = style.width_px / scale;
    pen.lineJoin = "round";
    pen.setLineDash(style.dash.map((length) => length / scale));
    for (const path of lines) pen.stroke(path);
    pen.setLineDash([]);
  }
}

/**
 * Draw the lines of a layer: first every edge, then every line, so that roads that meet are one.
 *
 * @param {CanvasRenderingContext2D} pen scaled to units of the extent
 * @param {Array<{paths: Path2D[], style: Style}>} looks lowest first
 * @param {Palette} palette
 * @param {number} scale CSS pixels in a unit
 * @param {number} zoom
 */
export function paintLines(pen, looks, palette, scale, zoom) {
  pen.lineJoin = "round";
  pen.lineCap = "round";
  for (const { paths, style } of looks) {
    if (!style.casing) continue;
    pen.strokeStyle = palette.colour(style.casing);
    pen.lineWidth = (lineWidth(style, zoom) + 1.5) / scale;
    for (const path of paths) pen.stroke(path);
  }
  pen.lineCap = "butt";
  for (const { paths, style } of looks) {
    if (!style.line) continue;
    pen.strokeStyle = palette.colour(style.line);
    pen.lineWidth = lineWidth(style, zoom) / scale;
    pen.lineCap = style.dash.length > 0 ? "butt" : "round";
    pen.setLineDash(style.dash.map((length) => length / scale));
    for (const path of paths) pen.stroke(path);
  }
  pen.setLineDash([]);
  pen.lineCap = "butt";
}

/**
 * @param {Style} style
 * @param {number} zoom
 * @returns {number} CSS pixels
 */
export function lineWidth(style, zoom) {
  return Math.max(style.width_px * 2 ** (style.grow * (zoom - 15)), 0.75);
}

/**
 * Add a point's symbol to a path, or to the pen itself.
 *
 * @param {Path2D|CanvasRenderingContext2D} path
 * @param {Style} style
 * @param {number} x
 * @param {number} y
 * @param {number} [size] half its width; the style's own when left out
 */
export function traceSymbol(path, style, x, y, size = style.size_px) {
  const corners = CORNERS[style.symbol || ""];
  if (!corners) {
    path.moveTo(x + size, y);
    path.arc(x, y, size, 0, 2 * Math.PI);
    return;
  }
  corners.forEach(([right, down], place) => {
    if (place === 0) path.moveTo(x + size * right, y + size * down);
    else path.lineTo(x + size * right, y + size * down);
  });
  path.closePath();
}

/**
 * Fill and outline symbols of one look, over a casing that keeps them apart from what lies below.
 *
 * @param {CanvasRenderingContext2D} pen
 * @param {Path2D} path
 * @param {Style} style
 * @param {Palette} palette
 */
export function paintSymbols(pen, path, style, palette) {
  pen.lineJoin = "round";
  pen.setLineDash([]);
  pen.strokeStyle = palette.colour("--map-casing");
  pen.lineWidth = (style.fill ? 0 : style.width_px) + 2.5;
  pen.stroke(path);
  if (style.fill) {
    pen.fillStyle = palette.colour(style.fill);
    // not even-odd: where two dots overlap they would turn hollow
    pen.fill(path, "nonzero");
  } else if (style.line) {
    pen.strokeStyle = palette.colour(style.line);
    pen.lineWidth = style.width_px;
    pen.setLineDash(style.dash);
    pen.stroke(path);
    pen.setLineDash([]);
  }
}
