/**
 * The legend: what is on and in view, each look as it is blended on the map, with how many there are.
 *
 * @typedef {import('./types.js').LayerConfig} LayerConfig
 * @typedef {import('./types.js').Found} Found
 * @typedef {{zoom: number, texts: Record<string, string>}} Circumstances
 */

import { make } from "./dom.js";
import { clusterStyle, isCrowded } from "./gather.js";
import { swatch } from "./swatch.js";

// The base map explains itself; its looks would bury those that do not.
const UNEXPLAINED = "base";

// More looks than this are read on request.
const MOST_OPEN = 8;

/** Layers whose looks a reader has unfolded. @type {Set<string>} */
const opened = new Set();

/**
 * @param {LayerConfig[]} layers lowest first
 * @param {Map<string, Found>} counted what is in view, by layer
 * @param {import('./paint.js').Palette} palette
 * @param {Circumstances} circumstances
 * @returns {HTMLElement[]} list items, the highest layer first
 */
export function legend(layers, counted, palette, circumstances) {
  const entries = [];
  for (const layer of [...layers].reverse()) {
    const found = counted.get(layer.id);
    if (found && layer.group !== UNEXPLAINED) entries.push(...entriesOf(layer, found, palette, circumstances));
  }
  return entries;
}

/** A block a layer: its name, then a line for each look that is in view. */
function entriesOf(layer, found, palette, circumstances) {
  if (found.all === 0) return [];
  const lines = isMeasure(layer) ? measured(layer, found, palette) : told(layer, found, palette);
  const { zoom, texts } = circumstances;
  const counts = found.kinds.get(-1) || 0;
  if (layer.shape === "point" && (counts > 0 || isCrowded(found.all, layer, zoom))) {
    lines.push(whole(line(clusterStyle(layer), texts.gathered, counts || null, palette)));
  } else if (found.isGathered) {
    lines.push(whole(make("li", { class: "quiet" }, texts.aggregated)));
  }
  if (layer.classes.length === 1 && layer.marks.length === 0) return lines;
  const head = make("span", { class: "quiet" }, layer.title);
  if (lines.length <= MOST_OPEN) return [make("li", { class: "legend-group" }, head, make("ul", {}, ...lines))];
  return [make("li", { class: "legend-group" }, folded(layer, found, head, lines))];
}

/** Many looks stand behind their layer's name until they are wanted; what was opened stays so. */
function folded(layer, found, head, lines) {
  const number = make("span", { class: "number quiet" }, found.all.toLocaleString("en"));
  const box = /** @type {HTMLDetailsElement} */ (make("details", {}, make("summary", {}, head, number), make("ul", {}, ...lines)));
  box.open = opened.has(layer.id);
  box.addEventListener("toggle", () => {
    if (box.open) opened.add(layer.id);
    else opened.delete(layer.id);
  });
  return box;
}

/** Whether a layer's colours are steps of a measure. @param {LayerConfig} layer */
export function isMeasure(layer) {
  return layer.classes.some((one) => typeof one.low === "number" || typeof one.high === "number");
}

/** Every step of a measure, though some be empty: a scale with holes is hard to read. */
function measured(layer, found, palette) {
  const total = layer.classes.some((one) => typeof one.count === "number");
  const lines = [];
  layer.classes.forEach((one, kind) => {
    const many = total ? one.count || 0 : found.kinds.get(kind) || 0;
    const isStep = typeof one.low === "number" || typeof one.high === "number";
    if (isStep || many > 0) lines.push(line(one.style, one.title, many, palette, layer.shape));
  });
  return lines;
}

function told(layer, found, palette) {
  const lines = [];
  layer.classes.forEach((one, kind) => {
    const many = found.kinds.get(kind) || 0;
    if (many > 0) lines.push(line(one.style, one.title, layer.shape === "line" ? null : many, palette, layer.shape));
  });
  // what is drawn last, and so lies on top, comes first in the work
  if (layer.group === "work") lines.reverse();
  layer.marks.forEach((one, mark) => {
    const many = found.marks.get(mark) || 0;
    if (many > 0) lines.push(line(one.style, one.title, many, palette));
  });
  return lines;
}

function line(style, title, many, palette, shape = "area") {
  const number = many !== null && make("span", { class: "number quiet" }, many.toLocaleString("en"));
  return make("li", {}, swatch(style, palette, shape), make("span", {}, title), number);
}

function whole(entry) {
  entry.classList.add("whole-row");
  return entry;
}
