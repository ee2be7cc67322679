/** The line over the map that says how things stand: what is in view, or what is wrong and what can be done. */

import { byId, make } from "./dom.js";
import { summary } from "./panel.js";
import { watch } from "./watch.js";

// Layers that are there wherever the district is, and so say nothing of what is in view.
const GROUND = ["districts"];

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
  const line = byId("state");
  const show = (sentence, ...actions) => line.replaceChildren(make("span", {}, sentence), ...actions);

  const onStand = (trouble) => {
    const counted = list.refresh();
    line.classList.toggle("wrong-state", trouble !== null);
    if (trouble) line.replaceChildren(...trouble);
    else if ([...counted].some(([id, found]) => !GROUND.includes(id) && found.all > 0)) show(summary(config, counted));
    else if (config.bounds === null) show(texts.noGround);
    else show(texts.nothingHere, wayHome());
  };

  const wayHome = () => {
    const button = make("button", { type: "button", class: "plain" }, texts.wholeDistrict);
    button.addEventListener("click", home);
    return button;
  };

  const { settled } = watch(config, tiles, { onStand, onRetry });
  return {
    settled,
    /** A word about something else, which the next sentence of the map replaces. @param {string} sentence */
    note: (sentence) => show(sentence),
  };
}
