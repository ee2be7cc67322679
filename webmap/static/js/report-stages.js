/** One question a screen on a phone: which is shown, and what has been answered so far. At a desk all are. */

import { byId, make } from "./dom.js";

/** @typedef {'place'|'kind'|'send'} Stage */

/** @type {Stage[]} */
const STAGES = ["place", "kind", "send"];
const PHONE = window.matchMedia("(max-width: 760px)");

/**
 * @param {HTMLFormElement} form
 * @param {any} config
 * @param {object} parts
 * @param {(stage: Stage) => string} parts.missing   why the next may not be shown yet; empty where it may
 * @param {() => {place: string, note: string, kind: string}} parts.summary
 */
export function stages(form, config, { missing, summary }) {
  const { texts } = config;
  const line = byId("stages");
  const next = byId("next");
  form.classList.add("scripted");
  line.hidden = next.hidden = false;
  byId("summary").hidden = false;

  const now = () => /** @type {Stage} */ (form.dataset.now);
  const sectionOf = (stage) => /** @type {HTMLElement} */ (form.querySelector(`[data-stage=${stage}]`));

  /** @param {Stage} stage */
  function show(stage, { byHand = true } = {}) {
    form.dataset.now = stage;
    for (const item of line.querySelectorAll("li")) {
      const of = /** @type {Stage} */ (item.dataset.of);
      const button = /** @type {HTMLElement} */ (item.querySelector("button"));
      if (of === stage) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
      item.classList.toggle("done", !missing(of) && of !== "send");
    }
    refresh();
    if (!byHand || !PHONE.matches) return;
    window.scrollTo(0, 0);
    sectionOf(stage).focus({ preventScroll: true });
  }

  function refresh() {
    const { place, note, kind } = summary();
    const row = (title, value, stage, small = "") => {
      const change = make("button", { type: "button", "aria-label": `${texts.change}: ${title}` }, texts.change);
      change.addEventListener("click", () => show(stage));
      return [make("dt", {}, title), make("dd", {}, value || "–", small && make("span", { class: "small quiet block" }, small)), make("dd", {}, change)];
    };
    byId("summary").replaceChildren(...row(texts.place, place, "place", note), ...row(texts.kind, kind, "kind"));
  }

  for (const item of line.querySelectorAll("li")) {
    const button = item.querySelector("button");
    if (button) button.addEventListener("click", () => show(/** @type {Stage} */ (item.dataset.of)));
  }
  next.addEventListener("click", () => {
    const why = missing(now());
    if (why) sayAt(sectionOf(now()), why);
    else show(STAGES[STAGES.indexOf(now()) + 1]);
  });
  show(now(), { byHand: false });

  return {
    show,
    refresh,
    /** Go on by itself, where one question is shown at a time. @param {Stage} stage that has just been answered */
    goOn(stage) {
      if (PHONE.matches && now() === stage && !missing(stage)) show(STAGES[STAGES.indexOf(stage) + 1]);
    },
    /** @param {Stage} stage */
    say: (stage, sentence) => sayAt(sectionOf(stage), sentence),
    clearSaid() {
      for (const said of form.querySelectorAll(".field-wrong")) said.remove();
    },
  };
}

/** What is wrong, at the end of its question. @param {HTMLElement} section @param {string} sentence */
function sayAt(section, sentence) {
  for (const said of section.querySelectorAll(":scope > .field-wrong")) said.remove();
  const said = make("p", { class: "field-wrong", role: "alert" }, sentence);
  section.append(said);
  said.scrollIntoView({ block: "nearest" });
}
