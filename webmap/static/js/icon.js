/** An icon that is an element of ours; the style sheet says how large it is and which of its points stands on the place. */
export function drawnIcon(L, draw) {
  const Drawn = L.Icon.extend({
    createIcon() {
      const element = draw();
      element.classList.add("leaflet-marker-icon");
      return element;
    },
    createShadow: () => null,
  });
  return new Drawn({});
}
