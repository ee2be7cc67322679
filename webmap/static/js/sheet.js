/** The panel as a bottom sheet on a phone: three stops, by button or by drag. */

import { byId } from "./dom.js";

const STOPS = ["peek", "half", "full"];
const DRAG_PX = 30;

export function sheet() {
  const panel = byId("panel");
  const grip = byId("grip");

  const go = (stop) => {
    panel.dataset.stop = stop;
    grip.setAttribute("aria-expanded", String(stop !== "peek"));
  };
  const step = (by) => {
    const place = STOPS.indexOf(panel.dataset.stop || "peek") + by;
    go(STOPS[Math.max(0, Math.min(STOPS.length - 1, place))]);
  };

  grip.addEventListener("click", () => (panel.dataset.stop === "full" ? go("peek") : step(1)));
  let from = 0;
  grip.addEventListener("touchstart", (event) => (from = event.touches[0].clientY), { passive: true });
  grip.addEventListener("touchend", (event) => {
    const moved = event.changedTouches[0].clientY - from;
    if (Math.abs(moved) < DRAG_PX) return;
    // a drag is not also a tap
    event.preventDefault();
    step(moved < 0 ? 1 : -1);
  });
  return { go };
}
