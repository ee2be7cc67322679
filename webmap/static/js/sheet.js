/** The panel as a bottom sheet on a phone: three stops, by button, by keys or by dragging the grip. */

import { byId } from "./dom.js";

const STOPS = ["peek", "half", "full"];
const PEEK_PX = 96;
const TOP_PX = 12;

// A drag shorter than this is a tap; a quick one goes on to the next stop by itself.
const TAP_PX = 8;
const FLICK_PX_PER_MS = 0.5;

export function sheet() {
  const panel = byId("panel");
  const grip = byId("grip");
  /** @type {{y: number, height: number, at: number, lastY: number}|null} */
  let drag = null;
  let wasDragged = false;

  const go = (stop) => {
    panel.dataset.stop = stop;
    panel.style.height = "";
    grip.setAttribute("aria-expanded", String(stop !== "peek"));
    if (stop === "peek") byId("panel-body").scrollTop = 0;
  };
  const step = (by) => {
    const place = STOPS.indexOf(panel.dataset.stop || "peek") + by;
    go(STOPS[Math.max(0, Math.min(STOPS.length - 1, place))]);
  };
  const whole = () => (panel.parentElement || panel).clientHeight;
  const heights = () => [PEEK_PX, whole() / 2, whole() - TOP_PX];

  grip.addEventListener("click", () => {
    // the end of a drag is not also a tap
    if (wasDragged) wasDragged = false;
    else if (panel.dataset.stop === "full") go("peek");
    else step(1);
  });
  grip.addEventListener("pointerdown", (event) => {
    drag = { y: event.clientY, height: panel.clientHeight, at: event.timeStamp, lastY: event.clientY };
    wasDragged = false;
    grip.setPointerCapture(event.pointerId);
  });
  grip.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const moved = event.clientY - drag.y;
    if (Math.abs(moved) < TAP_PX && !wasDragged) return;
    wasDragged = true;
    panel.classList.add("is-dragged");
    const [least, , most] = heights();
    panel.style.height = `${Math.max(least, Math.min(most, drag.height - moved))}px`;
  });
  const end = (event) => {
    if (!drag) return;
    panel.classList.remove("is-dragged");
    const moved = event.clientY - drag.y;
    const speed = moved / Math.max(event.timeStamp - drag.at, 1);
    const height = panel.clientHeight;
    drag = null;
    if (!wasDragged) return;
    if (Math.abs(speed) > FLICK_PX_PER_MS) step(speed < 0 ? 1 : -1);
    else go(nearest(heights(), height));
  };
  grip.addEventListener("pointerup", end);
  grip.addEventListener("pointercancel", end);
  return { go };
}

function nearest(heights, height) {
  let best = 0;
  heights.forEach((one, place) => {
    if (Math.abs(one - height) < Math.abs(heights[best] - height)) best = place;
  });
  return STOPS[best];
}
