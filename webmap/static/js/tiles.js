/**
 * All layers of the map as one grid of canvases, filled from vector tiles.
 *
 * Each tile keeps what it decoded, so that switching a layer or the colour scheme draws anew without
 * asking the server again. Events: `settled` when all that is on is drawn, `busy` when that is no
 * longer so, `failed` with `{layer}` when tiles of a collection do not arrive.
 *
 * @typedef {import('./types.js').Config} Config
 * @typedef {import('./types.js').LayerConfig} LayerConfig
 * @typedef {import('./types.js').Tile} Tile
 */

import { decode, emptyPart } from "./decode.js";
import { paintAreas } from "./paint.js";

const LEAST_DEGREES = 0.05;

/**
 * @param {any} L Leaflet
 * @param {Config} config
 * @param {import('./decode.js').Reader} reader
 * @param {import('./paint.js').Palette} palette
 * @returns {any} a Leaflet grid layer
 */
export function districtTiles(L, config, reader, palette) {
  const DistrictTiles = L.GridLayer.extend({
    initialize() {
      L.GridLayer.prototype.initialize.call(this, {
        maxNativeZoom: config.deepestTiles,
        maxZoom: 22,
        updateWhenZooming: false,
        keepBuffer: 1,
        bounds: config.bounds ? padded(L, config.bounds) : undefined,
      });
      this.layers = config.layers;
      this.shown = new Set(config.layers.filter((layer) => layer.isOn).map((layer) => layer.id));
      /** @type {Map<HTMLCanvasElement, Tile>} */
      this.held = new Map();
      this.frame = 0;
      this.isSettled = false;
      this.on("tileunload", (event) => this.drop(event.tile));
      this.on("load", () => this.check());
    },

    onAdd(map) {
      L.GridLayer.prototype.onAdd.call(this, map);
      // far from the district there is no tile, and that is settled at once
      this.schedule();
    },

    createTile(coords, done) {
      const size = this.getTileSize().x;
      const ratio = Math.min(window.devicePixelRatio || 1, 2);
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = Math.round(size * ratio);
      /** @type {Tile} */
      const tile = {
        coords,
        canvas,
        size,
        ratio,
        parts: new Map(),
        waiting: new Map(),
        done: () => done(null, canvas),
        isDirty: true,
      };
      this.held.set(canvas, tile);
      this.unsettle();
      for (const layer of this.layers) this.want(tile, layer);
      this.schedule();
      return canvas;
    },

    /** Switch a layer; its tiles are fetched the first time it is on. */
    setShown(id, isOn) {
      if (isOn) this.shown.add(id);
      else this.shown.delete(id);
      const layer = this.layers.find((one) => one.id === id);
      this.unsettle();
      for (const tile of this.held.values()) {
        tile.isDirty = true;
        if (isOn && layer) this.want(tile, layer);
      }
      this.schedule();
    },

    /** Draw everything anew from what is decoded. */
    restyle() {
      this.unsettle();
      for (const tile of this.held.values()) tile.isDirty = true;
      this.schedule();
    },

    /** Ask again for what did not arrive. */
    retry() {
      this.unsettle();
      for (const tile of this.held.values()) {
        for (const layer of this.layers) this.want(tile, layer);
      }
      this.schedule();
    },

    /** Layers that are on and drawn at this zoom, lowest first. */
    visible() {
      const zoom = this._map ? this._map.getZoom() : 0;
      return this.layers.filter((layer) => this.shown.has(layer.id) && zoom >= layer.fromZoom);
    },

    /** Tiles of the zoom now shown. */
    current() {
      return [...this.held.values()].filter((tile) => tile.coords.z === this._tileZoom);
    },

    /** @private */
    want(tile, layer) {
      if (!this.shown.has(layer.id) || tile.coords.z < layer.fromZoom) return;
      if (tile.parts.has(layer.id) || tile.waiting.has(layer.id)) return;
      const control = new AbortController();
      tile.waiting.set(layer.id, control);
      this.load(tile, layer, control.signal).then(
        (part) => this.arrive(tile, layer, part),
        (error) => this.miss(tile, layer, error)
      );
    },

    /** @private */
    async load(tile, layer, signal) {
      const { x, y, z } = tile.coords;
      const url = layer.url.replace("{z}", z).replace("{x}", x).replace("{y}", y);
      const response = await fetch(url, { signal, credentials: "same-origin" });
      if (response.status === 204) return emptyPart();
      if (!response.ok) throw new Error(`${response.status}`);
      return decode(await response.arrayBuffer(), layer, reader);
    },

    /** @private */
    arrive(tile, layer, part) {
      tile.waiting.delete(layer.id);
      tile.parts.set(layer.id, part);
      tile.isDirty = true;
      this.schedule();
    },

    /** @private */
    miss(tile, layer, error) {
      tile.waiting.delete(layer.id);
      if (error.name === "AbortError") return;
      this.fire("failed", { layer });
      tile.isDirty = true;
      this.schedule();
    },

    /** @private */
    drop(canvas) {
      const tile = this.held.get(canvas);
      if (!tile) return;
      for (const control of tile.waiting.values()) control.abort();
      this.held.delete(canvas);
      // a canvas that is merely forgotten keeps its memory for a while
      canvas.width = canvas.height = 0;
      this.schedule();
    },

    /** @private */
    schedule() {
      if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
    },

    /** @private */
    draw() {
      this.frame = 0;
      const visible = this.visible();
      for (const tile of this.held.values()) {
        if (!tile.isDirty) continue;
        tile.isDirty = false;
        this.drawTile(tile, visible);
        if (tile.done && tile.waiting.size === 0) {
          tile.done();
          tile.done = null;
        }
      }
      this.fire("drawn");
      this.check();
    },

    /** @private */
    drawTile(tile, visible) {
      const pen = tile.canvas.getContext("2d");
      if (!pen) return;
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.clearRect(0, 0, tile.canvas.width, tile.canvas.height);
      for (const layer of visible) {
        const part = tile.parts.get(layer.id);
        if (!part || layer.shape !== "area") continue;
        const scale = tile.size / part.extent;
        pen.setTransform(scale * tile.ratio, 0, 0, scale * tile.ratio, 0, 0);
        layer.classes.forEach(({ style }, kind) => {
          const [fills, lines] = [part.fills.get(kind) || [], part.lines.get(kind) || []];
          paintAreas(pen, fills, lines, style, palette, scale, tile.ratio);
        });
      }
    },

    /** @private */
    unsettle() {
      if (!this.isSettled) return;
      this.isSettled = false;
      this.fire("busy");
    },

    /** @private */
    check() {
      if (this.isSettled || this.frame || this.isLoading()) return;
      for (const tile of this.held.values()) if (tile.waiting.size > 0 || tile.isDirty) return;
      this.isSettled = true;
      this.fire("settled");
    },
  });
  return new DistrictTiles();
}

/** No tiles are asked for far from the district, which may be a single point yet. */
function padded(L, [west, south, east, north]) {
  const [tall, wide] = [0.5 * (north - south) + LEAST_DEGREES, 0.5 * (east - west) + LEAST_DEGREES];
  return L.latLngBounds([south - tall, west - wide], [north + tall, east + wide]);
}
