/**
 * All layers of the map as one grid of canvases, filled from vector tiles.
 *
 * Each tile keeps what it decoded, so that switching a layer or the colour scheme draws anew without
 * asking the server again. Events: `settled` when all that is on is drawn, `busy` when that is no
 * longer so.
 *
 * @typedef {import('./types.js').Config} Config
 * @typedef {import('./types.js').LayerConfig} LayerConfig
 * @typedef {import('./types.js').Tile} Tile
 */

import { Refusal } from "./server.js";
import { supply } from "./supply.js";
import { fitPixels, paintOnSheet, paintTile } from "./tile.js";

const LEAST_DEGREES = 0.05;

// A tile is shown when all of its layers have come, or after this long with those that have.
const PATIENCE_MS = 400;

/**
 * @param {any} L Leaflet
 * @param {Config} config
 * @param {import('./decode.js').Reader} reader
 * @param {import('./paint.js').Palette} palette
 * @returns {any} a Leaflet grid layer
 */
export function districtTiles(L, config, reader, palette) {
  const server = supply(config, reader);
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
      /** @type {Map<string, string>} what is asked of a layer beside its place */
      this.queries = new Map();
      /** @type {Date|null} when a tile last came */
      this.lastCame = null;
      this.frame = 0;
      this.timer = 0;
      this.isSettled = false;
      this.on("tileunload", (event) => this.drop(event.tile));
      this.on("load", () => this.check());
    },

    onAdd(map) {
      L.GridLayer.prototype.onAdd.call(this, map);
      map.on("zoomend", this.fit, this);
      // far from the district there is no tile, and that is settled at once
      this.schedule();
    },

    createTile(coords, done) {
      const canvas = document.createElement("canvas");
      /** @type {Tile} */
      const tile = {
        coords,
        canvas,
        size: this.sizeAt(coords.z),
        ratio: 1,
        parts: new Map(),
        asked: new Map(),
        waiting: new Map(),
        failed: new Map(),
        done: () => done(null, canvas),
        isDirty: true,
        since: performance.now(),
      };
      fitPixels(tile);
      this.held.set(canvas, tile);
      this.unsettle();
      this.wantAll(tile);
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

    /** Ask for other features of a layer, as a query string; what is drawn stays until the new has come. */
    setQuery(id, query) {
      if ((this.queries.get(id) || "") === query) return;
      this.queries.set(id, query);
      const layer = this.layers.find((one) => one.id === id);
      if (!layer) return;
      this.unsettle();
      for (const tile of this.held.values()) {
        const running = tile.waiting.get(id);
        if (running) running.abort();
        tile.waiting.delete(id);
        this.want(tile, layer);
      }
      this.schedule();
    },

    /** CSS pixels that a tile of this zoom takes on a side; the map's own zoom need not be whole. @private */
    sizeAt(zoom) {
      return this.getTileSize().x * this._map.getZoomScale(this._map.getZoom(), zoom);
    },

    /** Tiles stay sharp and their lines as wide as they were when the map comes to rest between two zooms. @private */
    fit() {
      for (const tile of this.current()) {
        const size = this.sizeAt(tile.coords.z);
        if (size === tile.size) continue;
        tile.size = size;
        tile.isDirty = true;
        this.unsettle();
      }
      this.schedule();
    },

    /** Draw everything anew from what is decoded. */
    restyle() {
      this.unsettle();
      for (const tile of this.held.values()) tile.isDirty = true;
      this.schedule();
    },

    /** Draw what is shown on another sheet, as `paintOnSheet` says. */
    drawOn(pen, origin, ratio) {
      paintOnSheet(pen, this.current(), this.visible(), palette, { origin, ratio });
    },

    /** Ask again for what did not arrive. */
    retry() {
      this.unsettle();
      for (const tile of this.held.values()) this.wantAll(tile);
      this.schedule();
    },

    /** The whole zoom whose tiles are shown. */
    zoom() {
      return this._tileZoom === undefined ? 0 : this._tileZoom;
    },

    /** Layers that are on and drawn at this zoom, lowest first. */
    visible() {
      return this.layers.filter((layer) => this.shown.has(layer.id) && this.zoom() >= layer.fromZoom);
    },

    /** Tiles of the zoom now shown. */
    current() {
      return [...this.held.values()].filter((tile) => tile.coords.z === this._tileZoom);
    },

    /** What is on and did not come, by its title, and whether asking again may help. */
    missing() {
      const found = this.visible().filter((layer) => this.current().some((tile) => tile.failed.has(layer.id)));
      const isPassing = this.current().some((tile) => [...tile.failed.values()].includes(true));
      return { titles: found.map((layer) => layer.title), isPassing };
    },

    /** @private */
    lacks(tile, layer) {
      if (!this.shown.has(layer.id) || tile.coords.z < layer.fromZoom || tile.waiting.has(layer.id)) return false;
      return tile.asked.get(layer.id) !== (this.queries.get(layer.id) || "");
    },

    /** Ask for all that a tile lacks, in as few answers as can be. @private */
    wantAll(tile) {
      const lacking = this.layers.filter((layer) => this.lacks(tile, layer));
      const joint = lacking.filter((layer) => server.isJoint(layer) && !this.queries.get(layer.id));
      if (joint.length > 1) this.load(tile, joint, "", (signal) => server.several(joint, tile.coords, signal));
      for (const layer of lacking) this.want(tile, layer);
    },

    /** @private */
    want(tile, layer) {
      if (!this.lacks(tile, layer)) return;
      const query = this.queries.get(layer.id) || "";
      this.load(tile, [layer], query, async (signal) => [await server.one(layer, query, tile.coords, signal)]);
    },

    /** @private */
    load(tile, layers, query, ask) {
      const control = new AbortController();
      for (const layer of layers) tile.waiting.set(layer.id, control);
      // what has been asked for anew in the meantime is not answered by this
      const meant = () => layers.filter((layer) => tile.waiting.get(layer.id) === control);
      ask(control.signal).then(
        (parts) => meant().forEach((layer) => this.arrive(tile, layer, query, parts[layers.indexOf(layer)])),
        (error) => meant().forEach((layer) => this.miss(tile, layer, error))
      );
    },

    /** @private */
    arrive(tile, layer, query, part) {
      tile.waiting.delete(layer.id);
      tile.parts.set(layer.id, part);
      tile.asked.set(layer.id, query);
      tile.failed.delete(layer.id);
      this.lastCame = new Date();
      tile.isDirty = true;
      this.schedule();
    },

    /** @private */
    miss(tile, layer, error) {
      tile.waiting.delete(layer.id);
      tile.failed.set(layer.id, !(error instanceof Refusal) || error.isPassing);
      if (error.name === "AbortError") return;
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
      const now = performance.now();
      let isEarly = false;
      for (const tile of this.held.values()) {
        if (!tile.isDirty) continue;
        if (tile.waiting.size > 0 && now - tile.since < PATIENCE_MS) {
          isEarly = true;
          continue;
        }
        tile.isDirty = false;
        tile.since = now;
        paintTile(tile, visible, palette);
        if (tile.done) {
          tile.done();
          tile.done = null;
        }
      }
      if (isEarly) this.later();
      this.fire("drawn");
      this.check();
    },

    /** Draw what has come by then, though some of it is still on the way. @private */
    later() {
      if (this.timer) return;
      this.timer = setTimeout(() => {
        this.timer = 0;
        this.schedule();
      }, PATIENCE_MS / 2);
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
