/** The figures of one area, in a small card over the map. */

import { factsOf } from "./coverage-tables.js";
import { byId, make } from "./dom.js";

const PADDING = 24;
export const PHONE = window.matchMedia("(max-width: 760px)");

/** Move the map where the card lies over the place asked about. */
export function reveal(map, lon, lat) {
  const card = byId("card").getBoundingClientRect();
  const region = map.getContainer().getBoundingClientRect();
  const spot = map.latLngToContainerPoint([lat, lon]);
  const [left, top] = [card.left - region.left - PADDING, card.top - region.top - PADDING];
  if (card.height === 0 || spot.x < left || spot.y < top || spot.y > card.bottom - region.top + PADDING) return;
  if (PHONE.matches) map.panBy([0, spot.y - top / 2], { animate: false });
  else map.panBy([spot.x - left + PADDING, 0], { animate: false });
}

/** The figures of the area chosen, in a small card over the map. */
export function areaCard(onClose) {
  const element = byId("card");
  const put = (title, ...content) => {
    byId("card-title").textContent = title;
    byId("card-body").replaceChildren(...content);
    element.hidden = false;
    document.body.classList.add("has-card");
  };
  byId("card-close").addEventListener("click", onClose);
  return {
    show(row) {
      const name = row.querySelector("th a") || row.querySelector("th");
      const parent = row.querySelector(".parent");
      put(name.textContent.trim(), ...(parent ? [make("p", { class: "quiet" }, parent.textContent)] : []), factsOf(row));
    },
    say(sentence, title = "") {
      if (title) put(title, make("p", {}, sentence));
      else put(sentence);
    },
    hide() {
      element.hidden = true;
      document.body.classList.remove("has-card");
    },
  };
}
