/** What is said of the pin: where it would put the address, asked of the server when it has come to rest. */

import { byId, fill, settled } from "./dom.js";
import { askJson } from "./server.js";

const QUIET_MS = 250;

/**
 * @param {any} config
 * @param {() => {lon: number, lat: number}|null} place   where the pin is; null without one
 * @returns {(at: {lon: number, lat: number}|null) => void} to be called when the pin has moved, or was taken away
 */
export function pinLine({ desk, texts }, place) {
  const said = byId("pin-said");

  const askGround = settled(async () => {
    const at = place();
    if (!at) return;
    const found = await askJson(`${desk.groundUrl}?lon=${at.lon}&lat=${at.lat}`).catch(() => null);
    const still = place();
    if (!found || !still || still.lon !== at.lon || still.lat !== at.lat) return;
    const where = [found.where, found.cell && fill(texts.placeCell, { code: found.cell })].filter(Boolean).join(" · ");
    said.textContent = fill(texts.placePinAt, { where });
    said.classList.toggle("con", found.isOutside);
  }, QUIET_MS);

  return (at) => {
    byId("pin-line").hidden = !at;
    byId("do-pin").setAttribute("aria-pressed", String(Boolean(at)));
    askGround.cancel();
    if (!at) return;
    said.textContent = texts.placePinAsk;
    said.classList.remove("con");
    askGround();
  };
}
