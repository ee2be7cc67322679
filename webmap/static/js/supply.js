/**
 * Asking the server for tiles: one collection, or all that a new tile needs in one answer.
 *
 * @typedef {import('./types.js').Config} Config
 * @typedef {import('./types.js').LayerConfig} LayerConfig
 * @typedef {import('./types.js').Part} Part
 * @typedef {{x: number, y: number, z: number}} Coords
 */

import { decode, emptyPart } from "./decode.js";
import { ask } from "./server.js";

/**
 * @param {Config} config
 * @param {import('./decode.js').Reader} reader
 */
export function supply(config, reader) {
  return {
    /** Whether a layer can come with others. @param {LayerConfig} layer */
    isJoint: (layer) => Boolean(config.jointUrl && layer.isJoint),

    /**
     * @param {LayerConfig} layer
     * @param {string} query
     * @param {Coords} coords
     * @param {AbortSignal} signal
     * @returns {Promise<Part>}
     */
    async one(layer, query, coords, signal) {
      const address = placed(layer.url, coords);
      const url = query ? `${address}${address.includes("?") ? "&" : "?"}${query}` : address;
      const bytes = await read(url, signal);
      return bytes ? decode(bytes, [layer], reader)[0] : emptyPart();
    },

    /**
     * @param {LayerConfig[]} layers
     * @param {Coords} coords
     * @param {AbortSignal} signal
     * @returns {Promise<Part[]>} in the order of the layers
     */
    async several(layers, coords, signal) {
      const ids = layers.map((layer) => layer.id).join(",");
      const version = layers.map((layer) => layer.version).join("-");
      const bytes = await read(`${placed((config.jointUrl || "").replace("{ids}", ids), coords)}?v=${version}`, signal);
      return bytes ? decode(bytes, layers, reader) : layers.map(() => emptyPart());
    },
  };
}

function placed(pattern, { x, y, z }) {
  return pattern.replace("{z}", String(z)).replace("{x}", String(x)).replace("{y}", String(y));
}

/** @returns {Promise<ArrayBuffer|null>} null for a tile with nothing in it */
async function read(url, signal) {
  const response = await ask(url, signal, "*/*");
  return response.status === 204 ? null : response.arrayBuffer();
}
