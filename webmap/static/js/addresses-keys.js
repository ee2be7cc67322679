/**
 * The keys of the desk of addresses. Single letters act only outside of fields, and can be switched off: whoever
 * speaks to the computer would set them off by accident.
 */

import { byId } from "./dom.js";
import { isTyping, switchOfKeys } from "./queue-keys.js";

/**
 * @param {object} acts
 * @param {(number: number) => void} acts.take
 * @param {() => void} acts.first
 * @param {() => void} acts.pin
 * @param {() => void} acts.nowhere
 * @param {() => void} acts.skip
 * @param {() => void} acts.undo
 * @param {() => void} acts.remember
 * @param {{isPinning: () => boolean, movePin: (key: string, isLong: boolean) => boolean, put: () => void, stop: () => void}} acts.map
 */
export function addressKeys({ take, first, pin, nowhere, skip, undo, remember, map }) {
  const help = /** @type {HTMLDetailsElement} */ (byId("keys"));
  const isOn = switchOfKeys();
  const letters = {
    m: pin,
    n: nowhere,
    s: skip,
    u: undo,
    r: remember,
    "/": () => {
      /** @type {HTMLDetailsElement} */ (byId("filters")).open = true;
      byId("by-q").focus();
    },
    "?": () => {
      help.open = !help.open;
      if (help.open) help.querySelector("summary")?.focus();
    },
  };

  document.addEventListener("keydown", (event) => {
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && target.id === "by-q") return byId("now").focus();
    if (isTyping(target)) return;
    if (map.isPinning() && pinKey(event, target)) return event.preventDefault();
    if (event.key === "Enter") {
      // a button or link that has the focus is what is meant
      if (target.closest("button, a, summary, label")) return;
      event.preventDefault();
      return first();
    }
    if (!isOn() || event.key.length !== 1) return;
    const number = "12345".includes(event.key) ? Number(event.key) : 0;
    const act = number ? () => take(number) : letters[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });

  function pinKey(event, target) {
    if (event.key === "Escape") {
      map.stop();
      return true;
    }
    if (event.key === "Enter" && !target.closest("button, a, summary, label")) {
      map.put();
      return true;
    }
    return map.movePin(event.key, event.shiftKey);
  }
}
