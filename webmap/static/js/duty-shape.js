/**
 * A border that can be changed: its corners are dragged or moved by keys, new ones come out of the middle of a side.
 *
 * @typedef {Array<Array<Array<[number, number]>>>} Polygons   of rings of corners without the closing one, longitude first
 */

import { fill, make } from "./dom.js";
import { drawnIcon } from "./icon.js";

// More handles than this in view hide the ground.
const MOST_HANDLES = 240;
const STEP_PX = 4;
const LONG_STEP_PX = 40;
const LEAST_CORNERS = 3;
const WAYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/**
 * @param {any} L Leaflet
 * @param {any} map
 * @param {any} config
 * @param {object} parts
 * @param {() => void} parts.onChange   when a corner has come to rest
 * @param {(sentence: string) => void} parts.say
 * @param {ReturnType<typeof import('./duty-snap.js').snapping>} [parts.snaps]   borders that a dragged corner falls on
 */
export function shapeEditor(L, map, { texts }, { onChange, say, snaps }) {
  /** @type {Polygons} */
  let polygons = [];
  let isMoving = false;
  const ground = L.polygon([], { interactive: false, className: "drawn-ground" });
  const handles = L.layerGroup().addTo(map);

  const redraw = () => {
    ground.setLatLngs(polygons.map((rings) => rings.map((ring) => ring.map(([lon, lat]) => [lat, lon]))));
    if (polygons.length > 0) ground.addTo(map);
    else ground.remove();
  };

  const changed = () => {
    redraw();
    place();
    onChange();
  };

  /** Handles for the corners in view, and for the middles of their sides. */
  function place() {
    handles.clearLayers();
    if (!isMoving) return;
    const view = map.getBounds().pad(0.1);
    const seen = [];
    for (const rings of polygons) {
      for (const ring of rings) {
        ring.forEach(([lon, lat], number) => view.contains([lat, lon]) && seen.push({ ring, number }));
      }
    }
    if (seen.length > MOST_HANDLES) {
      say(texts.dutyMany);
      return;
    }
    for (const { ring, number } of seen) {
      corner(ring, number);
      middle(ring, number);
    }
  }

  function corner(ring, number) {
    const [lon, lat] = ring[number];
    const alt = fill(texts.dutyCorner, { number: number + 1, count: ring.length });
    const mark = L.marker([lat, lon], { icon: icon("shape-corner"), draggable: true, keyboard: true, title: alt, alt });
    mark.on("drag", () => move(ring, number, fitted(mark.getLatLng())));
    mark.on("dragend", changed);
    mark.on("contextmenu", () => drop(ring, number));
    mark.on("dblclick", () => drop(ring, number));
    handles.addLayer(mark);
    mark.getElement().setAttribute("aria-label", alt);
    mark.getElement().addEventListener("keydown", (event) => {
      const way = WAYS[event.key];
      if (event.key === "Delete" || event.key === "Backspace") drop(ring, number);
      else if (way) {
        const step = event.shiftKey ? LONG_STEP_PX : STEP_PX;
        const point = map.latLngToContainerPoint(mark.getLatLng()).add([way[0] * step, way[1] * step]);
        mark.setLatLng(map.containerPointToLatLng(point));
        move(ring, number, mark.getLatLng());
        onChange();
      } else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  function middle(ring, number) {
    const [one, other] = [ring[number], ring[(number + 1) % ring.length]];
    const at = L.latLng((one[1] + other[1]) / 2, (one[0] + other[0]) / 2);
    const mark = L.marker(at, { icon: icon("shape-middle"), draggable: true, keyboard: false, title: texts.dutyNewCorner });
    mark.on("dragstart", () => ring.splice(number + 1, 0, [at.lng, at.lat]));
    mark.on("drag", () => move(ring, number + 1, fitted(mark.getLatLng())));
    mark.on("dragend", changed);
    handles.addLayer(mark);
  }

  const fitted = (latlng) => L.latLng(snaps ? snaps.fit(latlng.wrap()).latlng : latlng);

  function move(ring, number, latlng) {
    const { lng, lat } = latlng.wrap();
    ring[number] = [rounded(lng), rounded(lat)];
    redraw();
  }

  function drop(ring, number) {
    if (ring.length <= LEAST_CORNERS) return;
    ring.splice(number, 1);
    changed();
  }

  const icon = (name) => drawnIcon(L, () => make("div", { class: name }));
  map.on("moveend", place);

  return {
    /** @param {any} shape GeoJSON of a polygon or several; null for none */
    set(shape) {
      const found = !shape ? [] : shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
      polygons = found.map((rings) => rings.map((ring) => ring.slice(0, -1).map(([lon, lat]) => [lon, lat])));
      redraw();
      place();
    },
    /** GeoJSON of what is there, as text; empty without any. */
    text() {
      if (polygons.length === 0) return "";
      const coordinates = polygons.map((rings) => rings.map((ring) => [...ring, ring[0]]));
      return JSON.stringify({ type: "MultiPolygon", coordinates });
    },
    /** @returns {number[]|null} west, south, east, north */
    box() {
      const all = polygons.flat(2);
      if (all.length === 0) return null;
      const [lons, lats] = [all.map(([lon]) => lon), all.map(([, lat]) => lat)];
      return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
    },
    isEmpty: () => polygons.length === 0,
    setMoving(isOn) {
      isMoving = isOn;
      place();
    },
  };
}

function rounded(degrees) {
  return Math.round(degrees * 1e7) / 1e7;
}
