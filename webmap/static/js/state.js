/**
 * The line that says how things stand, and the promise to machines: `data-map-ready` on the root
 * element is `true` once every visible layer is drawn, `failed` when one cannot be.
 */

import { byId, fill, make } from "./dom.js";
import { summary } from "./panel.js";

/**
 * @param {import('./types.js').Config} config
 * @param {{refresh: () => Map<string, number>}} list
 * @param {any} tiles
 * @param {() => void} home shows the whole district
 */
export function stateLine(config, list, tiles, home) {
  const root = document.documentElement;
  const line = byId("state");
  const bar = byId("loading");
  /** @type {Set<string>} */
  const failed = new Set();

  const say = (sentence, action, onClick) => {
    const button = action && make("button", { type: "button", class: "plain" }, action);
    if (button) button.addEventListener("click", onClick);
    line.replaceChildren(make("span", {}, sentence), ...(button ? [button] : []));
  };

  const retry = () => {
    failed.clear();
    tiles.retry();
  };

  const busy = () => {
    root.dataset.mapReady = "false";
    bar.hidden = false;
  };

  const settled = () => {
    bar.hidden = true;
    const totals = list.refresh();
    const isEmpty = [...totals].every(([id, many]) => id === "districts" || many === 0);
    if (!navigator.onLine) say(config.texts.offline, config.texts.retry, retry);
    else if (failed.size > 0) say(fill(config.texts.failed, { layers: [...failed].join(config.texts.divider) }), config.texts.retry, retry);
    else if (isEmpty) say(config.texts.nothingHere, config.texts.wholeDistrict, home);
    else say(summary(config, totals));
    line.classList.toggle("wrong-state", failed.size > 0 || !navigator.onLine);
    // the overlay draws in the next frame, and that frame must have been shown
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (tiles.isSettled) root.dataset.mapReady = failed.size > 0 ? "failed" : "true";
      })
    );
  };

  tiles.on("busy", busy);
  tiles.on("settled", settled);
  tiles.on("failed", ({ layer }) => failed.add(layer.title));
  window.addEventListener("offline", settled);
  window.addEventListener("online", retry);
  busy();
  return { settled };
}
