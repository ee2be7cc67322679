/** The form of a joint project: one more field for one more unit. */

import { make } from "./dom.js";

for (const group of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("fieldset[data-repeats]"))) {
  const button = make("button", { type: "button" }, group.dataset.repeats || "+");
  button.addEventListener("click", () => {
    const last = [...group.querySelectorAll("input")].pop();
    if (!last) return;
    const more = /** @type {HTMLInputElement} */ (last.cloneNode());
    more.value = "";
    button.before(more);
    more.focus();
  });
  group.append(button);
}
