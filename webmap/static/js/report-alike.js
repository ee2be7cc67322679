/** Tickets that may be the same thing, side by side with what is being reported; one has to be chosen. */

import { byId, fill, make } from "./dom.js";

/**
 * @param {HTMLFormElement} form
 * @param {any} config
 * @param {object} parts
 * @param {() => {title: string, kind: string, pictures: string[]}} parts.mine   what is being reported, as it stands
 * @param {(number: string) => void} parts.follow
 */
export function comparing(form, config, { mine, follow }) {
  const { texts } = config;
  const box = byId("alike");
  const seen = /** @type {HTMLInputElement} */ (form.elements.namedItem("seen"));
  /** @type {any[]} */
  let alike = [];
  seen.value = "";

  const known = () => seen.value.split(" ").filter(Boolean);
  const open = () => alike.filter((one) => !known().includes(one.number));

  function show() {
    if (alike.length === 0) return box.replaceChildren();
    const isDecided = open().length === 0;
    return box.replaceChildren(
      make("h3", {}, texts.alikeTitle),
      make("p", { class: "hint" }, texts.alikeHint),
      ...alike.map((one) => make("div", { class: "alike-pair" }, ownCard(), card(one))),
      isDecided ? make("p", { class: "decided" }, `✓ ${texts.another}`) : decision()
    );
  }

  function decision() {
    const button = make("button", { type: "button", class: "wide" }, texts.another);
    button.addEventListener("click", () => {
      seen.value = [...known(), ...alike.map((one) => one.number)].join(" ");
      show();
      byId("send").focus();
    });
    return button;
  }

  function ownCard() {
    const { title, kind, pictures } = mine();
    return make("article", { class: "alike-one" },
      make("h4", {}, texts.mine),
      photos(pictures),
      make("p", {}, title || kind),
      make("p", { class: "small quiet" }, title ? `${kind} · ${texts.now}` : texts.now)
    );
  }

  function card(one) {
    const button = make("button", { type: "button" }, texts.follow);
    button.addEventListener("click", () => follow(one.number));
    return make("article", { class: "alike-one" },
      make("h4", { class: "number" }, one.number),
      photos(one.photos),
      make("p", {}, make("a", { href: one.href }, one.title)),
      make("p", { class: "small quiet" }, `${one.kind} · ${one.state}`),
      make("p", { class: "small quiet number" }, `${one.reported} · ${fill(texts.metresAway, { metres: one.metres })}`),
      button
    );
  }

  function photos(addresses) {
    const shown = addresses.slice(0, 2).map((src, place) => make("img", { src, alt: fill(texts.photoOf, { number: place + 1 }) }));
    return make("p", { class: "alike-photos" }, ...(shown.length ? shown : [make("span", { class: "no-photo small quiet" }, texts.noPhoto)]));
  }

  return {
    /** @param {any[]} found as the server has them */
    set(found) {
      alike = found;
      show();
    },
    refresh: show,
    /** Whether something has still to be said; then it is brought into view. */
    mustDecide() {
      if (open().length === 0) return false;
      box.focus();
      box.scrollIntoView({ block: "start" });
      return true;
    },
    clear() {
      alike = [];
      seen.value = "";
      show();
    },
  };
}
