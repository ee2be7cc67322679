/**
 * The map on paper: what the screen shows, drawn anew on one sheet in the colours of paper, under a head
 * that says what it is, of when, and which tickets were asked for.
 *
 * A browser takes its picture as soon as `beforeprint` has returned, when no tile could come any more.
 * So the map keeps its size and its view, and the sheet is scaled to the paper. Browsers that print
 * what a canvas was told, and not its dots, print lines.
 */

import { byId, make } from "./dom.js";

// Dots of the sheet in a CSS pixel of the paper, for browsers that print dots: 384 to the inch. Chromium rounds
// what it scales a printed canvas by down to a 64th, so that this must divide 64.
const SHARP = 4;

/**
 * @param {any} map
 * @param {object} parts
 * @param {any} parts.tiles
 * @param {any} parts.above              the overlay
 * @param {import('./paint.js').Palette} parts.palette
 * @param {{width: number, height: number}} parts.room   CSS pixels that the paper has for the map
 * @param {() => void} parts.onColours   draws anew what else shows the colours of the map
 * @param {() => void} [parts.onSheet]   fills what stands on paper only
 */
export function onPaper(map, { tiles, above, palette, room, onColours, onSheet }) {
  const root = document.documentElement;
  const sheet = /** @type {HTMLCanvasElement} */ (make("canvas", { class: "sheet-map", "aria-hidden": "true" }));
  map.getContainer().before(sheet);
  /** @type {HTMLDetailsElement[]} */
  const unfolded = [];

  const draw = (scale) => {
    const pen = sheet.getContext("2d");
    if (!pen) return;
    const origin = map.getPixelBounds().min;
    const ratio = SHARP * scale;
    pen.fillStyle = palette.colour("--map-ground");
    pen.fillRect(0, 0, sheet.width, sheet.height);
    tiles.drawOn(pen, origin, ratio);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    above.drawOn(pen, origin);
  };

  /** How much smaller the map is on paper; the sheet gets its size. */
  const lay = () => {
    const { x, y } = map.getSize();
    const scale = Math.min(room.width / x, room.height / y);
    const [width, height] = [Math.floor(x * scale), Math.floor(y * scale)];
    sheet.width = width * SHARP;
    sheet.height = height * SHARP;
    const sizes = { "--sheet-width": `${width}px`, "--sheet-height": `${height}px`, "--map-width": `${x}px`, "--map-height": `${y}px` };
    for (const [name, value] of Object.entries({ ...sizes, "--map-scale": String(scale) })) root.style.setProperty(name, value);
    return scale;
  };

  const colour = (isPaper, work) => {
    root.classList.toggle("on-sheet", isPaper);
    palette.clear();
    work();
    root.classList.remove("on-sheet");
    palette.clear();
  };

  window.addEventListener("beforeprint", () => {
    const scale = lay();
    colour(true, () => {
      draw(scale);
      onColours();
    });
    for (const fold of document.querySelectorAll("#legend, #legend details")) {
      if (!(fold instanceof HTMLDetailsElement) || fold.open) continue;
      fold.open = true;
      unfolded.push(fold);
    }
    if (onSheet) onSheet();
  });

  window.addEventListener("afterprint", () => {
    for (const fold of unfolded.splice(0)) fold.open = false;
    // a sheet of paper takes more memory than the whole screen
    sheet.width = sheet.height = 0;
    colour(false, onColours);
  });
}

/**
 * The head of the sheet.
 *
 * @param {import('./types.js').Config} config
 * @param {string} what  the tickets that are shown, in words
 */
export function sheetHead(config, what) {
  const options = /** @type {const} */ ({ dateStyle: "long", timeStyle: "short", hourCycle: "h23", timeZone: config.zone });
  byId("sheet-what").textContent = what;
  byId("sheet-when").textContent = new Intl.DateTimeFormat(config.lang === "en" ? "en-GB" : "zh-CN", options).format(new Date());
}
