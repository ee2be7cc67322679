/** What is drawn on the map: the tiles, what stands above them, and the colours of both. */

import { isMeasure } from "./legend.js";
import { overlay } from "./overlay.js";
import { Palette } from "./paint.js";
import { districtTiles } from "./tiles.js";

/**
 * @param {any} L Leaflet
 * @param {import('./types.js').Config} config
 */
export async function scene(L, config) {
  const [{ default: Pbf }, { VectorTile }] = await Promise.all([
    import(config.modules.pbf),
    import(config.modules.vectorTile),
  ]);
  const palette = new Palette();
  const tiles = districtTiles(L, config, { Pbf, VectorTile }, palette);
  const above = overlay(L, tiles, palette);
  return {
    palette,
    tiles,
    above,

    /** Have these layers on and the others off; of several measures the highest, as their colours do not mix. @param {string[]|null} wanted null leaves them as they are */
    showLayers(wanted) {
      if (!wanted) return;
      const measures = config.layers.filter((layer) => wanted.includes(layer.id) && isMeasure(layer));
      for (const layer of config.layers) {
        const isHidden = isMeasure(layer) && layer !== measures[measures.length - 1];
        const isOn = wanted.includes(layer.id) && !isHidden;
        if (isOn !== tiles.shown.has(layer.id)) tiles.setShown(layer.id, isOn);
      }
    },

    /** Draw anew when the scheme of colours changes. @param {() => void} more what else shows them */
    followScheme(more) {
      window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
        palette.clear();
        tiles.restyle();
        more();
      });
    },
  };
}
