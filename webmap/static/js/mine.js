/** The list of somebody outside: the order of a walk from where they stand, and the cell they are in. */

import { byId, fill, make } from "./dom.js";
import { Refusal, sendForm } from "./server.js";

const WAIT_MS = 15000;
const OLDEST_MS = 10000;

// Worse than this, the order of near stops is chance.
const VAGUE_M = 100;

/** @type {any} */
const config = JSON.parse(byId("mine-config").textContent || "{}");
const { texts } = config;
const said = byId("said");

/**
 * Where the device is.
 *
 * @returns {Promise<{lon: number, lat: number, accuracy_m: number}>}
 */
function position() {
  return new Promise((resolve, reject) => {
    if (!window.isSecureContext || !navigator.geolocation) {
      reject(new Error(texts.noSecure));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lon: coords.longitude, lat: coords.latitude, accuracy_m: Math.max(1, Math.round(coords.accuracy)) }),
      (error) => reject(new Error(error.code === error.PERMISSION_DENIED ? texts.denied : texts.noSignal)),
      { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: OLDEST_MS }
    );
  });
}

/** @param {Record<string, string|number>} facts */
function formOf(facts) {
  const body = new FormData();
  for (const [name, value] of Object.entries(facts)) body.set(name, String(value));
  return body;
}

/**
 * Do something from where the device is; what goes wrong is said.
 *
 * @param {HTMLElement} line where it is said
 * @param {(here: {lon: number, lat: number, accuracy_m: number}) => Promise<void>|void} act
 */
async function fromHere(line, act) {
  line.textContent = texts.locating;
  try {
    await act(await position());
  } catch (error) {
    const isOurs = error instanceof Refusal || (error instanceof Error && error.name === "Error");
    line.textContent = isOurs ? /** @type {Error} */ (error).message : texts.noAnswer;
  }
}

/** Put the cards in the order of a walk from here, with the metres between them. */
function walkFromHere() {
  const line = byId("route-said");
  return fromHere(line, async ({ lon, lat, accuracy_m }) => {
    const answer = await sendForm(config.routeUrl, formOf({ lon, lat, desk: config.desk }), config.token);
    const list = byId("stops");
    answer.stops.forEach(({ number, leg }, place) => {
      const card = document.getElementById(`t${number}`);
      const told = card && card.querySelector(".leg");
      if (!card || !told) return;
      told.textContent = leg === null ? told.textContent : fill(texts.leg, { place: place + 1, metres: leg.toLocaleString("en") });
      told.toggleAttribute("hidden", !told.textContent);
      list.append(card);
    });
    const sentence = fill(texts.routed, { metres: answer.metres.toLocaleString("en"), accuracy: accuracy_m });
    line.replaceChildren(sentence, accuracy_m > VAGUE_M ? make("strong", {}, ` ${fill(texts.vague, { accuracy: accuracy_m })}`) : "");
    document.documentElement.dataset.routed = "true";
  });
}

/** The cell that the device is in was walked today. */
function walkedHere() {
  return fromHere(said, async (here) => {
    const answer = await sendForm(config.visitUrl, formOf(here), config.token);
    said.textContent = answer.said;
    const patrol = document.getElementById("patrol-said");
    if (patrol && answer.cells) patrol.textContent = fill(texts.patrol, answer);
  });
}

const walked = byId("walked-here");
walked.hidden = false;
walked.addEventListener("click", walkedHere);

const where = byId("where-here");
where.hidden = false;
where.addEventListener("click", () =>
  fromHere(said, ({ lon, lat }) => location.assign(`${config.whereUrl}?lon=${lon.toFixed(6)}&lat=${lat.toFixed(6)}`))
);

const way = document.getElementById("by-route");
if (way && way.getAttribute("aria-current")) {
  walkFromHere();
  way.addEventListener("click", (event) => {
    event.preventDefault();
    walkFromHere();
  });
}
