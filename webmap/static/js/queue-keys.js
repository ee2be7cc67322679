/**
 * The keys of a desk. Single letters act only outside of fields, and can be switched off: whoever speaks to the
 * computer would set them off by accident.
 */

import { byId } from "./dom.js";

const KEPT = "wangge-desk-keys";

/**
 * @param {object} parts
 * @param {any} parts.rows
 * @param {(key: string) => boolean} parts.act     an action by its key; false where no action has it
 * @param {() => void} parts.open                  the card of the row where one is
 * @param {() => boolean} parts.close              the card; false where none is open
 */
export function deskKeys({ rows, act, open, close }) {
  const help = /** @type {HTMLDetailsElement} */ (byId("keys"));
  const isOn = switchOfKeys();

  const plain = {
    j: (event) => rows.step(1, event.shiftKey),
    k: (event) => rows.step(-1, event.shiftKey),
    x: (event) => rows.choose(event.shiftKey),
    "?": () => {
      help.open = !help.open;
      if (!help.open) return rows.focusHere();
      const head = help.querySelector("summary");
      if (head) head.focus();
      return help.scrollIntoView({ block: "nearest" });
    },
  };

  document.addEventListener("keydown", (event) => {
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    if (event.key === "Escape") {
      if (isTyping(target) || document.body.querySelector(".is-drawing")) return;
      if (!close() && rows.chosen() > 0) rows.chooseNone();
      return;
    }
    const isInList = byId("queue-rows").contains(target);
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a" && isInList) {
      event.preventDefault();
      rows.chooseListed();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(target)) return;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && (isInList || target === document.body)) {
      event.preventDefault();
      rows.step(event.key === "ArrowDown" ? 1 : -1, event.shiftKey);
      return;
    }
    if (event.key === "Enter" && target === document.body && rows.here()) {
      event.preventDefault();
      open();
      return;
    }
    if (!isOn()) return;
    const letter = event.key.length === 1 ? event.key.toLowerCase() : "";
    const own = plain[letter];
    if (own) own(event);
    else if (!letter || event.shiftKey || !act(letter)) return;
    event.preventDefault();
  });
}

/** The switch of the page for single letters, as it was left; returns whether they act now. */
export function switchOfKeys() {
  const isOn = /** @type {HTMLInputElement} */ (byId("keys-on"));
  isOn.checked = read() !== "off";
  isOn.addEventListener("change", () => write(isOn.checked ? "on" : "off"));
  return () => isOn.checked;
}

/** Whether what is pressed is written somewhere, or chosen from a list. @param {HTMLElement} target */
export function isTyping(target) {
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type);
}

function read() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    // storage is switched off: the keys are on, as for everybody
    return null;
  }
}

function write(value) {
  try {
    localStorage.setItem(KEPT, value);
  } catch {
    // it then holds for this page alone
  }
}
