/**
 * A small tool to draw a polygon or a box on the map, or to point at areas: by pointer, by touch, by keys.
 *
 * While it is at work it takes clicks and keys before the map's own questions do.
 *
 * @typedef {Array<[number, number]>} Corners   longitude first
 */

import { byId, fill } from "./dom.js";
import { isSimple } from "./filter.js";


// A pointer that moved further has dragged the map.
const DRAG_PX = 6;

// A corner this near to the first one, or to the one before, closes the polygon.
const NEAR_PX = 12;

/**
 * @param {any} L Leaflet
 * @param {any} map
 * @param {import('./types.js').Config} config
 * @param {object} parts
 * @param {(corners: Corners) => void} parts.onDrawn
 * @param {(lon: number, lat: number) => void} parts.onPointed
 * @param {() => void} parts.onEnd
 * @param {ReturnType<typeof import('./duty-snap.js').snapping>} [parts.snaps]   borders that corners fall on and sides follow
 * @param {number} [parts.most]     corners of a polygon
 * @param {number} [parts.digits]   behind the point of a degree
 */
export function drawing(L, map, config, { onDrawn, onPointed, onEnd, snaps, most = 200, digits = 5 }) {
  const rounded = (degrees) => Number(degrees.toFixed(digits));
  const { texts } = config;
  const container = map.getContainer();
  const bar = byId("draw-bar");
  const ground = L.polygon([], { interactive: false, className: "drawn-ground" });
  const line = L.polyline([], { interactive: false, className: "drawn-line" });
  const dots = L.layerGroup();
  /** @type {'draw'|'box'|'point'|null} */
  let mode = null;
  /** @type {any[]} */
  let corners = [];
  let down = { x: 0, y: 0 };

  const redraw = () => {
    line.setLatLngs(corners.length > 2 ? [...corners, corners[0]] : corners);
    dots.clearLayers();
    for (const corner of corners) dots.addLayer(L.circleMarker(corner, { radius: 6, interactive: false, className: "drawn-corner" }));
    byId("draw-said").textContent = mode === "draw" ? fill(texts.drawing, { count: corners.length }) : mode === "box" ? texts.boxing : texts.pointing;
    byId("draw-done").hidden = mode === "box" || (mode === "draw" && corners.length < 3);
    byId("draw-back").hidden = mode === "point" || corners.length === 0;
  };

  const show = (isShown) => {
    bar.hidden = !isShown;
    if (bar.parentElement) bar.parentElement.classList.toggle("has-draw-bar", isShown);
  };

  const stop = () => {
    if (!mode) return;
    mode = null;
    corners = [];
    line.remove();
    dots.remove();
    show(false);
    container.classList.remove("is-drawing");
    onEnd();
  };

  const start = (kind) => {
    if (mode) stop();
    mode = kind;
    show(true);
    container.classList.add("is-drawing");
    if (kind !== "point") {
      ground.remove();
      line.addTo(map);
      dots.addTo(map);
    }
    redraw();
    container.focus({ preventScroll: true });
  };

  const finish = () => {
    if (mode === "point") return stop();
    if (snaps && corners.length > 2) corners.push(...onTheWay(corners[corners.length - 1], corners[0]));
    const ring = corners.map((corner) => /** @type {[number, number]} */ ([rounded(corner.lng), rounded(corner.lat)]));
    if (ring.length < 3) return;
    if (!isSimple(ring)) {
      while (corners[corners.length - 1].isOnTheWay) corners.pop();
      byId("draw-said").textContent = texts.crossing;
      return;
    }
    stop();
    onDrawn(ring);
  };

  const back = () => {
    corners.pop();
    while (corners.length > 0 && corners[corners.length - 1].isOnTheWay) corners.pop();
    redraw();
  };

  /** Corners of a border beside, on which both lie. */
  const onTheWay = (one, other) => (snaps ? snaps.follow(one.snapped, other.snapped).map((corner) => ({ ...corner, isOnTheWay: true })) : []);

  const near = (one, other) => map.latLngToContainerPoint(one).distanceTo(map.latLngToContainerPoint(other)) < NEAR_PX;

  const add = (place) => {
    if (mode === "point") return onPointed(place.lng, place.lat);
    if (mode === "box") return addToBox(place);
    const isClosing = corners.length > 2 && (near(place, corners[0]) || near(place, corners[corners.length - 1]));
    if (isClosing) return finish();
    if (corners.length > 0 && near(place, corners[corners.length - 1])) return;
    const fitted = snaps ? snaps.fit(place) : { latlng: place, snapped: null };
    const corner = { lng: fitted.latlng.lng, lat: fitted.latlng.lat, snapped: fitted.snapped };
    const way = corners.length > 0 ? onTheWay(corners[corners.length - 1], corner) : [];
    if (corners.length + way.length < most) corners.push(...way, corner);
    redraw();
  };

  /** The second corner closes the box, unless it lies on a line with the first. */
  const addToBox = (place) => {
    const [first] = corners;
    if (!first) corners.push(place);
    else if (rounded(first.lng) !== rounded(place.lng) && rounded(first.lat) !== rounded(place.lat)) {
      const [west, east] = [first.lng, place.lng].sort((a, b) => a - b);
      const [south, north] = [first.lat, place.lat].sort((a, b) => a - b);
      corners = [[west, south], [east, south], [east, north], [west, north]].map(([lng, lat]) => ({ lng, lat }));
      return finish();
    }
    return redraw();
  };

  const onMap = (event) => !(event.target instanceof Element && event.target.closest(".leaflet-control"));
  const take = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  container.addEventListener("pointerdown", (event) => (down = { x: event.clientX, y: event.clientY }), true);
  container.addEventListener(
    "click",
    (event) => {
      if (!mode || !onMap(event)) return;
      take(event);
      if (Math.hypot(event.clientX - down.x, event.clientY - down.y) < DRAG_PX) add(map.mouseEventToLatLng(event).wrap());
    },
    true
  );
  container.addEventListener("dblclick", (event) => mode && onMap(event) && take(event), true);
  container.addEventListener(
    "keydown",
    (event) => {
      if (!mode || event.target !== container) return;
      if (event.key === "Enter") add(map.getCenter().wrap());
      else if (event.key === "Backspace" && mode !== "point") back();
      else return;
      take(event);
    },
    true
  );
  document.addEventListener(
    "keydown",
    (event) => {
      if (!mode || event.key !== "Escape") return;
      take(event);
      stop();
    },
    true
  );
  byId("draw-done").addEventListener("click", finish);
  byId("draw-back").addEventListener("click", back);
  byId("draw-stop").addEventListener("click", stop);

  return {
    start,
    stop,
    mode: () => mode,
    /** Show a polygon that is drawn already; none at all with no corners. @param {Corners} given */
    show(given) {
      ground.setLatLngs(given.map(([lon, lat]) => [lat, lon]));
      if (given.length > 0) ground.addTo(map);
      else ground.remove();
    },
  };
}
