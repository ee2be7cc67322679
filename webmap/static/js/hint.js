/** The name of the dot under a mouse. A hint only: a click decides, and whoever has no mouse reads the list. */

import { make } from "./dom.js";

// As style sheets have them: its largest width, and twice its distance from the pointer.
const WIDEST_PX = 264;
const BESIDE_PX = 24;

/**
 * @param {any} map
 * @param {{dotAt: (point: {x: number, y: number}) => {name: string}|null}} above
 */
export function hinting(map, above) {
  if (!window.matchMedia("(hover: hover)").matches) return;
  const container = map.getContainer();
  const hint = make("div", { class: "map-hint", "aria-hidden": "true", hidden: "" });
  container.append(hint);
  let frame = 0;
  const hide = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    hint.hidden = true;
    container.classList.remove("has-hint");
  };
  map.on("mousemove", ({ containerPoint }) => {
    if (frame) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      const dot = above.dotAt(containerPoint);
      hint.hidden = !dot || !dot.name;
      container.classList.toggle("has-hint", Boolean(dot));
      if (!dot) return;
      hint.textContent = dot.name;
      const { x, y } = containerPoint;
      const isFarRight = x + WIDEST_PX > map.getSize().x;
      hint.style.transform = `translate(${isFarRight ? `calc(${x - BESIDE_PX}px - 100%)` : `${x}px`}, ${y}px)`;
    });
  });
  map.on("movestart mouseout", hide);
  container.addEventListener("pointerdown", hide);
}
