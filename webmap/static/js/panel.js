/**
 * The list beside the map and the legend on it: both say in words and numbers what is in view.
 *
 * @typedef {import('./types.js').Config} Config
 * @typedef {import('./types.js').LayerConfig} LayerConfig
 */

import { byId, fill, make } from "./dom.js";
import { count } from "./gather.js";
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
    /** Count what is in view and rebuild the legend; returns how many features there are in all. */
    refresh() {
      const origin = map.getPixelBounds().min;
      const zoom = map.getZoom();
      const entries = [];
      let total = 0;
      for (const layer of [...config.layers].reverse()) {
        const row = rows.get(layer.id);
        if (!tiles.shown.has(layer.id)) row.note.replaceChildren();
        else if (zoom < layer.fromZoom) row.note.replaceChildren(config.texts.zoomIn);
        else {
          const found = count(tiles.current(), layer, origin, map.getSize());
          row.note.replaceChildren(found.all.toLocaleString("en"));
          if (layer.id !== "districts") total += found.all;
          entries.push(...legendEntries(layer, found, palette));
        }
      }
      legend.replaceChildren(...entries);
      byId("legend").hidden = entries.length === 0;
      return total;
    },
  };
}

function layerRow(layer, tiles, palette, onChange) {
  const box = make("input", { type: "checkbox", id: `layer-${layer.id}` });
  const note = make("span", { class: "number quiet", "aria-live": "off" });
  const first = layer.classes[layer.classes.length - 1];
  const label = make(
    "label",
    { for: box.id },
    first ? swatch(first.style, palette) : null,
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

/** Areas: one line a look. Dots: one line a class that is in view, with its number. */
function legendEntries(layer, found, palette) {
  const entries = [];
  layer.classes.forEach((one, kind) => {
    if (layer.shape === "point" && !found.kinds.get(kind)) return;
    if (layer.shape === "area" && found.all === 0) return;
    const many = layer.shape === "point" ? String(found.kinds.get(kind)) : "";
    const title = layer.shape === "area" && layer.classes.length === 1 ? one.title : `${layer.title} · ${one.title}`;
    entries.push(make("li", {}, swatch(one.style, palette), make("span", {}, title), many && make("span", { class: "number quiet" }, many)));
  });
  const gathered = found.kinds.get(-1);
  if (gathered) {
    const style = { line: "--map-town", fill: "--map-casing", symbol: "circle", width_px: 2, size_px: 7, dash: [], fill_opacity: 1, hatch: null };
    entries.push(make("li", {}, swatch(style, palette), make("span", {}, layer.title), make("span", { class: "number quiet" }, String(gathered))));
  }
  return entries;
}

/** A sentence for what is in view, for the state line. */
export function summary(texts, total) {
  return total === 0 ? texts.emptyView : fill(texts.inView, { count: total });
}
