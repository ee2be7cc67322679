/**
 * The list of layers beside the map, in groups; each says how many of its features are in view.
 *
 * @typedef {import('./types.js').Config} Config
 * @typedef {import('./types.js').LayerConfig} LayerConfig
 * @typedef {import('./types.js').Found} Found
 */

import { byId, fill, make } from "./dom.js";
import { count } from "./gather.js";
import { isMeasure, legend } from "./legend.js";
import { swatch } from "./swatch.js";

/**
 * @param {Config} config
 * @param {any} map
 * @param {any} tiles
 * @param {import('./paint.js').Palette} palette
 * @param {() => void} onChange called after a layer was switched
 */
export function panel(config, map, tiles, palette, onChange) {
  const rows = new Map();
  /** @type {Map<string, Found>} */
  const counted = new Map();
  const switched = (layer, isOn) => {
    tiles.setShown(layer.id, isOn);
    // two scales of colour over one another match neither legend
    const others = isOn && isMeasure(layer) ? config.layers.filter((one) => one !== layer && isMeasure(one)) : [];
    for (const other of others) {
      tiles.setShown(other.id, false);
      rows.get(other.id).box.checked = false;
    }
    onChange();
  };
  for (const group of config.groups) {
    const layers = config.layers.filter((layer) => layer.group === group.id).reverse();
    if (layers.length === 0) continue;
    for (const layer of layers) rows.set(layer.id, layerRow(layer, palette, switched));
    byId("layers").append(groupOf(group, layers.map((layer) => rows.get(layer.id)), tiles, onChange));
  }

  const tellHowMany = () => {
    byId("layers-on").textContent = fill(config.texts.layersOn, { count: tiles.shown.size });
  };

  return {
    counted,
    /** Tick the boxes as the layers stand. */
    sync() {
      for (const layer of config.layers) rows.get(layer.id).box.checked = tiles.shown.has(layer.id);
      for (const box of byId("layers").querySelectorAll("input[data-group]")) settle(box);
      tellHowMany();
    },
    /** Count what is in view and rebuild the legend; returns what was found by layer, of those that are on. */
    refresh() {
      const origin = map.getPixelBounds().min;
      const zoom = tiles.zoom();
      counted.clear();
      for (const layer of config.layers) {
        const { note } = rows.get(layer.id);
        if (!tiles.shown.has(layer.id)) note.textContent = "";
        else if (zoom < layer.fromZoom) note.textContent = config.texts.zoomIn;
        else {
          const found = count(tiles.current(), layer, origin, map.getSize());
          note.textContent = found.all.toLocaleString("en");
          counted.set(layer.id, found);
        }
      }
      const entries = legend(config.layers, counted, palette, { zoom, texts: config.texts });
      byId("legend-body").replaceChildren(...entries);
      byId("legend").hidden = entries.length === 0;
      tellHowMany();
      return counted;
    },
  };
}

/** The base map is one switch, with its parts behind it; the other groups are plain lists. */
function groupOf(group, rows, tiles, onChange) {
  const list = make("ul", { class: "layers" }, ...rows.map((row) => row.element));
  if (group.id !== "base") return make("div", { role: "group", "aria-label": group.title }, make("h3", {}, group.title), list);
  const box = make("input", { type: "checkbox", id: `group-${group.id}`, "data-group": group.id });
  box.addEventListener("change", () => {
    for (const { id } of rows) tiles.setShown(id, /** @type {HTMLInputElement} */ (box).checked);
    for (const row of rows) row.box.checked = /** @type {HTMLInputElement} */ (box).checked;
    settle(box);
    onChange();
  });
  const head = make("div", { class: "layers switch" }, box, make("label", { for: box.id }, group.title));
  return make("div", { role: "group", "aria-label": group.title }, head, make("details", {}, make("summary", {}, group.parts), list));
}

/** The switch of a group stands between on and off while only some of its layers are on. */
function settle(box) {
  const group = box.closest("[role=group]");
  const parts = [...group.querySelectorAll("ul input")];
  const on = parts.filter((one) => one.checked).length;
  box.checked = on === parts.length;
  box.indeterminate = on > 0 && on < parts.length;
}

function layerRow(layer, palette, onSwitch) {
  const box = make("input", { type: "checkbox", id: `layer-${layer.id}` });
  const note = make("span", { class: "number quiet", "aria-live": "off" });
  const sample = layer.classes[layer.sample];
  const label = make(
    "label",
    { for: box.id },
    sample ? swatch(sample.style, palette, layer.shape) : null,
    make("span", {}, layer.title),
    note
  );
  /** @type {HTMLInputElement} */ (box).checked = layer.isOn;
  box.addEventListener("change", () => {
    const group = box.closest("[role=group]");
    const whole = group && group.querySelector("input[data-group]");
    if (whole) settle(whole);
    onSwitch(layer, /** @type {HTMLInputElement} */ (box).checked);
  });
  return { id: layer.id, element: make("li", {}, box, label), box, note };
}

/**
 * What is in view, in words: the dots that people look for, whatever else is drawn.
 *
 * @param {Config} config
 * @param {Map<string, Found>} counted
 */
export function summary(config, counted) {
  const many = (layer) => (counted.get(layer.id) || { all: 0 }).all;
  const told = config.layers.filter((layer) => layer.shape === "point" && many(layer) > 0);
  if (told.length === 0) return config.texts.emptyView;
  const parts = told.reverse().map((layer) => `${layer.title} ${many(layer).toLocaleString("en")}`);
  return fill(config.texts.inView, { what: parts.join(config.texts.divider) });
}
