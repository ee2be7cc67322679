/**
 * What stands above the tiles and must not be cut at their edges: dots, clusters, names, the selection.
 *
 * One canvas a little larger than the map, drawn anew when the map comes to rest.
 *
 * @typedef {import('./types.js').LayerConfig} LayerConfig
 * @typedef {{west: number, north: number, east: number, south: number}} Box
 */

import { clusterRadius, clusters, clusterStyle, inView, names } from "./gather.js";
import { paintSymbols, traceSymbol } from "./paint.js";

// How far the canvas reaches beyond the map on each side, so that a small pan shows no bare edge.
const BEYOND = 0.15;

// How far, in pixels, a name may stand above or below its own place.
const NAME_SHIFTS = [0, -18, 18];
const CLUSTER_SHIFTS = [[0, 0], [0, -12], [0, 12], [-12, 0], [12, 0], [0, -22], [0, 22], [-22, 0], [22, 0], [-18, -18], [18, 18]];

/**
 * @param {any} L Leaflet
 * @param {any} tiles the grid layer of tiles.js
 * @param {import('./paint.js').Palette} palette
 * @returns {any} a Leaflet layer with `select({id, key} | null)`
 */
export function overlay(L, tiles, palette) {
  const Overlay = L.Layer.extend({
    onAdd(map) {
      this.canvas = L.DomUtil.create("canvas", "map-overlay leaflet-zoom-hide");
      this.canvas.setAttribute("aria-hidden", "true");
      map.getPanes().overlayPane.appendChild(this.canvas);
      this.selected = null;
      this.frame = 0;
      tiles.on("drawn", this.schedule, this);
      map.on("moveend zoomend resize viewreset", this.schedule, this);
      this.schedule();
    },

    select(feature) {
      this.selected = feature;
      this.schedule();
    },

    schedule() {
      if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
    },

    draw() {
      this.frame = 0;
      const pen = this.place();
      if (!pen) return;
      const layers = tiles.visible();
      const placed = this.placeNames(pen, layers);
      this.drawSelected(pen);
      for (const layer of layers) {
        if (layer.shape === "point") this.drawDots(pen, layer, placed.map((name) => name.box));
      }
      for (const name of placed) this.drawName(pen, name);
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
      const grouped = clusters(dots, layer, this._map.getZoom());
      layer.classes.forEach((one, kind) => {
        const path = new Path2D();
        for (const dot of grouped.single) {
          if (dot.kind === kind) traceSymbol(path, one.style, dot.x, dot.y, this.sizeOf(one.style));
        }
        paintSymbols(pen, path, one.style, palette);
      });
      for (const cluster of grouped.several) this.drawCluster(pen, layer, cluster, taken);
    },

    /** Dots shrink with distance, so that a whole district of them leaves the borders to be seen. */
    sizeOf(style) {
      const zoom = this._map.getZoom();
      return style.size_px * (zoom >= 15 ? 1.2 : zoom >= 13 ? 1 : 0.75);
    },

    /** A ring with its number, moved a little where a name stands. */
    drawCluster(pen, layer, cluster, taken) {
      const { count } = cluster;
      const radius = clusterRadius(count);
      const boxAt = ([right, down]) => around(cluster.x + right, cluster.y + down, radius, radius);
      const [right, down] = freeShift(CLUSTER_SHIFTS, boxAt, taken) || CLUSTER_SHIFTS[0];
      const [x, y] = [cluster.x + right, cluster.y + down];
      taken.push(boxAt([right, down]));
      pen.beginPath();
      pen.arc(x, y, radius, 0, 2 * Math.PI);
      pen.fillStyle = palette.colour("--map-casing");
      pen.fill();
      pen.lineWidth = 2;
      pen.strokeStyle = palette.colour(clusterStyle(layer).line);
      pen.stroke();
      pen.fillStyle = palette.colour("--map-label");
      pen.font = `600 12px ${palette.colour("--font")}`;
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.fillText(count < 1000 ? String(count) : `${Math.round(count / 100) / 10}k`, x, y + 0.5);
    },

    drawSelected(pen) {
      if (!this.selected) return;
      for (const tile of tiles.current()) {
        const part = tile.parts.get(this.selected.id);
        if (!part) continue;
        const scale = tile.size / part.extent;
        const left = tile.coords.x * tile.size - this.origin.x;
        const top = tile.coords.y * tile.size - this.origin.y;
        for (const area of part.areas) {
          if (area.key === this.selected.key && area.outline) this.outline(pen, area.outline, left, top, scale, tile.size);
        }
      }
    },

    outline(pen, path, left, top, scale, size) {
      pen.save();
      pen.beginPath();
      pen.rect(left, top, size, size);
      pen.clip();
      pen.translate(left, top);
      pen.scale(scale, scale);
      pen.lineJoin = "round";
      for (const [token, width] of [["--map-casing", 6], ["--map-selected", 3]]) {
        pen.strokeStyle = palette.colour(token);
        pen.lineWidth = width / scale;
        pen.stroke(path);
      }
      pen.restore();
    },

    /** Names with the boxes they take; towns come before villages, large before small, the rest is left out. */
    placeNames(pen, layers) {
      const zoom = this._map.getZoom();
      const placed = [];
      for (const layer of [...layers].reverse()) {
        if (!layer.labelZooms || zoom < layer.labelZooms[0] || zoom > layer.labelZooms[1]) continue;
        const font = `${layer.id === "towns" ? 600 : 400} 14px ${palette.colour("--font")}`;
        pen.font = font;
        for (const { text, x, y } of names(tiles.current(), layer, this.origin, this.view)) {
          const half = pen.measureText(text).width / 2 + 3;
          const taken = placed.map((name) => name.box);
          const shift = freeShift(NAME_SHIFTS, (one) => around(x, y + one, half, 10), taken);
          if (shift === undefined) continue;
          placed.push({ text, font, x, y: y + shift, box: around(x, y + shift, half, 10) });
        }
      }
      return placed;
    },

    drawName(pen, { text, font, x, y }) {
      pen.font = font;
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.lineJoin = "round";
      pen.strokeStyle = palette.colour("--map-halo");
      pen.lineWidth = 4;
      pen.strokeText(text, x, y);
      pen.fillStyle = palette.colour("--map-label");
      pen.fillText(text, x, y);
    },
  });
  return new Overlay();
}

/** The first shift whose box meets none that are taken. */
function freeShift(shifts, boxOf, taken) {
  return shifts.find((shift) => !taken.some((other) => meet(boxOf(shift), other)));
}

/** @returns {Box} */
function around(x, y, halfWidth, halfHeight) {
  return { west: x - halfWidth, east: x + halfWidth, north: y - halfHeight, south: y + halfHeight };
}

function meet(a, b) {
  return a.west < b.east && b.west < a.east && a.north < b.south && b.north < a.south;
}
