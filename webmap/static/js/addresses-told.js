/** How the work is getting on, and what one has decided oneself today. */

import { byId, fill, make } from "./dom.js";

/**
 * @param {any} config
 * @param {{onUndo: (made: any) => void}} parts
 */
export function addressesTold({ texts }, { onUndo }) {
  return {
    /** @param {any} progress */
    progress(progress) {
      byId("address-total").textContent = progress.waiting.toLocaleString("en");
      byId("address-rate").textContent = progress.perHour === null ? "" : fill(texts.placePerHour, { count: progress.sitting, rate: progress.perHour });
      const list = byId("progress");
      list.replaceChildren();
      const add = (name, ...value) => list.append(make("dt", {}, name), make("dd", { class: "number" }, ...value));
      add(texts.placeWaiting, String(progress.waiting));
      add(texts.placeToday, sums(progress.todayTotal, progress.today.map((one) => `${one.name} ${one.count}`)));
      add(texts.placeAutomatic, sums(progress.automaticTotal, progress.automatic.map((one) => `${one.title} ${one.count}`)));
      add(texts.placeFirst, progress.firstShare === null ? texts.placeTooFew : fill(texts.placeFirstOf, { share: `${progress.firstShare}%`, count: progress.offered }));
      add(texts.placeSitting, progress.perHour === null ? String(progress.sitting) : fill(texts.placePerHour, { count: progress.sitting, rate: progress.perHour }));
    },

    /** What has not arrived for want of a network. @param {{count: number, isAway: boolean}} state @param {() => void} again */
    unsent({ count, isAway }, again) {
      const line = byId("unsent");
      document.documentElement.dataset.unsent = String(count);
      line.hidden = !isAway || count === 0;
      line.replaceChildren();
      if (line.hidden) return;
      const retry = make("button", { type: "button", class: "plain" }, texts.placeRetry);
      retry.addEventListener("click", again);
      line.append(make("span", { class: "con" }, fill(texts.placeUnsent, { count })), retry);
    },

    /** @param {Array<{code: string, what: string, isSent: boolean}>} made the last first */
    mine(made) {
      byId("mine-count").textContent = made.length > 0 ? String(made.length) : "";
      byId("mine-list").replaceChildren(
        ...made.map((one) => {
          const button = make("button", { type: "button", class: "plain", "aria-label": `${texts.placeUndo}: ${one.code} ${one.what}` }, texts.placeUndo);
          button.addEventListener("click", () => onUndo(one));
          return make("li", { class: "made" }, make("span", { class: "number" }, one.code), make("span", { class: "quiet" }, one.what), button);
        })
      );
    },
  };

  function sums(total, parts) {
    return parts.length > 0 ? `${total} (${parts.join(texts.comma)})` : String(total);
  }
}
