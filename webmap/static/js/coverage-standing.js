/** How things stand on the coverage page: what did not come, the legend, the colours, and the map on paper. */

import { byId, make } from "./dom.js";
import { count, inView, thinned } from "./gather.js";
import { legend } from "./legend.js";
import { onPaper } from "./paper.js";
import { watch } from "./watch.js";

// CSS pixels on an A4 sheet, beside the figures.
const SHEET_ROOM = { width: 480, height: 420 };

/**
 * @param {any} map
 * @param {any} drawn   the scene
 * @param {any} config
 */
export function standing(map, { tiles, above, palette, followScheme }, config) {
  const line = byId("state");
  const isThinned = (layer) => {
    if (!layer.thinPx) return false;
    const { x, y } = map.getSize();
    const dots = inView(tiles.current(), layer, map.getPixelBounds().min, { west: 0, north: 0, east: x, south: y });
    return thinned(dots, layer.thinPx, tiles.zoom()).length < dots.length;
  };
  const refresh = () => {
    const origin = map.getPixelBounds().min;
    const shown = tiles.visible().filter((layer) => config.explained.includes(layer.id));
    const seen = (layer) => count(tiles.current(), layer, origin, map.getSize());
    const counted = new Map(shown.map((layer) => [layer.id, ofTheRun(layer, seen(layer))]));
    const entries = legend(shown, counted, palette, { zoom: tiles.zoom(), texts: config.texts });
    if (shown.some(isThinned)) entries.splice(1, 0, make("li", { class: "quiet small" }, config.texts.thinned));
    byId("legend-body").replaceChildren(...entries);
    byId("legend").hidden = entries.length === 0;
  };
  watch(config, tiles, {
    onStand: (trouble) => {
      refresh();
      line.hidden = trouble === null;
      line.classList.toggle("wrong-state", trouble !== null);
      line.replaceChildren(...(trouble || []));
    },
  });
  map.on("moveend", () => tiles.isSettled && refresh());
  followScheme(refresh);
  onPaper(map, { tiles, above, palette, room: SHEET_ROOM, onColours: refresh });
}

/**
 * What is in view, with the numbers of the whole run where they are known: the same as in the tables.
 *
 * @param {import('./types.js').LayerConfig} layer
 * @param {import('./types.js').Found} found
 * @returns {import('./types.js').Found}
 */
function ofTheRun(layer, found) {
  const counts = layer.classes.map((one) => one.count);
  if (!counts.every((many) => typeof many === "number")) return found;
  const kinds = new Map(counts.map((many, kind) => [kind, many || 0]));
  const bins = found.kinds.get(-1);
  return { ...found, kinds: bins ? kinds.set(-1, bins) : kinds };
}
