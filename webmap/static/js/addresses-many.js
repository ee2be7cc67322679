/** All first candidates that are sure enough: looked at first, then taken together, and taken back together. */

import { byId, fill, make } from "./dom.js";
import { askJson } from "./server.js";

const MOST_LISTED = 12;

/**
 * @param {any} config
 * @param {object} parts
 * @param {() => string} parts.query            the conditions that are on
 * @param {(rows: any[]) => void} parts.onSample
 * @param {(ids: number[], least: string) => void} parts.onTake
 */
export function addressesMany({ texts, desk }, { query, onSample, onTake }) {
  const least = /** @type {HTMLInputElement} */ (byId("sure-least"));
  const said = byId("sure-said");
  const list = byId("sure-list");
  const go = byId("sure-go");
  const take = byId("sure-take");
  /** @type {{ids: number[], least: string}|null} */
  let shown = null;

  function stop() {
    shown = null;
    go.hidden = true;
    list.hidden = true;
    onSample([]);
  }

  byId("sure").addEventListener("submit", async (event) => {
    event.preventDefault();
    stop();
    const asked = least.value;
    const answer = await askJson(`${desk.sureUrl}?${query()}&least=${encodeURIComponent(asked)}`).catch(() => null);
    if (!answer) {
      said.textContent = texts.placeLost;
      return;
    }
    said.textContent = answer.count === 0 ? texts.placeSureNone : fill(texts.placeSureSome, { count: answer.count, shown: answer.sample.length });
    if (answer.count === 0) return;
    shown = { ids: answer.ids, least: asked };
    take.textContent = fill(texts.placeSureGo, { count: answer.count });
    list.replaceChildren(...answer.sample.slice(0, MOST_LISTED).map((one) => make("li", {}, make("span", {}, one.text), make("span", { class: "quiet" }, `${one.name} ${one.score}%`))));
    list.hidden = false;
    go.hidden = false;
    onSample(answer.sample);
  });
  byId("sure-stop").addEventListener("click", () => {
    stop();
    said.textContent = "";
  });
  take.addEventListener("click", () => {
    if (!shown) return;
    const { ids, least: asked } = shown;
    stop();
    onTake(ids, asked);
  });

  return { say: (sentence) => (said.textContent = sentence) };
}
