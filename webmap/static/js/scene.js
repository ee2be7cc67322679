/** What is drawn on the map: the tiles, what stands above them, and the colours of both. */

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

    /** Have these layers on and the others off. @param {string[]|null} wanted null leaves them as they are */
    showLayers(wanted) {
      if (!wanted) return;
      for (const { id } of config.layers) {
        if (wanted.includes(id) !== tiles.shown.has(id)) tiles.setShown(id, wanted.includes(id));
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
