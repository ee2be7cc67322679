/** Borders beside the one that is drawn: corners fall on theirs, and sides follow them, so that no slivers come about. */

import { byId } from "./dom.js";
import { askJson } from "./server.js";
import { between, nearest } from "./snap.js";

const REACH_PX = 12;
const TILE_PX = 256;

// Further away there is more ground in view than anybody draws by hand.
const FARTHEST_ZOOM = 12;

const BESIDE = ["blocks", "regions", "villages", "towns"];

/**
 * @param {any} map
 * @param {{kind: string, code: string|null}} duty   the border that is drawn does not fall on itself
 */
export function snapping(map, { kind, code }) {
  const box = /** @type {HTMLInputElement} */ (byId("shape-snap"));
  /** @type {import('./snap.js').Ring[]} */
  let rings = [];
  let isHeld = false;
  /** @type {AbortController|null} */
  let running = null;

  async function load() {
    if (map.getZoom() < FARTHEST_ZOOM) return;
    if (running) running.abort();
    const control = (running = new AbortController());
    const query = new URLSearchParams({ bbox: map.getBounds().pad(0.25).toBBoxString() });
    const asked = BESIDE.map((id) => askJson(`/export/${id}.geojson?${query}`, control.signal).then(({ features }) => ({ id, features })));
    const answers = await Promise.allSettled(asked);
    if (control.signal.aborted) return;
    // what did not come is drawn beside by eye; the server looks at the border anyway
    rings = answers.flatMap((one) => (one.status === "fulfilled" ? ringsOf(one.value) : []));
    map.getContainer().dataset.snaps = String(rings.length);
  }

  function ringsOf({ id, features }) {
    return features
      .filter((feature) => feature.geometry && !(id === `${kind}s` && feature.id === code))
      .flatMap(({ geometry }) => (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates).flat())
      .map((ring) => ring.slice(0, -1).map(([lon, lat]) => [lon, lat]));
  }

  // held while one draws or drags, the key has its way for a moment
  for (const name of ["keydown", "keyup", "pointerdown", "pointermove"]) {
    document.addEventListener(name, (event) => (isHeld = /** @type {PointerEvent} */ (event).altKey), true);
  }
  map.on("moveend", load);
  load();

  return {
    /** The place on a border that a place means, else the place itself. @param {{lng: number, lat: number}} latlng */
    fit(latlng) {
      if (!box.checked || isHeld) return { latlng, snapped: null };
      const reach = ((REACH_PX * 360) / (TILE_PX * 2 ** map.getZoom())) * Math.cos((latlng.lat * Math.PI) / 180);
      const snapped = nearest([latlng.lng, latlng.lat], rings, reach);
      return { latlng: snapped ? { lng: snapped.at[0], lat: snapped.at[1] } : latlng, snapped };
    },
    /** Corners from one fitted place to the next along the border on which both lie. */
    follow(one, other) {
      if (!box.checked || !one || !other) return [];
      return between(one, other, rings).map(([lng, lat]) => ({ lng, lat }));
    },
  };
}
