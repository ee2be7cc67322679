/** The desk's form: the place by its name, a pin or a coordinate; the server looks at the rest. */

import { byId } from "./dom.js";
import { placing } from "./place.js";
import { checking } from "./report-check.js";

const config = JSON.parse(byId("map-config").textContent || "{}");
const form = /** @type {HTMLFormElement} */ (byId("report"));
const fieldOf = (name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

const place = placing(form, config, {
  ask: checking(form, config, () => void place.check()),
  onKnown: () => undefined,
  // what the map and the list find is WGS 84
  onChange: () => {
    fieldOf("datum").value = "wgs84";
  },
});

// A coordinate that is typed is no longer what the map or the list found; the server reads it in its datum.
for (const name of ["lon", "lat", "datum"]) {
  fieldOf(name).addEventListener("input", () => {
    fieldOf("origin").value = "";
    fieldOf("accuracy_m").value = "";
  });
}

const [lon, lat] = [fieldOf("lon").value, fieldOf("lat").value];
if (lon && lat && fieldOf("datum").value === "wgs84" && fieldOf("origin").value) {
  const accuracy = fieldOf("accuracy_m").value;
  const origin = /** @type {any} */ (fieldOf("origin").value);
  place.set({ lon: Number(lon), lat: Number(lat), accuracy_m: accuracy ? Number(accuracy) : null, origin, title: fieldOf("find").value });
}
document.documentElement.dataset.reportReady = "true";
