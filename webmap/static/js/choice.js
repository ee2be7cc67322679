/**
 * What is chosen: a place, the feature that was meant by it, or else the area it lies in.
 *
 * @typedef {import('./types.js').Selected} Selected
 * @typedef {import('./types.js').Now} Now
 */

/**
 * @param {any} map
 * @param {import('./types.js').Config} config
 * @param {Now} now
 * @param {{onShow: (feature: Selected|null) => void, mark: (feature: Selected|null) => void}} parts
 *   onShow   shows it on the map
 *   mark     shows it in the list
 */
export function choice(map, config, now, { onShow, mark }) {
  /** @type {Selected|null} what a click or a row means, until the question about its place is asked */
  let meant = null;
  /** @type {Selected|null} the area of the place, once it is known */
  let implied = null;

  function show() {
    const { at, sel } = now;
    onShow(sel ? { ...(at ? { lon: at[0], lat: at[1] } : {}), ...sel } : implied);
    mark(sel || implied);
    // the pin would cover the very dot that was meant
    const layer = sel && config.layers.find((one) => one.id === sel.id);
    map.getContainer().classList.toggle("has-dot", Boolean(layer && layer.shape === "point"));
  }

  return {
    show,
    /** The next place asked about is that of this feature. @param {Selected|null} feature */
    mean(feature) {
      meant = feature;
    },
    /** @param {Selected|null} area in which the place lies */
    imply(area) {
      implied = area;
      show();
    },
    /** @param {[number, number]|null} place longitude first */
    take(place) {
      now.at = place;
      now.sel = meant && { id: meant.id, key: meant.key };
      meant = null;
      show();
    },
    drop() {
      now.at = now.sel = implied = null;
      show();
    },
    /** Show what the address says. */
    follow() {
      implied = null;
      show();
    },
  };
}
