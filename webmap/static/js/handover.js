/** The sheet of a link: its address is copied, to be sent to the unit. */

import { copyText } from "./copy.js";

const address = document.getElementById("address");
for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button[data-copied]"))) {
  button.hidden = false;
  const texts = { copied: button.dataset.copied || "", copyByHand: button.dataset.copyByHand || "" };
  button.addEventListener("click", () => void copyText((address && address.textContent) || "", button, texts));
}
