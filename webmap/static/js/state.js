/**
 * The line that says how things stand, and the promise to machines: `data-map-ready` on the root
 * element is `true` once every visible layer is drawn, `failed` when one cannot be.
 *
 * What does not come is asked for again, at once when the network is back, else after a while.
 */

import { byId, fill, make } from "./dom.js";
import { summary } from "./panel.js";
import { SIGNED_OUT } from "./server.js";

// Layers that are there wherever the district is, and so say nothing of what is in view.
const GROUND = ["districts"];

const MOST_NAMED = 4;
const WAITS_MS = [2000, 5000, 15000, 60000];

/**
 * @param {import('./types.js').Config} config
 * @param {{refresh: () => Map<string, import('./types.js').Found>}} list
 * @param {any} tiles
 * @param {{home: () => void, onRetry: () => void}} parts
 *   home      shows the whole district
 *   onRetry   asks again for what else may have failed
 */
export function stateLine(config, list, tiles, { home, onRetry }) {
  const { texts } = config;
  const root = document.documentElement;
  const line = byId("state");
  const bar = byId("loading");
  let isSignedOut = false;
  let tries = 0;
  let timer = 0;

  const show = (sentence, action) => line.replaceChildren(make("span", {}, sentence), ...(action ? [action] : []));
  const button = (label, onClick) => {
    const made = make("button", { type: "button", class: "plain" }, label);
    made.addEventListener("click", onClick);
    return made;
  };

  const retry = () => {
    window.clearTimeout(timer);
    timer = 0;
    tiles.retry();
    onRetry();
  };

  /** Ask again by itself, less and less often. */
  const retryLater = () => {
    if (timer) return;
    timer = window.setTimeout(retry, WAITS_MS[Math.min(tries, WAITS_MS.length - 1)]);
    tries += 1;
  };

  const busy = () => {
    root.dataset.mapReady = "false";
    bar.hidden = false;
  };

  const settled = () => {
    bar.hidden = true;
    const counted = list.refresh();
    const missing = tiles.missing();
    const isEmpty = [...counted].every(([id, found]) => GROUND.includes(id) || found.all === 0);
    const again = button(texts.retry, retry);
    if (isSignedOut) show(texts.signedOut, make("a", { href: config.signInUrl, "data-sign-in": true }, texts.signInAgain));
    else if (!navigator.onLine) show(fill(texts.offline, { time: clock(tiles.lastCame, config) }), again);
    else if (missing.titles.length > 0) show(lacking(missing.titles, texts), again);
    else if (isEmpty) show(texts.nothingHere, button(texts.wholeDistrict, home));
    else show(summary(config, counted));
    line.classList.toggle("wrong-state", isSignedOut || missing.titles.length > 0 || !navigator.onLine);
    if (missing.titles.length === 0) {
      window.clearTimeout(timer);
      timer = tries = 0;
    } else if (missing.isPassing && navigator.onLine && !isSignedOut) {
      retryLater();
    }
    // the overlay draws in the next frame, and that frame must have been shown
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (tiles.isSettled) root.dataset.mapReady = missing.titles.length > 0 ? "failed" : "true";
      })
    );
  };

  tiles.on("busy", busy);
  tiles.on("settled", settled);
  window.addEventListener("offline", settled);
  window.addEventListener("online", () => {
    tries = 0;
    retry();
  });
  document.addEventListener(SIGNED_OUT, () => {
    isSignedOut = true;
    settled();
  });
  busy();
  return {
    settled,
    /** A word about something else, which the next sentence of the map replaces. @param {string} sentence */
    note: (sentence) => show(sentence),
  };
}

/** The names of what did not come; of many only how many. */
function lacking(titles, texts) {
  if (titles.length > MOST_NAMED) return fill(texts.failedMany, { count: titles.length });
  return fill(texts.failed, { layers: titles.join(texts.divider) });
}

/** The time of day in the district. */
function clock(moment, config) {
  const options = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: config.zone });
  return new Intl.DateTimeFormat(config.lang === "en" ? "en-GB" : "zh-CN", options).format(moment || new Date());
}
