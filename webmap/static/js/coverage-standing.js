/** How things stand on the coverage page: what did not come, the legend, the colours, and the map on paper. */

import { byId } from "./dom.js";
import { count } from "./gather.js";
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
  const refresh = () => {
    const origin = map.getPixelBounds().min;
    const shown = tiles.visible().filter((layer) => config.explained.includes(layer.id));
    const counted = new Map(shown.map((layer) => [layer.id, count(tiles.current(), layer, origin, map.getSize())]));
    const entries = legend(shown, counted, palette, { zoom: tiles.zoom(), texts: config.texts });
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
