/**
 * "Who is responsible here": the answer of the server as elements, and the card that holds them.
 *
 * @typedef {import('./types.js').Config} Config
 */

import { copyText } from "./copy.js";
import { byId, fill, make } from "./dom.js";
import { WORST_ACCURACY_M } from "./locate.js";

const POSTER_URL = "/poster/";

/**
 * @param {Config} config
 * @param {() => void} onClose
 */
export function card(config, onClose) {
  const element = byId("card");
  const body = byId("card-body");
  const heading = byId("card-title");
  const kind = byId("category-field");
  // the kind of issue is a question about the place, so it stands with the answer
  body.before(kind);
  const close = () => {
    if (element.hidden) return;
    element.hidden = true;
    document.body.classList.remove("has-card");
    onClose();
  };
  byId("card-close").addEventListener("click", close);

  return {
    close,
    isOpen: () => !element.hidden,
    wait() {
      element.hidden = false;
      document.body.classList.add("has-card");
      element.setAttribute("aria-busy", "true");
      // an answer that is only asked anew stays until the next one is there, so that nothing jumps
      if (body.childElementCount === 0) body.replaceChildren(make("p", { class: "quiet" }, config.texts.asking));
      body.classList.add("waiting");
    },
    /**
     * @param {any} place the answer of /where
     * @param {{accuracy_m?: number|null}} [how] accuracy_m   where a device found the place
     */
    show(place, { accuracy_m = null } = {}) {
      element.removeAttribute("aria-busy");
      body.classList.remove("waiting");
      kind.hidden = place.is_inside === false;
      body.replaceChildren(...answer(place, config, accuracy_m));
    },
    fail(sentence, again) {
      element.removeAttribute("aria-busy");
      body.classList.remove("waiting");
      const retry = make("button", { type: "button" }, config.texts.retry);
      retry.addEventListener("click", again);
      body.replaceChildren(make("p", { class: "wrong" }, sentence), retry);
    },
    focus() {
      heading.focus({ preventScroll: true });
    },
  };
}

function answer(place, config, accuracy_m) {
  const { texts } = config;
  if (place.is_inside === false) return [make("p", { class: "gap-note" }, texts.outside), coordinates(place, texts, accuracy_m)];
  return [
    areas(place, texts),
    report(place, texts, accuracy_m),
    section(texts.responsible, holders(place, texts)),
    place.contacts.length > 0 ? section(texts.whomToCall, contacts(place)) : "",
    section(texts.nearestUnits, units(place, config)),
    section(texts.openTickets, tickets(place.tickets, config)),
    coordinates(place, texts, accuracy_m),
  ];
}

/** The pair with what it means, and buttons that copy it; the shifted datums of other maps are not offered. */
function coordinates(place, texts, accuracy_m) {
  const pair = `${place.lon.toFixed(6)}, ${place.lat.toFixed(6)}`;
  const how = accuracy_m === null ? "" : ` · ${fill(texts.goodTo, { metres: accuracy_m })}`;
  const button = (label, act, title) => {
    const one = make("button", { type: "button", class: "plain", title }, label);
    one.addEventListener("click", () => act(one));
    return one;
  };
  return make(
    "section",
    { class: "card-foot" },
    make("p", { class: "quiet small number pair" }, `${pair} (WGS 84)${how}`),
    make(
      "p",
      { class: "copies" },
      button(texts.copyPlace, (one) => copyText(`${pair} (WGS 84)`, one, texts)),
      button("CGCS2000", (one) => copyText(`${pair} (CGCS2000)`, one, texts), texts.cgcs),
      button(texts.copyLink, (one) => copyText(location.href, one, texts))
    )
  );
}

function areas(place, texts) {
  const rows = make("dl", { class: "facts" });
  const add = (name, ...value) => rows.append(make("dt", {}, name), make("dd", {}, ...value));
  const withPoster = (area, none) =>
    area
      ? [area.name, " ", make("a", { class: "small", href: POSTER_URL + encodeURIComponent(area.code), "aria-label": fill(texts.poster, { name: area.name }) }, texts.posterShort)]
      : [none];
  // null means "in none", unless no area of that level has a boundary at all
  const none = (level) => (place.missing.includes(level) ? texts.notImported : texts.none);
  add(texts.town, ...withPoster(place.town, none("town")));
  add(texts.village, ...withPoster(place.village, none("village")));
  add(texts.cell, place.cell ? place.cell.code : texts.none);
  for (const grid of place.duty_grids) add(texts.dutyGrid, [grid.name, grid.post].filter(Boolean).join(" · "));
  for (const border of place.borders) add(texts.border, border.said);
  return rows;
}

function section(title, content) {
  return make("section", {}, make("h3", {}, title), ...[].concat(content));
}

function holders(place, texts) {
  const found = [...place.points, ...place.blocks];
  const overlap = place.overlapping.length > 0 && make("p", { class: "gap-note" }, fill(texts.gridsOverlap, { count: place.duty_grids.length }));
  if (found.length === 0) return [make("p", { class: "gap-note" }, texts.noDuty), overlap];
  const list = make("ul", { class: "plain-list" });
  for (const hit of found) {
    const who = hit.holder_name || texts.unheld;
    const call = [hit.team_name, hit.contact_role, hit.contact_phone].filter(Boolean).join(" · ");
    list.append(
      make(
        "li",
        { class: hit.holder_name ? "" : "gap-note" },
        make("strong", {}, who),
        hit.holder_name && hit.holder_role && make("span", {}, hit.holder_role),
        make("span", { class: "quiet small" }, hit.metres === undefined ? hit.name : `${hit.name} · ${hit.metres} m`),
        call && make("span", { class: "quiet small" }, call),
        hit.deputy_name && make("span", { class: "quiet small" }, fill(texts.deputy, { who: [hit.deputy_name, hit.deputy_role].filter(Boolean).join(" ") }))
      )
    );
  }
  const names = new Set(found.map((hit) => hit.holder_name).filter(Boolean));
  const several = names.size > 1 && make("p", {}, fill(texts.severalHolders, { count: names.size }));
  return [several, list, overlap];
}

/** Roles to call, by topic; those who may call have the number as a link. */
function contacts(place) {
  const list = make("ul", { class: "plain-list" });
  let topic = "";
  for (const one of place.contacts) {
    const isNew = one.topic !== topic;
    topic = one.topic;
    const call = one.phone && make("a", { class: "number", href: `tel:${one.phone.replace(/ /g, "")}` }, one.phone);
    const line = [one.area, one.role, one.said].filter(Boolean).join(" · ");
    list.append(make("li", {}, isNew && make("strong", {}, one.topic), make("span", { class: "quiet small" }, line), call));
  }
  return list;
}

function units(place, config) {
  const { texts } = config;
  if (place.units.length === 0) return make("p", { class: "gap-note" }, texts.noUnits);
  const list = make("ul", { class: "plain-list" });
  for (const unit of place.units) {
    const link = make("a", { href: config.unitUrl + encodeURIComponent(unit.code) }, unit.name);
    // what stands among the reasons is not said twice
    const hours = unit.reasons.includes(unit.hours) ? "" : unit.hours;
    const line = [`${unit.metres} m`, config.lang === "en" ? unit.kind_en : unit.kind_zh, hours];
    list.append(make("li", {}, link, make("span", { class: "quiet small number" }, line.filter(Boolean).join(" · ")), standing(unit, texts)));
  }
  const isFar = place.coverage_m !== null && !place.units.some((unit) => unit.is_active);
  return [list, isFar && make("p", { class: "quiet small" }, fill(texts.farUnits, { metres: place.coverage_m }))];
}

/** Whether a unit may take the kind of issue asked about, and why not; nothing where none was. */
function standing(unit, texts) {
  if (unit.eligible === null) return null;
  const word = unit.eligible ? texts.mayTake : texts.mayNotTake;
  const why = unit.reasons.length > 0 ? texts.colon + unit.reasons.join(texts.divider) : "";
  return make("span", { class: unit.eligible ? "may small" : "may-not small" }, word + why);
}

function tickets(found, config) {
  const { texts } = config;
  if (found === null) return make("p", { class: "quiet" }, texts.ticketsHidden);
  if (found.length === 0) return make("p", { class: "quiet" }, texts.noTickets);
  const list = make("ul", { class: "plain-list" });
  for (const ticket of found) {
    const name = config.lang === "en" ? ticket.category_en : ticket.category_zh;
    const link = make("a", { href: config.ticketUrl + encodeURIComponent(ticket.number) }, name);
    const line = `${config.states[ticket.state] || ticket.state} · ${ticket.metres} m`;
    list.append(make("li", {}, link, make("span", { class: "quiet small number" }, line)));
  }
  return list;
}

function report(place, texts, accuracy_m) {
  if (!place.report) return "";
  if (accuracy_m !== null && accuracy_m > WORST_ACCURACY_M) {
    return make("p", { class: "gap-note" }, fill(texts.tooVague, { metres: accuracy_m }));
  }
  const href = accuracy_m === null ? place.report : `${place.report}&accuracy=${accuracy_m}`;
  return make("p", { class: "card-report" }, make("a", { class: "button first", href }, texts.reportHere));
}
