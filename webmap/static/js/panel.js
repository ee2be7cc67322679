/**
 * The list beside the map and the legend on it: both say in words and numbers what is in view.
 *
 * @typedef {import('./types.js').Config} Config
 * @typedef {import('./types.js').LayerConfig} LayerConfig
 */

import { byId, fill, make } from "./dom.js";
import { clusterStyle, count, isCrowded } from "./gather.js";
import { swatch } from "./swatch.js";

/**
 * @param {Config} config
 * @param {any} map
 * @param {any} tiles
 * @param {import('./paint.js').Palette} palette
 * @param {() => void} onChange called after a layer was switched
 */
export function panel(config, map, tiles, palette, onChange) {
  const list = byId("layers");
  const legend = byId("legend-body");
  const rows = new Map();
  for (const layer of [...config.layers].reverse()) {
    const row = layerRow(layer, tiles, palette, onChange);
    rows.set(layer.id, row);
    list.append(row.element);
  }

  return {
    /** Tick the boxes as the layers stand. */
    sync() {
      for (const layer of config.layers) rows.get(layer.id).box.checked = tiles.shown.has(layer.id);
    },
    /** Count what is in view and rebuild the legend; returns the numbers by layer, of those that are on. */
    refresh() {
      const origin = map.getPixelBounds().min;
      const zoom = map.getZoom();
      const entries = [];
      /** @type {Map<string, number>} */
      const totals = new Map();
      for (const layer of [...config.layers].reverse()) {
        const row = rows.get(layer.id);
        if (!tiles.shown.has(layer.id)) row.note.replaceChildren();
        else if (zoom < layer.fromZoom) row.note.replaceChildren(config.texts.zoomIn);
        else {
          const found = count(tiles.current(), layer, origin, map.getSize());
          row.note.replaceChildren(found.all.toLocaleString("en"));
          totals.set(layer.id, found.all);
          entries.push(...legendEntries(layer, found, palette, { zoom, gathered: config.texts.gathered }));
        }
      }
      legend.replaceChildren(...entries);
      byId("legend").hidden = entries.length === 0;
      return totals;
    },
  };
}

function layerRow(layer, tiles, palette, onChange) {
  const box = make("input", { type: "checkbox", id: `layer-${layer.id}` });
  const note = make("span", { class: "number quiet", "aria-live": "off" });
  const sample = layer.classes[layer.sample];
  const label = make(
    "label",
    { for: box.id },
    sample ? swatch(sample.style, palette) : null,
    make("span", {}, layer.title),
    note
  );
  /** @type {HTMLInputElement} */ (box).checked = layer.isOn;
  box.addEventListener("change", () => {
    tiles.setShown(layer.id, /** @type {HTMLInputElement} */ (box).checked);
    onChange();
  });
  return { element: make("li", {}, box, label), box, note };
}

/** A block a layer: its name, then a line for each look that is in view; dots with their number. */
function legendEntries(layer, found, palette, { zoom, gathered }) {
  const lines = [];
  layer.classes.forEach((one, kind) => {
    const many = found.kinds.get(kind) || 0;
    if (layer.shape === "point" ? many > 0 : found.all > 0) lines.push(legendLine(one.style, one.title, many, palette));
  });
  const counted = found.kinds.get(-1) || 0;
  if (counted || (layer.shape === "point" && isCrowded(found.all, layer, zoom))) {
    lines.push(legendLine(clusterStyle(layer), gathered, counted, palette));
    lines[lines.length - 1].classList.add("whole-row");
  }
  if (lines.length === 0 || layer.classes.length === 1 || layer.shape === "area") return lines;
  return [make("li", { class: "legend-group" }, make("span", { class: "quiet" }, layer.title), make("ul", {}, ...lines))];
}

function legendLine(style, title, many, palette) {
  const number = many > 0 && make("span", { class: "number quiet" }, many.toLocaleString("en"));
  return make("li", {}, swatch(style, palette), make("span", {}, title), number);
}

/**
 * What is in view, in words: the dots that people look for, whatever else is drawn.
 *
 * @param {Config} config
 * @param {Map<string, number>} totals
 */
export function summary(config, totals) {
  const told = config.layers.filter((layer) => layer.shape === "point" && totals.get(layer.id));
  if (told.length === 0) return config.texts.emptyView;
  const parts = told.reverse().map((layer) => `${layer.title} ${Number(totals.get(layer.id)).toLocaleString("en")}`);
  return fill(config.texts.inView, { what: parts.join(config.texts.divider) });
}
