/**
 * "Who is responsible here": the answer of the server as elements, and the card that holds them.
 *
 * @typedef {import('./types.js').Config} Config
 */

import { byId, fill, make } from "./dom.js";

/**
 * @param {Config} config
 * @param {() => void} onClose
 */
export function card(config, onClose) {
  const element = byId("card");
  const body = byId("card-body");
  const heading = byId("card-title");
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
      body.replaceChildren(make("p", { class: "quiet" }, config.texts.asking));
    },
    /** @param {object} place the answer of /where */
    show(place) {
      element.removeAttribute("aria-busy");
      body.replaceChildren(...answer(place, config));
    },
    fail(sentence, again) {
      element.removeAttribute("aria-busy");
      const retry = make("button", { type: "button" }, config.texts.retry);
      retry.addEventListener("click", again);
      body.replaceChildren(make("p", { class: "wrong" }, sentence), retry);
    },
    focus() {
      heading.focus({ preventScroll: true });
    },
  };
}

function answer(place, config) {
  const { texts } = config;
  const head = coordinates(place, texts);
  if (!place.is_inside) return [head, make("p", { class: "gap-note" }, texts.outside)];
  return [
    head,
    areas(place, texts),
    section(texts.responsible, holders(place, texts)),
    section(texts.nearestUnits, units(place.units, config)),
    section(texts.openTickets, tickets(place.tickets, config)),
  ];
}

function coordinates(place, texts) {
  const pair = `${place.lon.toFixed(6)}, ${place.lat.toFixed(6)}`;
  const copy = make("button", { type: "button", class: "plain" }, texts.copy);
  copy.addEventListener("click", () => {
    if (!navigator.clipboard) return;
    navigator.clipboard.writeText(pair).then(() => copy.replaceChildren(texts.copied), () => {});
  });
  return make("p", { class: "quiet small number pair" }, `${pair} (WGS 84)`, copy);
}

function areas(place, texts) {
  const rows = make("dl", { class: "facts" });
  const add = (name, value) => rows.append(make("dt", {}, name), make("dd", {}, value));
  add(texts.town, place.town ? place.town.name : texts.none);
  add(texts.village, place.village ? place.village.name : texts.none);
  add(texts.cell, place.cell ? place.cell.code : texts.none);
  for (const grid of place.duty_grids) add(texts.dutyGrid, [grid.name, grid.post].filter(Boolean).join(" · "));
  return rows;
}

function section(title, content) {
  return make("section", {}, make("h3", {}, title), ...[].concat(content));
}

function holders(place, texts) {
  const found = [...place.points, ...place.blocks];
  if (found.length === 0) return make("p", { class: "gap-note" }, texts.noDuty);
  const list = make("ul", { class: "plain-list" });
  for (const hit of found) {
    const who = hit.holder_name || texts.unheld;
    const call = [hit.team_name, hit.contact_role, hit.contact_phone].filter(Boolean).join(" · ");
    list.append(
      make(
        "li",
        { class: hit.holder_name ? "" : "gap-note" },
        make("strong", {}, who),
        make("span", { class: "quiet small" }, hit.metres === undefined ? hit.name : `${hit.name} · ${hit.metres} m`),
        call && make("span", { class: "quiet small" }, call)
      )
    );
  }
  const names = new Set(found.map((hit) => hit.holder_name).filter(Boolean));
  return names.size > 1 ? [make("p", {}, fill(texts.severalHolders, { count: names.size })), list] : list;
}

function units(found, config) {
  const { texts } = config;
  if (found.length === 0) return make("p", { class: "gap-note" }, texts.noUnits);
  const list = make("ul", { class: "plain-list" });
  for (const unit of found) {
    const link = make("a", { href: config.unitUrl + encodeURIComponent(unit.code) }, unit.name);
    const line = [`${unit.metres} m`, config.lang === "en" ? unit.kind_en : unit.kind_zh, standing(unit, texts)];
    list.append(make("li", {}, link, make("span", { class: "quiet small number" }, line.filter(Boolean).join(" · "))));
  }
  return list;
}

/** Whether a unit can take the kind of issue asked about; nothing where none was. */
function standing(unit, texts) {
  if (unit.is_active === false) return texts.inactive;
  if (unit.handles === true) return texts.handles;
  if (unit.handles === false) return texts.handlesNot;
  return "";
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
