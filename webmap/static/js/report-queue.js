/**
 * The list of what waits to be sent, with what can be done about each.
 *
 * @typedef {import('./report-outbox.js').Item} Item
 */

import { byId, fill, make } from "./dom.js";
import { moment } from "./report-draft.js";

/**
 * @param {any} config
 * @param {object} parts
 * @param {(item: Item) => void} parts.retry
 * @param {(item: Item) => void} parts.remove
 * @param {(item: Item) => void} parts.correct   back into the form
 */
export function queue(config, { retry, remove, correct }) {
  const { texts } = config;
  const box = byId("outbox");
  const list = byId("outbox-list");

  /** @param {Item} item */
  function line(item) {
    const isMine = item.user === config.user;
    const ways = make("span", { class: "ways" });
    if (isMine && item.state === "waiting") ways.append(button(texts.retry, () => retry(item)));
    if (isMine && item.state === "alike") ways.append(button(texts.compare, () => correct(item)));
    if (isMine && item.state === "wrong") ways.append(button(texts.correct, () => correct(item)));
    if (item.state === "signedOut" || !isMine) ways.append(make("a", { class: "button", href: config.urls.signIn }, texts.signIn));
    ways.append(twice(texts, () => remove(item)));
    const photos = item.photos.length ? ` · ${fill(texts.withPhotos, { count: item.photos.length })}` : "";
    const time = moment(item.made, config);
    return make("li", { "data-state": item.state },
      make("span", { class: "what" }, item.title, make("small", {}, `${time}${photos} · ${stands(item, isMine)}`)),
      ways
    );
  }

  /** @param {Item} item @param {boolean} isMine */
  function stands(item, isMine) {
    if (!isMine) return fill(texts.isOthers, { name: item.user });
    if (item.state === "alike") return texts.isAlike;
    if (item.state === "signedOut") return texts.isSignedOut;
    if (item.state === "wrong") return fill(texts.isWrong, { said: Object.values(item.wrong || {}).join(" ") });
    return texts.isWaiting;
  }

  /** @param {Item[]} items */
  return (items) => {
    box.hidden = items.length === 0;
    byId("outbox-title").textContent = fill(texts.waiting, { count: items.length });
    list.replaceChildren(...items.map(line));
  };
}

function button(title, act) {
  const made = make("button", { type: "button" }, title);
  made.addEventListener("click", act);
  return made;
}

/** A report that nobody else has is not deleted by one slip of a finger. */
function twice(texts, act) {
  const made = button(texts.delete, () => {
    if (made.dataset.sure) return act();
    made.dataset.sure = "yes";
    made.textContent = texts.reallyDelete;
    return undefined;
  });
  made.addEventListener("blur", () => {
    delete made.dataset.sure;
    made.textContent = texts.delete;
  });
  return made;
}
