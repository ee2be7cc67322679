/** The card of a ticket at a desk: what it is, who has it, and what can be done with it here. */

import { byId, make } from "./dom.js";

/**
 * @param {any} config
 * @param {{onClose: () => void, onAct: (action: string, row: import('./queue-list.js').Row) => void}} parts
 */
export function ticketCard(config, { onClose, onAct }) {
  const { texts, desk } = config;
  const element = byId("card");
  /** @type {import('./queue-list.js').Row|null} */
  let shown = null;

  const close = () => {
    if (element.hidden) return false;
    element.hidden = true;
    shown = null;
    document.body.classList.remove("has-card");
    onClose();
    return true;
  };
  byId("card-close").addEventListener("click", close);

  function facts(row) {
    const list = make("dl", { class: "facts" });
    const add = (name, value) => value && list.append(make("dt", {}, name), make("dd", {}, value));
    add(texts.deskKind, row.kind);
    add(texts.deskLies, row.who || texts.deskNobody);
    add(texts.deskPlace, [row.place, row.lon === null && texts.deskNoPlace].filter(Boolean).join(" · "));
    add(texts.deskDue, row.dueAt);
    add(texts.deskReported, row.reported);
    return list;
  }

  return {
    close,
    number: () => shown && shown.number,
    /** @param {import('./queue-list.js').Row} row @param {boolean} [withFocus] */
    show(row, withFocus) {
      shown = row;
      const title = byId("card-title");
      title.textContent = row.title;
      const standing = make(
        "p",
        { class: "standing" },
        make("span", { class: `state ${row.group}` }, row.state),
        make("span", { class: `due ${row.deadline}${row.group === "closed" ? " ended" : ""}` }, row.due),
        ...row.marks.map((one) => make("span", { class: `mark ${one.kind}` }, one.title)),
        make("span", { class: "number quiet" }, row.number)
      );
      const steps = make("div", { class: "card-steps" });
      desk.actions
        .filter((one) => row.can.includes(one.action))
        .forEach((one, place) => {
          const button = make("button", { type: "button", class: one.endsIt ? "ends" : place === 0 ? "first" : "" }, make("span", {}, one.title), make("kbd", { "aria-hidden": "true" }, one.key.toUpperCase()));
          button.addEventListener("click", () => onAct(one.action, row));
          steps.append(button);
        });
      byId("card-body").replaceChildren(standing, steps, facts(row), make("p", {}, make("a", { class: "button", href: row.href }, texts.deskPage)));
      element.hidden = false;
      document.body.classList.add("has-card");
      if (withFocus) title.focus({ preventScroll: true });
    },
  };
}
