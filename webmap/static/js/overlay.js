/**
 * What stands above the tiles and must not be cut at their edges: dots, clusters, names, the selection.
 *
 * One canvas a little larger than the map, drawn anew when the map comes to rest.
 *
 * @typedef {import('./types.js').LayerConfig} LayerConfig
 * @typedef {import('./types.js').Selected} Selected
 */

import { clusterRadius, clusters, clusterStyle, inView, thinned } from "./gather.js";
import { around, drawName, freeShift, placeNames } from "./labels.js";
import { paintSymbols, traceSymbol } from "./paint.js";

// How far the canvas reaches beyond the map on each side, so that a small pan shows no bare edge.
const BEYOND = 0.15;

/** @type {Array<[string, number]>} */
const SELECTED_LOOK = [["--map-casing", 6], ["--map-selected", 3]];

// Areas that tickets can be asked for.
const PICKABLE = ["towns", "villages"];

// How near, in pixels, a click must be to a dot to mean it.
const REACH_PX = 12;

// What stands alone but came without its looks.
const SINGLE_PX = 5;
const CLUSTER_SHIFTS = [[0, 0], [0, -12], [0, 12], [-12, 0], [12, 0], [0, -22], [0, 22], [-22, 0], [22, 0], [-18, -18], [18, 18]];

/**
 * @param {any} L Leaflet
 * @param {any} tiles the grid layer of tiles.js
 * @param {import('./paint.js').Palette} palette
 * @returns {any} a Leaflet layer with `select(feature | null)` and `dotAt(point)`
 */
export function overlay(L, tiles, palette) {
  const Overlay = L.Layer.extend({
    onAdd(map) {
      this.canvas = L.DomUtil.create("canvas", "map-overlay leaflet-zoom-hide");
      this.canvas.setAttribute("aria-hidden", "true");
      map.getPanes().overlayPane.appendChild(this.canvas);
      /** @type {Selected|null} */
      this.selected = null;
      /** @type {Set<string>} */
      this.picked = new Set();
      /** @type {Array<{id: string, dots: ReturnType<typeof inView>}>} what stands alone, as it was drawn */
      this.drawn = [];
      /** @type {Array<{x: number, y: number, radius: number, box: [number, number, number, number]}>} clusters as they were drawn */
      this.gathered = [];
      this.frame = 0;
      tiles.on("drawn", this.schedule, this);
      map.on("moveend zoomend resize viewreset", this.schedule, this);
      this.schedule();
    },

    /** @param {Selected|null} feature */
    select(feature) {
      this.selected = feature;
      this.schedule();
    },

    /** Outline areas of the conditions, by their codes. @param {string[]} codes */
    pick(codes) {
      this.picked = new Set(codes);
      this.schedule();
    },

    /**
     * The dot that a click means: the nearest within reach, of the highest layer.
     *
     * @param {{x: number, y: number}} point in pixels of the map's container
     * @returns {(Selected & {name: string})|null}
     */
    dotAt(point) {
      if (!this.view) return null;
      const [x, y] = [point.x + this.view.west, point.y + this.view.north];
      for (const { id, dots } of [...this.drawn].reverse()) {
        const far = (dot) => Math.hypot(dot.x - x, dot.y - y);
        const [nearest] = dots.filter((dot) => dot.key && far(dot) < REACH_PX).sort((a, b) => far(a) - far(b));
        if (nearest) return { id, key: nearest.key, name: nearest.name, ...this.placeOf(nearest) };
      }
      return null;
    },

    /**
     * The ground of the cluster under a click, in degrees: south west and north east.
     *
     * @param {{x: number, y: number}} point in pixels of the map's container
     * @returns {Array<[number, number]>|null}
     */
    clusterAt(point) {
      if (!this.view) return null;
      const [x, y] = [point.x + this.view.west, point.y + this.view.north];
      const hit = [...this.gathered].reverse().find((one) => Math.hypot(one.x - x, one.y - y) <= Math.max(one.radius, REACH_PX));
      if (!hit) return null;
      const [west, north, east, south] = hit.box;
      return [[west, south], [east, north]].map(([right, down]) => {
        const { lon, lat } = this.placeOf({ x: right, y: down });
        return [lat, lon];
      });
    },

    /** Degrees of a place on the canvas. */
    placeOf({ x, y }) {
      const { lng, lat } = this._map.unproject(this.origin.add([x, y])).wrap();
      return { lon: lng, lat };
    },

    schedule() {
      if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
    },

    /** Draw what is shown on another sheet. @param {any} pen @param {{x: number, y: number}} origin of the sheet */
    drawOn(pen, origin) {
      const { x, y } = this._map.getSize();
      this.origin = origin;
      this.box = this.view = { west: 0, north: 0, east: x, south: y };
      this.paint(pen);
      this.schedule();
    },

    draw() {
      this.frame = 0;
      const pen = this.place();
      if (pen) this.paint(pen);
    },

    /** @private */
    paint(pen) {
      const layers = tiles.visible();
      const scene = { tiles: tiles.current(), zoom: tiles.zoom(), origin: this.origin, box: this.box, view: this.view };
      const placed = placeNames(pen, layers, palette, scene);
      const taken = placed.map((name) => name.box);
      this.drawn = [];
      this.gathered = [];
      const isOutlined = this.drawSelected(pen);
      for (const layer of layers) {
        if (layer.shape === "point") this.drawDots(pen, layer, taken);
      }
      for (const name of placed) drawName(pen, name, palette);
      if (!isOutlined) this.ring(pen);
    },

    /** Lay the canvas over the map and clear it; one unit is then a CSS pixel of the map's world. */
    place() {
      const map = this._map;
      const size = map.getSize();
      const ratio = Math.min(window.devicePixelRatio || 1, 2);
      const margin = L.point(size.x * BEYOND, size.y * BEYOND).round();
      const whole = size.add(margin.multiplyBy(2));
      L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([-margin.x, -margin.y]));
      this.canvas.style.width = `${whole.x}px`;
      this.canvas.style.height = `${whole.y}px`;
      this.canvas.width = Math.round(whole.x * ratio);
      this.canvas.height = Math.round(whole.y * ratio);
      this.origin = map.getPixelBounds().min.subtract(margin);
      this.box = { west: 0, north: 0, east: whole.x, south: whole.y };
      this.view = { west: margin.x, north: margin.y, east: margin.x + size.x, south: margin.y + size.y };
      const pen = this.canvas.getContext("2d");
      if (pen) pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      return pen;
    },

    drawDots(pen, layer, taken) {
      const dots = inView(tiles.current(), layer, this.origin, this.box);
      const grouped = clusters(dots, layer, tiles.zoom());
      // what is not drawn can be clicked all the same
      const single = layer.thinPx ? thinned(grouped.single, layer.thinPx, tiles.zoom()) : grouped.single;
      layer.classes.forEach((one, kind) => {
        const path = new Path2D();
        for (const dot of single) {
          if (dot.kind === kind) traceSymbol(path, one.style, dot.x, dot.y, this.sizeOf(one.style));
        }
        paintSymbols(pen, path, one.style, palette);
      });
      this.drawMarks(pen, layer, grouped.single);
      this.drawn.push({ id: layer.id, dots: grouped.single });
      for (const cluster of grouped.several) this.drawCluster(pen, layer, cluster, taken);
    },

    /** Rings around dots that have something of their own to say. */
    drawMarks(pen, layer, dots) {
      layer.marks.forEach((one, mark) => {
        const path = new Path2D();
        for (const dot of dots) {
          if (dot.mark === mark) traceSymbol(path, one.style, dot.x, dot.y, this.sizeOf(one.style));
        }
        paintSymbols(pen, path, one.style, palette);
      });
    },

    /** Dots shrink with distance, so that a whole district of them leaves the borders to be seen. */
    sizeOf(style) {
      const zoom = tiles.zoom();
      return style.size_px * (zoom >= 15 ? 1.2 : zoom >= 13 ? 1 : zoom >= 12 ? 0.75 : 0.6);
    },

    /** A ring with its number, moved a little where a name stands. */
    drawCluster(pen, layer, cluster, taken) {
      const { count } = cluster;
      const radius = count === 1 ? SINGLE_PX : clusterRadius(count);
      const boxAt = ([right, down]) => around(cluster.x + right, cluster.y + down, radius, radius);
      const [right, down] = freeShift(CLUSTER_SHIFTS, boxAt, taken) || CLUSTER_SHIFTS[0];
      const [x, y] = [cluster.x + right, cluster.y + down];
      taken.push(boxAt([right, down]));
      this.gathered.push({ x, y, radius, box: cluster.box });
      pen.beginPath();
      pen.arc(x, y, radius, 0, 2 * Math.PI);
      pen.fillStyle = palette.colour("--map-casing");
      pen.fill();
      pen.lineWidth = 2;
      pen.strokeStyle = palette.colour(clusterStyle(layer).line || "--ink");
      pen.stroke();
      // one alone has nothing to count
      if (count === 1) return;
      pen.fillStyle = palette.colour("--map-label");
      pen.font = `600 12px ${palette.colour("--font")}`;
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.fillText(count < 1000 ? String(count) : `${Math.round(count / 100) / 10}k`, x, y + 0.5);
    },

    /** @returns {boolean} whether the outline of what is selected is at hand */
    drawSelected(pen) {
      for (const id of PICKABLE) {
        if (this.picked.size > 0) this.outlines(pen, id, (key) => this.picked.has(key), SELECTED_LOOK);
      }
      if (!this.selected) return true;
      const { id, key } = this.selected;
      return this.outlines(pen, id, (one) => one === key, SELECTED_LOOK) > 0;
    },

    /** Outline the features of a collection that are meant; returns in how many tiles they were found. */
    outlines(pen, id, isMeant, look) {
      let found = 0;
      for (const tile of tiles.current()) {
        const part = tile.parts.get(id);
        if (!part) continue;
        const scale = tile.size / part.extent;
        const left = tile.coords.x * tile.size - this.origin.x;
        const top = tile.coords.y * tile.size - this.origin.y;
        for (const one of part.named) {
          if (!one.outline || !isMeant(one.key)) continue;
          this.outline(pen, one.outline, { left, top, scale, size: tile.size, look });
          found += 1;
        }
      }
      return found;
    },

    /** Around the place of what is selected, where it has no outline. */
    ring(pen) {
      const { id, key, lon, lat } = this.selected;
      const layer = this.drawn.find((one) => one.id === id);
      const dot = layer && layer.dots.find((one) => one.key === key);
      if (!dot && (lon === undefined || lat === undefined)) return;
      const { x, y } = dot || this._map.project([lat, lon]).subtract(this.origin);
      for (const [token, width] of SELECTED_LOOK) {
        pen.beginPath();
        pen.arc(x, y, 13, 0, 2 * Math.PI);
        pen.strokeStyle = palette.colour(token);
        pen.lineWidth = width;
        pen.stroke();
      }
    },

    outline(pen, path, { left, top, scale, size, look }) {
      pen.save();
      pen.beginPath();
      pen.rect(left, top, size, size);
      pen.clip();
      pen.translate(left, top);
      pen.scale(scale, scale);
      pen.lineJoin = "round";
      for (const [token, width] of look) {
        pen.strokeStyle = palette.colour(token);
        pen.lineWidth = width / scale;
        pen.stroke(path);
      }
      pen.restore();
    },
  });
  return new Overlay();
}
