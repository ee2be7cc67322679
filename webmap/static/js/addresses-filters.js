/** Which of the waiting addresses are asked for: the fields of the page, and how many there are of each. */

import { byId, make, settled } from "./dom.js";

const TYPING_MS = 350;
const CHOICES = ["town", "reason", "level", "kind"];

/**
 * @param {any} config
 * @param {() => void} onChange
 */
export function addressFilters({ texts }, onChange) {
  const words = /** @type {HTMLInputElement} */ (byId("by-q"));
  const selects = new Map(CHOICES.map((name) => [name, /** @type {HTMLSelectElement} */ (byId(`by-${name}`))]));

  // conditions of the address count before the choices have come
  for (const select of selects.values()) {
    const { chosen } = select.dataset;
    if (!chosen) continue;
    select.append(make("option", { value: chosen }, chosen));
    select.value = chosen;
  }

  function clear() {
    words.value = "";
    for (const select of selects.values()) select.value = "";
    onChange();
  }

  const form = /** @type {HTMLFormElement} */ (byId("address-filters"));
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const select of selects.values()) select.addEventListener("change", onChange);
  words.addEventListener("input", settled(onChange, TYPING_MS));
  byId("filters-clear").addEventListener("click", clear);

  function query() {
    const asked = new URLSearchParams();
    if (words.value.trim()) asked.set("q", words.value.trim());
    for (const [name, select] of selects) if (select.value) asked.set(name, select.value);
    return asked.toString();
  }

  return {
    /** @returns {string} the conditions as a query */
    query,

    /** The address of the page says the conditions, also to whoever changes the language. */
    record() {
      const asked = query();
      history.replaceState(null, "", `${location.pathname}${asked ? `?${asked}` : ""}`);
      for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[hreflang]"))) {
        const other = new URLSearchParams(asked);
        other.set("lang", new URL(link.href).searchParams.get("lang") || "");
        link.search = other.toString();
      }
    },

    /** @param {Record<string, Array<{value: string, title: string, count: number}>>} found */
    offer(found) {
      let on = words.value.trim() ? 1 : 0;
      for (const [name, select] of selects) {
        const chosen = select.value;
        const isKnown = !chosen || found[name].some((one) => one.value === chosen);
        const shown = isKnown ? found[name] : [{ value: chosen, title: chosen, count: 0 }, ...found[name]];
        select.replaceChildren(make("option", { value: "" }, texts.placeAll), ...shown.map((one) => make("option", { value: one.value }, `${one.title} (${one.count})`)));
        select.value = chosen;
        if (chosen) on += 1;
      }
      byId("filters-on").textContent = on > 0 ? String(on) : "";
    },
  };
}
