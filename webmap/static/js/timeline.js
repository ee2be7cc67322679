/**
 * When tickets were reported: a bar a week, a range to choose, and a window that moves by itself.
 *
 * @typedef {{start: string, count: number}} Week   start is a Monday, ISO
 */

import { fill, make, makeSvg } from "./dom.js";

const WIDTH = 320;
const HEIGHT = 56;
const STEP_MS = 1200;
const DAY_MS = 86400000;

/**
 * @param {Record<string, string>} texts
 * @param {{onChange: (since: string, until: string, isPlaying: boolean) => void, isReady: () => boolean}} parts
 */
export function timeline(texts, { onChange, isReady }) {
  /** @type {Week[]} */
  let weeks = [];
  let [since, until] = ["", ""];
  /** @type {number|null} tickets of the period, as the server counts them */
  let total = null;
  let timer = 0;
  const bars = makeSvg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "histogram", "aria-hidden": "true", preserveAspectRatio: "none" });
  const table = make("table", { class: "unseen" });
  const said = make("p", { class: "small number", role: "status" });
  const first = slider(texts.fromWeek);
  const last = slider(texts.toWeek);
  const play = make("button", { type: "button" }, texts.play);
  const whole = make("button", { type: "button", class: "plain" }, texts.anyTime);
  const [from, to] = [day(texts.since), day(texts.until)];
  const element = make(
    "div",
    { class: "timeline" },
    said, bars, make("div", { class: "range" }, first, last), table,
    make("div", { class: "days" }, from.label, to.label),
    make("div", { class: "line" }, play, whole)
  );
  const isCalm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  const choose = (low, high) => {
    const isAll = low <= 0 && high >= weeks.length - 1;
    since = isAll ? "" : weeks[low].start;
    until = isAll ? "" : dayAfter(weeks[high].start, 6);
    draw();
    onChange(since, until, timer !== 0);
  };
  const span = () => range(weeks, since, until);

  const stop = () => {
    const wasPlaying = timer !== 0;
    window.clearInterval(timer);
    timer = 0;
    play.textContent = isCalm() ? texts.nextWeek : texts.play;
    // what was left out while weeks passed by
    if (wasPlaying) onChange(since, until, false);
  };
  const step = () => {
    const [low, high] = span();
    const isAll = low === 0 && high === weeks.length - 1;
    if (high >= weeks.length - 1 && !isAll) stop();
    else if (isAll) choose(0, 0);
    else choose(low + 1, high + 1);
  };
  play.addEventListener("click", () => {
    if (weeks.length < 2) return;
    if (timer) return stop();
    // a window at the end begins again
    if (!since && !until) choose(0, 0);
    else if (span()[1] >= weeks.length - 1) choose(0, span()[1] - span()[0]);
    else step();
    if (isCalm()) return;
    play.textContent = texts.stop;
    timer = window.setInterval(() => isReady() && step(), STEP_MS);
  });
  whole.addEventListener("click", () => {
    stop();
    choose(0, weeks.length - 1);
  });
  first.addEventListener("input", () => choose(Math.min(+first.value, +last.value), +last.value));
  last.addEventListener("input", () => choose(+first.value, Math.max(+first.value, +last.value)));
  for (const [field, other] of [[from.field, to.field], [to.field, from.field]]) {
    field.addEventListener("change", () => {
      if (from.field.value && to.field.value && from.field.value > to.field.value) other.value = field.value;
      [since, until] = [from.field.value, to.field.value];
      total = null;
      draw();
      onChange(since, until, false);
    });
  }

  function draw() {
    const [low, high] = span();
    const most = Math.max(1, ...weeks.map((week) => week.count));
    const wide = WIDTH / Math.max(weeks.length, 1);
    bars.replaceChildren(
      ...weeks.map(({ count }, place) => {
        const tall = count ? Math.max(2, (HEIGHT * count) / most) : 0;
        const kind = place >= low && place <= high ? "bar-on" : "bar-off";
        const gap = wide > 4 ? 1 : 0;
        return makeSvg("rect", { class: kind, x: place * wide, y: HEIGHT - tall, width: Math.max(wide - gap, 0.5), height: tall });
      })
    );
    for (const one of [first, last]) one.max = String(Math.max(weeks.length - 1, 0));
    [first.value, last.value] = [String(low), String(high)];
    // where both stand at one end, the one that can still be moved lies on top
    first.style.zIndex = low > weeks.length / 2 ? "1" : "";
    [from.field.value, to.field.value] = [since, until];
    const shown = isWhole(weeks.slice(low, high + 1), since, until) ? weeks.slice(low, high + 1).reduce((sum, week) => sum + week.count, 0) : total;
    const facts = { since: since || (weeks[0] || {}).start || "–", until: until || lastDay(weeks) || "–", count: shown === null ? "…" : shown };
    said.textContent = weeks.length ? fill(texts.period, facts) : texts.noWeeks;
    first.setAttribute("aria-valuetext", (weeks[low] || { start: "" }).start);
    last.setAttribute("aria-valuetext", (weeks[high] || { start: "" }).start);
  }

  return {
    element,
    stop,
    /** @param {Week[]} counted @param {string} start @param {string} end @param {number|null} inAll tickets of the period */
    show(counted, start, end, inAll) {
      weeks = counted;
      total = inAll;
      [since, until] = [start, end];
      table.replaceChildren(
        make("caption", {}, texts.byWeek),
        ...weeks.map((week) => make("tr", {}, make("th", { scope: "row" }, week.start), make("td", {}, String(week.count))))
      );
      draw();
    },
  };
}

/** Numbers of the first and the last week that a period meets; the first is the larger one where it meets none. */
function range(weeks, since, until) {
  let [low, high] = [0, weeks.length - 1];
  weeks.forEach(({ start }, place) => {
    if (since && start <= since) low = place;
    if (until && start <= until) high = place;
  });
  if (until && weeks.length && until < weeks[0].start) high = -1;
  if (since && weeks.length && since > lastDay(weeks)) low = weeks.length;
  return [low, high];
}

/** Whether a period is just these weeks, so that their sum is its own. */
function isWhole(weeks, since, until) {
  return (!since || (weeks.length > 0 && weeks[0].start === since)) && (!until || lastDay(weeks) === until);
}

function slider(label) {
  return /** @type {HTMLInputElement} */ (make("input", { type: "range", min: "0", max: "0", step: "1", "aria-label": label }));
}

function day(text) {
  const field = /** @type {HTMLInputElement} */ (make("input", { type: "date" }));
  return { field, label: make("label", {}, text, field) };
}

/** @param {string} start @param {number} days */
function dayAfter(start, days) {
  return new Date(Date.parse(`${start}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

function lastDay(weeks) {
  return weeks.length ? dayAfter(weeks[weeks.length - 1].start, 6) : "";
}
