/**
 * Which tickets are shown: a line of chips, a drawer for the one that is open, and counts of the server.
 *
 * @typedef {import('./types.js').Config} Config
 * @typedef {import('./types.js').Filter} Filter
 * @typedef {{value: string, title: string, count: number}} Choice
 */

import { byId, fill, make, settled } from "./dom.js";
import { openTickets, withoutIndex, writeFilter } from "./filter.js";
import { askJson } from "./server.js";
import { timeline } from "./timeline.js";

const QUIET_MS = 200;
const CHIPS = ["state", "due", "category", "unit", "area", "period", "index"];

// Shown only where a link has set them: chosen on other pages.
const BROUGHT = ["desk", "closed"];
const PARTS = { closed: { closed_since: "", closed_until: "" }, desk: { desk: [] } };

// What the server counts under another name than the condition's.
const FACETS = { area: "town" };

/**
 * @param {Config} config
 * @param {object} parts
 * @param {Filter} parts.filter
 * @param {(filter: Filter, isStep: boolean, isPassing?: boolean) => void} parts.onChange
 * @param {(query: string, counts: any) => void} parts.onCounts
 * @param {() => void} parts.onPick
 * @param {() => boolean} parts.isReady
 * @param {Filter} [parts.start]   what "Clear all" returns to; all that are open where nothing is said
 * @param {string[]} [parts.own]   conditions that the page shows in its own way
 */
export function filters(config, { filter: given, onChange, onCounts, onPick, isReady, start = openTickets(), own = [] }) {
  const { texts } = config;
  let filter = given;
  /** @type {any} */
  let counts = null;
  /** @type {string|null} */
  let open = null;
  /** @type {AbortController|null} */
  let running = null;
  /** What values are called, by condition: the words of fixed lists, and names that were met. */
  const titles = new Map([...CHIPS, ...BROUGHT].map((name) => [name, new Map(Object.entries(config.conditions[name] || {}))]));
  /** @param {string} name @param {string} value */
  const titleOf = (name, value) => titles.get(name)?.get(value) || value;
  const chips = new Map();
  const drawer = byId("drawer");
  const said = byId("filters-said");
  const time = timeline(texts, { isReady, onChange: (since, until, isPlaying) => change({ since, until }, false, isPlaying) });

  for (const name of CHIPS) {
    const chip = make("button", { type: "button", class: "chip", "aria-expanded": "false", "aria-controls": "drawer" });
    chip.addEventListener("click", () => show(open === name ? null : name));
    chips.set(name, chip);
    byId("chips").append(chip);
  }
  const brought = new Map(
    BROUGHT.map((name) => {
      const chip = make("button", { type: "button", class: "chip is-on", hidden: true });
      chip.addEventListener("click", () => {
        chips.values().next().value.focus();
        change(PARTS[name]);
      });
      byId("chips").append(chip);
      return [name, chip];
    })
  );
  byId("filters-clear").addEventListener("click", () => {
    time.stop();
    set(start);
    onChange(filter, true);
  });
  drawer.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation();
    chips.get(open).focus();
    show(null);
  });

  /** A condition set by hand; the weeks that pass by are no steps to go back to. */
  function change(part, isStep = true, isPassing = false) {
    filter = { ...filter, ...part };
    draw();
    if (!isPassing) ask();
    onChange(filter, isStep, isPassing);
  }

  /** @param {Filter} next */
  function set(next) {
    filter = next;
    draw();
    ask();
  }

  function show(name) {
    open = name;
    time.stop();
    drawer.hidden = !open;
    for (const [one, chip] of chips) chip.setAttribute("aria-expanded", String(one === open));
    draw();
  }

  const ask = settled(async () => {
    if (!config.countsUrl) return;
    if (running) running.abort();
    const control = (running = new AbortController());
    const query = writeFilter(filter);
    try {
      const answer = await askJson(`${config.countsUrl}?${query}`, control.signal);
      counts = answer;
      said.textContent = answer.placed < answer.total ? fill(texts.unplaced, { count: answer.total - answer.placed }) : "";
      for (const name of CHIPS) for (const { value, title } of countsOf(name)) titles.get(name)?.set(value, title);
    } catch {
      if (control.signal.aborted) return;
      counts = null;
      const again = make("button", { type: "button", class: "plain" }, texts.retry);
      again.addEventListener("click", ask);
      said.replaceChildren(make("span", {}, texts.noCounts), again);
    }
    onCounts(query, counts);
    draw();
  }, QUIET_MS);

  function draw() {
    byId("filters-total").textContent = counts ? counts.total.toLocaleString("en") : "–";
    byId("filters-clear").hidden = writeFilter(filter) === writeFilter(start);
    for (const [name, chip] of chips) {
      const told = tell(name);
      chip.replaceChildren(make("span", {}, texts[`chip_${name}`]), told ? make("strong", {}, told) : "");
      chip.classList.toggle("is-on", Boolean(told));
      // a figure of an index has days of its own, and is only come by through a link
      chip.hidden = name === "index" ? !filter.index : name === "period" && Boolean(filter.index);
    }
    for (const [name, chip] of brought) {
      const told = own.includes(name) ? "" : tell(name);
      chip.hidden = !told;
      chip.replaceChildren(make("span", {}, texts[`chip_${name}`]), make("strong", {}, told), make("span", { "aria-hidden": "true" }, "×"), make("span", { class: "unseen" }, texts.dropCondition));
    }
    if (!open) drawer.replaceChildren();
    else if (open === "period") drawPeriod();
    else if (open === "index") drawIndex();
    else drawChoices(open);
  }

  /** What a chip says of its condition; empty where it has none. */
  function tell(name) {
    if (name === "period") return filter.index ? "" : days(filter.since, filter.until);
    if (name === "closed") return days(filter.closed_since, filter.closed_until);
    if (name === "index") return filter.index && ((counts && counts.index) || filter.index);
    const chosen = filter[name];
    if (chosen.length === 0) return "";
    if (name === "state" && chosen.join() === openTickets().state.join()) return texts.stillOpen;
    return chosen.length === 1 ? titleOf(name, chosen[0]) : String(chosen.length);
  }

  /** How many tickets there are, and every condition that is set; nothing for those who see no tickets. */
  function inWords() {
    if (!config.countsUrl) return "";
    const conditions = [...CHIPS, ...BROUGHT].filter((name) => tell(name)).map((name) => `${texts[`chip_${name}`]} ${tell(name)}`);
    const total = counts ? fill(texts.ticketsInAll, { count: counts.total.toLocaleString("en") }) : "";
    return [total, ...conditions].filter(Boolean).join(" · ");
  }

  function drawPeriod() {
    if (drawer.firstChild !== time.element) drawer.replaceChildren(time.element);
    time.show(counts ? counts.weeks : [], filter.since, filter.until, counts ? counts.total : null);
  }

  function drawIndex() {
    const drop = make("button", { type: "button", class: "plain" }, texts.noCondition);
    drop.addEventListener("click", () => {
      show(null);
      change(withoutIndex());
    });
    drawer.replaceChildren(make("p", { class: "small" }, tell("index")), make("div", { class: "line" }, drop));
  }

  function drawChoices(name) {
    const focused = document.activeElement instanceof HTMLInputElement ? document.activeElement.value : null;
    const scrolled = drawer.firstElementChild ? drawer.firstElementChild.scrollTop : 0;
    const list = make("ul", { class: "plain-choices" });
    const box = make("div", { class: "choices", role: "group", "aria-label": texts[`chip_${name}`] }, list);
    for (const choice of choices(name)) list.append(choiceRow(name, choice));
    if (!list.firstChild) list.append(make("li", { class: "quiet small" }, texts.noChoices));
    const foot = make("div", { class: "line" });
    const any = make("button", { type: "button", class: "plain" }, texts.noCondition);
    any.addEventListener("click", () => change({ [name]: [] }));
    if (filter[name].length > 0) foot.append(any);
    if (name === "area") {
      const pick = make("button", { type: "button" }, texts.pickAreas);
      pick.addEventListener("click", onPick);
      foot.append(pick);
    }
    drawer.replaceChildren(box, foot);
    box.scrollTop = scrolled;
    const again = focused && [...list.querySelectorAll("input")].find((one) => one.value === focused);
    if (again) again.focus({ preventScroll: true });
  }

  /** @returns {Choice[]} as the server counted them */
  function countsOf(name) {
    return (counts && counts.facets[FACETS[name] || name]) || [];
  }

  /** @returns {Choice[]} what can be chosen, with what is chosen though there is none of it */
  function choices(name) {
    const counted = countsOf(name);
    const known = new Set(counted.map((one) => one.value));
    const rest = filter[name].filter((value) => !known.has(value));
    return [...rest.map((value) => ({ value, title: titleOf(name, value), count: NaN })), ...counted];
  }

  function choiceRow(name, { value, title, count }) {
    const box = /** @type {HTMLInputElement} */ (make("input", { type: "checkbox", value }));
    box.checked = filter[name].includes(value);
    box.addEventListener("change", () => {
      const others = filter[name].filter((one) => one !== value);
      change({ [name]: box.checked ? [...others, value] : others });
    });
    const number = make("span", { class: "number quiet" }, Number.isNaN(count) ? "–" : count.toLocaleString("en"));
    return make("li", {}, make("label", {}, box, make("span", {}, title), number));
  }

  draw();
  ask();
  return {
    set,
    change,
    value: () => filter,
    inWords,
    /** Close the drawer. */
    fold: () => show(null),
    /** Ask again for counts that did not arrive. */
    retry: () => counts || ask(),
    /** Ask for the counts of tickets that have changed. */
    recount: () => ask(),
    /** A code and what it is called, where the map knows it before the server says it. */
    name: (code, title) => void titles.get("area")?.set(code, title),
  };
}

function days(first, last) {
  return first || last ? `${short(first)}–${short(last)}` : "";
}

function short(date) {
  return date ? `${+date.slice(5, 7)}/${+date.slice(8)}` : "…";
}
