/** Waits for the work on a file: asks now and then how far it is, and opens the page again when it is over. */

import { byId, fill } from "./dom.js";
import { askJson, Refusal } from "./server.js";

const WAIT_MS = 1000;

const work = byId("work");
const bar = /** @type {HTMLProgressElement} */ (byId("work-bar"));

async function look() {
  try {
    const state = await askJson(work.dataset.url || "");
    if (state.is_over) {
      location.reload();
      return;
    }
    if (state.of > 0) {
      bar.max = state.of;
      bar.value = state.done;
      byId("work-said").textContent = fill(work.dataset.told || "", { done: state.done, of: state.of });
    }
  } catch (error) {
    if (error instanceof Refusal && !error.isPassing) {
      location.reload();
      return;
    }
  }
  window.setTimeout(look, WAIT_MS);
}

window.setTimeout(look, WAIT_MS);
