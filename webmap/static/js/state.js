/**
 * The line that says how things stand, and the promise to machines: `data-map-ready` on the root
 * element is `true` once every visible layer is drawn, `failed` when one cannot be.
 */

import { byId, fill, make } from "./dom.js";
import { summary } from "./panel.js";

// Layers that are there wherever the district is, and so say nothing of what is in view.
const GROUND = ["districts"];

const MOST_NAMED = 4;

/**
 * @param {import('./types.js').Config} config
 * @param {{refresh: () => Map<string, import('./types.js').Found>}} list
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
    const counted = list.refresh();
    const isEmpty = [...counted].every(([id, found]) => GROUND.includes(id) || found.all === 0);
    if (!navigator.onLine) say(fill(config.texts.offline, { time: clock(tiles.lastCame, config) }), config.texts.retry, retry);
    else if (failed.size > 0) say(lacking(failed, config.texts), config.texts.retry, retry);
    else if (isEmpty) say(config.texts.nothingHere, config.texts.wholeDistrict, home);
    else say(summary(config, counted));
    line.classList.toggle("wrong-state", failed.size > 0 || !navigator.onLine);
    // the overlay draws in the next frame, and that frame must have been shown
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (tiles.isSettled) root.dataset.mapReady = failed.size > 0 ? "failed" : "true";
      })
    );
  };

  /** A word about something else, which the next sentence of the map replaces. */
  const note = (sentence) => say(sentence);

  tiles.on("busy", busy);
  tiles.on("settled", settled);
  tiles.on("failed", ({ layer }) => failed.add(layer.title));
  window.addEventListener("offline", settled);
  window.addEventListener("online", retry);
  busy();
  return { settled, note };
}

/** The names of what did not come; of many only how many. */
function lacking(failed, texts) {
  if (failed.size > MOST_NAMED) return fill(texts.failedMany, { count: failed.size });
  return fill(texts.failed, { layers: [...failed].join(texts.divider) });
}

/** The time of day in the district. */
function clock(moment, config) {
  const options = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: config.zone });
  return new Intl.DateTimeFormat(config.lang === "en" ? "en-GB" : "zh-CN", options).format(moment || new Date());
}
