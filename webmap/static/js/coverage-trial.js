/**
 * "Try it out": units closed and opened on the map, and what that would change. Nothing is saved.
 *
 * @typedef {import('./coverage-address.js').Place} Place
 */

import { readPair } from "./address.js";
import { pairs } from "./coverage-address.js";
import { byId, fill, make } from "./dom.js";

const AFTER_MS = 1500;

/**
 * @param {any} config of the coverage page
 * @param {{show: Function, clear: () => void}} ground
 * @param {{onChange: () => void, level: () => string, goTo: (lon: number, lat: number) => void}} page
 */
export function trial(config, ground, page) {
  const { texts } = config;
  const section = byId("trial");
  const toggle = byId("try");
  const field = /** @type {HTMLInputElement} */ (byId("trial-place"));
  /** @type {Map<string, {name: string, counts: boolean}>} */
  const closed = new Map();
  /** @type {Place[]} */
  let opened = [];
  /** @type {AbortController|null} */
  let running = null;
  /** @type {any} the last answer */
  let answer = null;

  const warn = (sentence) => {
    const hint = byId("trial-hint");
    hint.textContent = sentence;
    hint.hidden = !sentence;
  };

  function setOn(isOn) {
    section.hidden = !isOn;
    toggle.setAttribute("aria-pressed", String(isOn));
    document.body.classList.toggle("is-trying", isOn);
    if (isOn) return;
    closed.clear();
    opened = [];
    changed();
  }

  function changed() {
    warn("");
    list();
    page.onChange();
    run();
  }

  const isFull = () => {
    const full = closed.size + opened.length >= config.mostChanges;
    if (full) warn(fill(texts.most, { count: config.mostChanges }));
    return full;
  };

  async function run() {
    if (running) running.abort();
    if (closed.size + opened.length === 0) {
      answer = null;
      show();
      return;
    }
    const control = (running = new AbortController());
    byId("trial-said").textContent = texts.working;
    section.setAttribute("aria-busy", "true");
    const query = new URLSearchParams(config.run);
    if (closed.size > 0) query.set("closed", [...closed.keys()].join(","));
    if (opened.length > 0) query.set("open", pairs(opened));
    try {
      const response = await fetch(`${config.tryUrl}?${query}`, { signal: control.signal, credentials: "same-origin" });
      if (response.ok) take(await response.json());
      else refuse(response.status);
    } catch {
      if (control.signal.aborted) return;
      byId("trial-said").textContent = "";
      warn(texts.noAnswer);
    }
    section.removeAttribute("aria-busy");
  }

  function take(found) {
    answer = found;
    for (const unit of found.closed) closed.set(unit.code, unit);
    list();
    show();
  }

  function refuse(status) {
    byId("trial-said").textContent = "";
    const known = { 401: texts.signIn, 404: texts.noSuchUnit, 422: texts.outside };
    const sentence = known[status] || texts.noAnswer;
    // the last place cannot be: what was tried before still holds
    if (status === 422 && opened.length > 0) {
      opened.pop();
      changed();
    }
    warn(sentence);
  }

  function list() {
    const items = [
      ...[...closed].map(([code, unit]) =>
        item(fill(texts.closing, { name: unit.name }), unit.counts ? "" : texts.notCounted, "closed-unit", () => closed.delete(code))
      ),
      ...opened.map((place) =>
        item(fill(texts.opening, { place: `${place.lon.toFixed(5)}, ${place.lat.toFixed(5)}` }), "", "new-unit", () => {
          opened = opened.filter((one) => one !== place);
        })
      ),
    ];
    byId("trial-changes").replaceChildren(...(items.length > 0 ? items : [make("li", { class: "quiet" }, texts.noChanges)]));
  }

  function item(sentence, note, mark, drop) {
    const button = make("button", { type: "button", class: "plain", "aria-label": `${texts.remove}: ${sentence}` }, texts.remove);
    button.addEventListener("click", () => {
      drop();
      changed();
      byId("trial-title").focus({ preventScroll: true });
    });
    const words = make("span", {}, sentence, note && make("span", { class: "quiet small" }, ` · ${note}`));
    return make("li", {}, make("span", { class: `trial-mark ${mark}`, "aria-hidden": "true" }), words, button);
  }

  function show() {
    byId("trial-result").hidden = !answer;
    byId("trial-said").textContent = answer ? answer.said : "";
    if (!answer) {
      ground.clear();
      return;
    }
    ground.show(answer.gaps, answer.closed, answer.opened);
    const level = page.level();
    const rows = answer.areas.filter((area) => area.level === level).map((area) => areaRow(area, texts));
    const none = make("tr", {}, make("td", { class: "quiet", colspan: "5" }, texts.unchanged));
    byId("trial-rows").replaceChildren(...(rows.length > 0 ? rows : [none]));
    byId("trial-without").replaceChildren(...answer.without.map((area) => withoutItem(area, texts)));
  }

  toggle.addEventListener("click", () => {
    setOn(section.hidden);
    if (!section.hidden) byId("trial-title").focus({ preventScroll: window.innerWidth > 760 });
  });
  byId("trial-clear").addEventListener("click", () => {
    closed.clear();
    opened = [];
    changed();
  });
  byId("trial-copy").addEventListener("click", (event) => copyLink(event.currentTarget, texts));
  byId("trial-add").addEventListener("submit", (event) => {
    event.preventDefault();
    const pair = readPair(field.value || field.placeholder, config.bounds);
    field.setAttribute("aria-invalid", String(!pair));
    if (!pair) {
      warn(texts.badPair);
      return;
    }
    field.value = "";
    self.open(pair);
    page.goTo(pair.lon, pair.lat);
  });
  toggle.hidden = false;
  list();

  const self = {
    get isOn() {
      return !section.hidden;
    },
    closed: () => [...closed.keys()],
    opened: () => opened,
    /** Show the last answer again, as the level has changed. */
    refresh: show,
    /** @param {{key: string, name: string}} unit closed by one click, open again by the next */
    close({ key, name }) {
      if (closed.has(key)) closed.delete(key);
      else if (isFull()) return;
      else closed.set(key, { name: name || key, counts: true });
      changed();
    },
    /** @param {Place} place */
    open({ lon, lat }) {
      if (isFull()) return;
      opened = [...opened, { lon: Number(lon.toFixed(6)), lat: Number(lat.toFixed(6)) }];
      changed();
    },
    /** @param {string[]} codes @param {Place[]} places as a link gives them */
    set(codes, places) {
      closed.clear();
      for (const code of codes) closed.set(code, { name: code, counts: true });
      opened = places;
      const isAny = codes.length + places.length > 0;
      if (isAny && section.hidden) setOn(true);
      changed();
    },
  };
  return self;
}

function areaRow(area, texts) {
  const points = Math.round(100 * area.share) - Math.round(100 * area.was);
  const hectares = (area.gap_m2 - area.was_gap_m2) / 1e4;
  const isWorse = area.share < area.was;
  const percent = (share) => `${(100 * share).toFixed(1)}\u00a0%`;
  const arrow = make("span", { "aria-hidden": "true", class: isWorse ? "worse" : "better" }, isWorse ? "▼ " : "▲ ");
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, area.name),
    make("td", { class: "right" }, percent(area.was)),
    make("td", { class: "right" }, percent(area.share)),
    make("td", { class: "right" }, arrow, make("span", { class: "unseen" }, isWorse ? texts.falls : texts.rises), ` ${Math.abs(points)}`),
    make("td", { class: "right" }, `${hectares < 0 ? "−" : "+"}${Math.abs(hectares).toFixed(1)}`)
  );
}

function withoutItem(area, texts) {
  return make("li", { class: area.was ? "" : "gap-note" }, make("span", {}, make("strong", {}, area.name), ` ${area.was ? texts.gains : texts.loses}`));
}

function copyLink(button, texts) {
  if (!navigator.clipboard) return;
  const word = button.textContent;
  navigator.clipboard.writeText(location.href).then(
    () => {
      button.textContent = texts.copied;
      setTimeout(() => (button.textContent = word), AFTER_MS);
    },
    () => {}
  );
}
