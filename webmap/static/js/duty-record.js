/** One region, block, point or team: its border or place on the map, which the form takes along when it is saved. */

import { byId, settled } from "./dom.js";
import { drawing } from "./draw.js";
import { dutyGround, lookAt } from "./duty-ground.js";
import { shapeEditor } from "./duty-shape.js";
import { snapping } from "./duty-snap.js";
import { pinning } from "./place-pin.js";
import { sendForm } from "./server.js";

const QUIET_MS = 350;

// Borders that follow others have all the corners of those.
const MOST_CORNERS = 5000;

/**
 * @param {any} map the Leaflet map that Folium made
 * @param {any} config
 */
export async function mount(map, config) {
  const { L, tiles, above } = await dutyGround(map, config);
  const { duty } = config;
  lookAt(map, config.home);
  tiles.addTo(map);
  above.addTo(map);
  const hasBorder = duty.kind === "region" || duty.kind === "block";
  if (duty.kind === "point" && duty.place) above.select({ id: "points", key: duty.code, lon: duty.place[0], lat: duty.place[1] });
  if (hasBorder) border(L, map, config);
  else if (duty.kind === "point") {
    const form = /** @type {HTMLFormElement|null} */ (document.getElementById("duty-form"));
    pinning(L, map, config, { form, at: duty.place, canSet: duty.canSet });
  }
}

/** The border of a region or block: drawn, moved by its corners, or made of areas; told at once what it comes to. */
function border(L, map, config) {
  const { duty, texts } = config;
  if (!duty.canSet) {
    const shown = shapeEditor(L, map, config, { onChange: () => {}, say: () => {} });
    shown.set(duty.shape);
    if (shown.box()) lookAt(map, shown.box());
    return;
  }
  const said = byId("shape-said");
  const field = /** @type {HTMLInputElement} */ (byId("shape"));
  const move = byId("shape-move");
  const say = (sentence, isWrong = false) => {
    said.textContent = sentence;
    said.classList.toggle("is-wrong", isWrong);
  };
  const ask = settled(check, QUIET_MS);
  const snaps = snapping(map, duty);
  const editor = shapeEditor(L, map, config, { onChange: () => took(), say, snaps });
  const draw = drawing(L, map, config, {
    onDrawn: (corners) => {
      editor.set({ type: "Polygon", coordinates: [[...corners, corners[0]]] });
      setMoving(true);
      took();
    },
    onPointed: () => {},
    snaps,
    most: MOST_CORNERS,
    digits: 7,
    onEnd: () => byId("shape-draw").focus({ preventScroll: true }),
  });

  /** What is on the map goes with the form. */
  function took() {
    field.value = editor.text();
    say(texts.dutyChecking);
    ask();
  }

  async function check() {
    const body = new FormData();
    body.set("shape", field.value);
    await tell(body, field.value);
  }

  async function tell(body, asked) {
    body.set("kind", duty.kind);
    body.set("town", duty.town || "");
    if (duty.code) body.set("code", duty.code);
    try {
      const found = await sendForm(duty.checkUrl, body, duty.token);
      if (asked !== field.value) return null;
      say(found.said, !found.is_fine);
      if (found.at) map.panTo([found.at[1], found.at[0]], { animate: false });
      return found;
    } catch (error) {
      say(error instanceof Error && error.message ? error.message : texts.dutyNoAnswer, true);
      return null;
    }
  }

  function setMoving(isOn) {
    editor.setMoving(isOn);
    move.setAttribute("aria-pressed", String(isOn));
  }

  /** The ground of what is ticked and written, on the map, from where it can be changed further. */
  async function take() {
    const body = new FormData();
    const ticks = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[name=village]"));
    for (const box of ticks) if (box.checked) body.append("village", box.value);
    const areas = /** @type {HTMLInputElement} */ (byId("areas"));
    body.set("areas", areas.value);
    if (!body.has("village") && !areas.value.trim()) {
      say(texts.dutyNoAreas, true);
      return;
    }
    say(texts.dutyChecking);
    const found = await tell(body, field.value);
    if (!found || !found.shape) return;
    editor.set(found.shape);
    field.value = editor.text();
    // from here on what is drawn counts
    for (const box of ticks) box.checked = false;
    areas.value = "";
    lookAt(map, editor.box());
  }

  byId("shape-draw").addEventListener("click", () => {
    setMoving(false);
    editor.set(null);
    draw.start("draw");
  });
  move.addEventListener("click", () => setMoving(move.getAttribute("aria-pressed") !== "true"));
  byId("shape-reset").addEventListener("click", () => {
    draw.stop();
    setMoving(false);
    editor.set(duty.shape);
    field.value = "";
    say(duty.shape ? texts.dutyKept : "");
    if (editor.box()) lookAt(map, editor.box());
  });
  byId("shape-take").addEventListener("click", take);
  byId("shape-take").hidden = false;
  for (const ways of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".shape-ways"))) ways.hidden = false;
  editor.set(read(duty.drawn) || duty.shape);
  if (editor.box()) lookAt(map, editor.box());
  if (read(duty.drawn)) took();
}

/** A shape that was sent and refused, to be mended. */
function read(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
