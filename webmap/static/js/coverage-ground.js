/**
 * What a trial changes, on the map: ground lost and gained, units closed and new.
 *
 * Ground is SVG, so that the patterns of the page and the colours of its scheme hold; there are never
 * more than a few hundred pieces.
 */

import { make } from "./dom.js";

const PANE = "trial";

/**
 * @param {any} L Leaflet
 * @param {any} map
 */
export function trialGround(L, map) {
  const pane = map.createPane(PANE);
  pane.style.zIndex = "450";
  pane.style.pointerEvents = "none";
  const renderer = L.svg({ pane, padding: 0.3 });
  const group = L.layerGroup().addTo(map);

  return {
    /**
     * @param {object} gaps FeatureCollection with `change`
     * @param {Array<{lon: number|null, lat: number|null}>} closed
     * @param {Array<{lon: number, lat: number}>} opened
     */
    show(gaps, closed, opened) {
      group.clearLayers();
      const look = ({ properties }) => ({
        renderer,
        className: `ground-edge ${properties.change}`,
        weight: 2,
        fillColor: `url(#ground-${properties.change})`,
        fillOpacity: 1,
        fillRule: "evenodd",
      });
      group.addLayer(L.geoJSON(gaps, { pane: PANE, interactive: false, style: look }));
      for (const unit of closed) if (unit.lon !== null && unit.lat !== null) group.addLayer(mark(L, unit, "closed-unit"));
      for (const place of opened) group.addLayer(mark(L, place, "new-unit"));
    },
    clear() {
      group.clearLayers();
    },
  };
}

function mark(L, { lon, lat }, name) {
  const Mark = L.Icon.extend({
    createIcon() {
      const element = make("div", { "aria-hidden": "true" });
      this._setIconStyles(element, "icon");
      return element;
    },
    createShadow: () => null,
  });
  const icon = new Mark({ className: `trial-mark ${name}`, iconSize: [26, 26] });
  return L.marker([lat, lon], { icon, pane: PANE, interactive: false, keyboard: false });
}
