/** How things stand on the coverage page: loading, failed, offline, the legend, and the map on paper. */

import { byId, fill, make } from "./dom.js";
import { count } from "./gather.js";
import { legend } from "./legend.js";

// CSS pixels on an A4 sheet, beside the figures.
const PRINTED = { width: 480, height: 420 };

/** Loading, failed and offline states, the legend, and `data-map-ready` on the root element. */
export function standing(map, tiles, palette, config) {
  const { texts } = config;
  const root = document.documentElement;
  const line = byId("state");
  const failed = new Set();
  const say = (sentence) => {
    const button = make("button", { type: "button", class: "plain" }, texts.retry);
    button.addEventListener("click", () => {
      failed.clear();
      tiles.retry();
    });
    line.replaceChildren(make("span", {}, sentence), button);
    line.classList.add("wrong-state");
  };
  const refresh = () => {
    const origin = map.getPixelBounds().min;
    const shown = tiles.visible().filter((layer) => config.explained.includes(layer.id));
    const counted = new Map(shown.map((layer) => [layer.id, count(tiles.current(), layer, origin, map.getSize())]));
    const entries = legend(shown, counted, palette, { zoom: map.getZoom(), texts });
    byId("legend-body").replaceChildren(...entries);
    byId("legend").hidden = entries.length === 0;
  };
  const settled = () => {
    byId("loading").hidden = true;
    refresh();
    line.hidden = failed.size === 0 && navigator.onLine;
    if (!navigator.onLine) say(texts.offline);
    else if (failed.size > 0) say(fill(texts.failed, { layers: [...failed].join(texts.divider) }));
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (tiles.isSettled) root.dataset.mapReady = failed.size > 0 ? "failed" : "true";
      })
    );
  };
  tiles.on("busy", () => {
    root.dataset.mapReady = "false";
    byId("loading").hidden = false;
  });
  tiles.on("failed", ({ layer }) => failed.add(layer.title));
  tiles.on("settled", settled);
  map.on("moveend", () => tiles.isSettled && refresh());
  window.addEventListener("offline", settled);
  window.addEventListener("online", () => tiles.retry());
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    palette.clear();
    tiles.restyle();
  });
  printAsSeen(map.getContainer().parentElement);
}

/** On paper the map keeps the pixels it has, only smaller: tiles of another size would come too late. */
function printAsSeen(region) {
  window.addEventListener("beforeprint", () => {
    const { width, height } = region.getBoundingClientRect();
    region.style.width = `${width}px`;
    region.style.height = `${height}px`;
    region.style.zoom = String(Math.min(1, PRINTED.width / width, PRINTED.height / height));
  });
  window.addEventListener("afterprint", () => {
    for (const name of ["width", "height", "zoom"]) region.style.removeProperty(name);
  });
}
