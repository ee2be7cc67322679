/**
 * The address that is to be settled now: as it was written with its parts, why it waits, and its candidates.
 *
 * @typedef {{where: string, cell: string|null, crosses: string[], isOutside: boolean}} Ground
 *
 * @typedef {object} AddressCandidate
 * @property {number} number
 * @property {string} name
 * @property {string} level
 * @property {number} score     percent
 * @property {number|null} error_m
 * @property {number} lon       null for an area
 * @property {number} lat
 * @property {boolean} isPlace   whether it can be taken
 * @property {string[]} pros
 * @property {string[]} cons
 * @property {Ground|null} ground
 * @property {string|null} remember   what choosing it would explain
 *
 * @typedef {object} AddressRow
 * @property {number} id
 * @property {string} kind
 * @property {string} kindTitle
 * @property {string} code
 * @property {string|null} name
 * @property {string|null} town       code of the town that it names
 * @property {string|null} href
 * @property {Array<{text: string, part: string|null, title: string|null}>} pieces
 * @property {string[]} why
 * @property {string} level
 * @property {string} seen
 * @property {AddressCandidate[]} candidates
 */

import { byId, fill, make } from "./dom.js";

const DOT = " · ";

/**
 * @param {any} config
 * @param {{onTake: (number: number) => void, onMark: (number: number|null) => void}} parts
 */
export function addressNow({ texts }, { onTake, onMark }) {
  const remember = /** @type {HTMLInputElement} */ (byId("remember"));
  const list = byId("candidates");

  /** @param {AddressCandidate} one @param {string[]} said reasons that stand above already */
  function candidate(one, said) {
    const facts = [one.level, !one.isPlace ? "" : `${one.score}%`, !one.isPlace ? texts.placeArea : errorOf(one)];
    const head = [
      make("kbd", { "aria-hidden": "true" }, String(one.number)),
      make("span", { class: "candidate-name" }, one.name),
      make("span", { class: "candidate-facts number" }, facts.filter(Boolean).join(DOT)),
    ];
    const line = make("li", { class: !one.isPlace ? "candidate is-area" : "candidate", "data-number": String(one.number) });
    if (!one.isPlace) line.append(make("div", { class: "take" }, ...head));
    else {
      const button = make("button", { type: "button", class: "take", "aria-label": `${fill(texts.placeTake, { number: one.number, name: one.name })}, ${facts.join(", ")}`, "aria-keyshortcuts": String(one.number) }, ...head);
      button.addEventListener("click", () => onTake(one.number));
      line.append(button);
      line.addEventListener("mouseenter", () => onMark(one.number));
      line.addEventListener("mouseleave", () => onMark(null));
      button.addEventListener("focus", () => onMark(one.number));
      button.addEventListener("blur", () => onMark(null));
    }
    if (one.ground) line.append(ground(one.ground));
    for (const each of one.cons) line.append(make("p", { class: "con" }, make("span", { class: "unseen" }, `${texts.placeAgainst}: `), each));
    if (one.remember) line.append(make("p", { class: "to-remember" }, fill(texts.placeRemember, { what: one.remember })));
    const pros = one.pros.filter((each) => !said.includes(each));
    if (pros.length > 0) line.append(make("p", { class: "pros quiet" }, pros.join(" ")));
    return line;
  }

  const errorOf = (one) => (one.error_m === null ? texts.placeNoError : fill(texts.placeError, { metres: Math.round(one.error_m) }));

  /** @param {Ground} found */
  function ground(found) {
    const where = [found.where, found.cell && fill(texts.placeCell, { code: found.cell })].filter(Boolean).join(DOT);
    return make("div", { class: found.isOutside ? "under con" : "under" }, make("p", {}, where), ...found.crosses.map((each) => make("p", { class: "crosses" }, each)));
  }

  function parts(row) {
    const read = row.pieces.filter((one) => one.part);
    byId("now-parts").replaceChildren(...read.map((one) => make("li", { class: `part-${one.part}` }, make("span", { class: "quiet" }, one.title), " ", make("span", {}, one.text))));
  }

  /** @param {AddressRow|null} row */
  function show(row) {
    byId("now-body").hidden = !row;
    byId("now").setAttribute("aria-busy", "false");
    list.replaceChildren();
    remember.checked = false;
    if (!row) return;
    byId("now-kind").textContent = row.kindTitle;
    byId("now-code").textContent = row.code;
    const link = /** @type {HTMLAnchorElement} */ (byId("now-link"));
    link.hidden = !row.href;
    if (row.href) link.href = row.href;
    link.textContent = row.name || row.code;
    byId("now-name").textContent = row.href ? "" : row.name || "";
    byId("now-title").replaceChildren(...row.pieces.map((one) => (one.part ? make("mark", { class: `part part-${one.part}`, title: one.title }, one.text) : make("span", {}, one.text))));
    parts(row);
    byId("now-why").replaceChildren(...row.why.map((one) => make("li", {}, one)));
    list.replaceChildren(...row.candidates.map((one) => candidate(one, row.why)));
    if (row.candidates.every((one) => !one.isPlace)) list.append(make("li", { class: "empty" }, texts.placeNoCandidate));
    offer(row);
  }

  /** What could be remembered of the row. */
  function offer(row) {
    const names = new Set(row.candidates.map((one) => one.remember).filter(Boolean));
    remember.disabled = names.size === 0;
    byId("actions").classList.toggle("has-name", names.size > 0);
    const [only] = names;
    byId("remember-said").textContent = names.size === 0 ? texts.placeRememberNone : names.size > 1 || !only ? texts.placeRememberAny : fill(texts.placeRemember, { what: only });
    const first = row.candidates.find((one) => one.isPlace);
    /** @type {HTMLButtonElement} */ (byId("do-first")).disabled = !first;
  }

  return {
    show,
    remembers: () => remember.checked && !remember.disabled,
    toggleRemember() {
      if (!remember.disabled) remember.checked = !remember.checked;
    },
    focus: () => byId("now").focus({ preventScroll: true }),
    ground,
  };
}
