/** "Where am I?": the device's position with the circle it is good to, and the question about that place. */

import { makeSvg } from "./dom.js";
import { mapButton } from "./view.js";

const WAIT_MS = 15000;
const OLDEST_MS = 10000;

// Known less exactly than this, a place would send the report to a neighbour.
export const WORST_ACCURACY_M = 100;

/**
 * @param {any} L Leaflet
 * @param {any} map
 * @param {import('./types.js').Config} config
 * @param {{ask: (lon: number, lat: number, how: {accuracy_m: number}) => void, say: (sentence: string) => void}} parts
 *   say   one sentence about how things stand
 */
export function locating(L, map, config, { ask, say }) {
  const { texts } = config;
  const circle = L.circle([0, 0], { radius: 1, weight: 2, interactive: false, className: "own-position" });

  const button = mapButton(L, map, { title: texts.locate, drawing: target(), onClick: locate });

  function locate() {
    if (!window.isSecureContext || !navigator.geolocation) return say(texts.noSecure);
    button.setAttribute("aria-busy", "true");
    say(texts.locating);
    return navigator.geolocation.getCurrentPosition(found, missed, {
      enableHighAccuracy: true,
      timeout: WAIT_MS,
      maximumAge: OLDEST_MS,
    });
  }

  function found({ coords }) {
    button.removeAttribute("aria-busy");
    const { longitude: lon, latitude: lat } = coords;
    const accuracy_m = Math.max(1, Math.round(coords.accuracy));
    if (config.bounds && !isNear(config.bounds, lon, lat)) return say(texts.locatedFar);
    circle.setLatLng([lat, lon]).setRadius(accuracy_m).addTo(map);
    map.fitBounds(circle.getBounds(), { animate: false, maxZoom: 17, padding: [32, 32] });
    ask(lon, lat, { accuracy_m });
    return say(texts.located.replace("%(metres)s", accuracy_m.toLocaleString("en")));
  }

  function missed(error) {
    button.removeAttribute("aria-busy");
    say(error.code === error.PERMISSION_DENIED ? texts.denied : texts.noSignal);
  }

  return { forget: () => circle.remove() };
}

/** Within the district's box, or beside it by no more than its own size. */
function isNear([west, south, east, north], lon, lat) {
  const [wide, high] = [east - west, north - south];
  return lon >= west - wide && lon <= east + wide && lat >= south - high && lat <= north + high;
}

function target() {
  const line = { stroke: "currentColor", "stroke-width": 2, fill: "none", "stroke-linecap": "round" };
  return makeSvg(
    "svg",
    { width: 20, height: 20, viewBox: "0 0 20 20", "aria-hidden": "true" },
    makeSvg("circle", { cx: 10, cy: 10, r: 5.5, ...line }),
    makeSvg("circle", { cx: 10, cy: 10, r: 2, fill: "currentColor" }),
    makeSvg("path", { d: "M10 1.5V4M10 16v2.5M1.5 10H4M16 10h2.5", ...line })
  );
}
