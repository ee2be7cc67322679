/**
 * Keeps an eye on the tiles of a map: what is still loading, what did not come, and why.
 *
 * `data-map-ready` on the root element is a promise to machines: `true` once every visible layer is drawn,
 * `failed` when one cannot be. What does not come is asked for again, at once when the network is back, else
 * after a while.
 *
 * @typedef {'signedOut'|'offline'|'failed'} Trouble
 */

import { byId, fill, make } from "./dom.js";
import { SIGNED_OUT } from "./server.js";

const MOST_NAMED = 4;
const WAITS_MS = [2000, 5000, 15000, 60000];

/**
 * @param {any} config
 * @param {any} tiles
 * @param {object} parts
 * @param {(said: Node[]|null) => void} parts.onStand   tiles have come to rest; what to say where they did not come
 * @param {() => void} [parts.onRetry]                  asks again for what else may have failed
 */
export function watch(config, tiles, { onStand, onRetry }) {
  const root = document.documentElement;
  let isSignedOut = false;
  let tries = 0;
  let timer = 0;

  const retry = () => {
    window.clearTimeout(timer);
    timer = 0;
    tiles.retry();
    if (onRetry) onRetry();
  };

  /** Ask again by itself, less and less often. */
  const retryLater = () => {
    if (timer) return;
    timer = window.setTimeout(retry, WAITS_MS[Math.min(tries, WAITS_MS.length - 1)]);
    tries += 1;
  };

  const busy = () => {
    root.dataset.mapReady = "false";
    byId("loading").hidden = false;
  };

  const settled = () => {
    byId("loading").hidden = true;
    const missing = tiles.missing();
    const isFailed = missing.titles.length > 0;
    /** @type {Trouble|null} */
    const trouble = isSignedOut ? "signedOut" : !navigator.onLine ? "offline" : isFailed ? "failed" : null;
    onStand(trouble && words(trouble, missing.titles, tiles.lastCame, config, retry));
    if (!isFailed) {
      window.clearTimeout(timer);
      timer = tries = 0;
    } else if (missing.isPassing && trouble === "failed") retryLater();
    // the overlay draws in the next frame, and that frame must have been shown
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (tiles.isSettled) root.dataset.mapReady = isFailed ? "failed" : "true";
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
  return { settled };
}

/** A sentence, and the way out. */
function words(trouble, titles, lastCame, config, retry) {
  const { texts } = config;
  if (trouble === "signedOut") {
    return [make("span", {}, texts.signedOut), make("a", { href: config.signInUrl, "data-sign-in": true }, texts.signInAgain)];
  }
  const again = make("button", { type: "button", class: "plain" }, texts.retry);
  again.addEventListener("click", retry);
  const said = trouble === "offline" ? fill(texts.offline, { time: clock(lastCame, config) }) : lacking(titles, texts);
  return [make("span", {}, said), again];
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
