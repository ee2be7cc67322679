/** Arriving at a whistle call: the position of the device goes with it where there is one; without it, all the same. */

import { byId } from "./dom.js";

const WAIT_MS = 8000;

const texts = JSON.parse(byId("texts").textContent || "{}");

for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-arrives]"))) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.asked || !window.isSecureContext || !navigator.geolocation) return;
    event.preventDefault();
    form.dataset.asked = "true";
    const said = form.querySelector("[role=status]");
    if (said) said.textContent = texts.locating;
    const send = () => form.requestSubmit();
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        /** @type {HTMLInputElement} */ (form.elements.namedItem("lon")).value = coords.longitude.toFixed(7);
        /** @type {HTMLInputElement} */ (form.elements.namedItem("lat")).value = coords.latitude.toFixed(7);
        send();
      },
      send,
      { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 0 }
    );
  });
}
