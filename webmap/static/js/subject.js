/** What was chosen, in the first lines of the card: its name, what is to be said of it, and its own page. */

import { byId, fill, make } from "./dom.js";
import { writeFilter } from "./filter.js";
import { askJson } from "./server.js";

/**
 * @param {import('./types.js').Config} config
 * @param {{filter: () => import('./types.js').Filter, onShowAll: () => void}} parts
 *   onShowAll   drops the conditions that hide the ticket
 */
export function subject(config, { filter, onShowAll }) {
  const { texts } = config;
  const box = make("section", { class: "card-subject", hidden: true });
  byId("card-body").before(box);
  /** @type {AbortController|null} */
  let running = null;
  let shown = "";

  const one = async (id, key, query, signal) => {
    const { rows } = await askJson(`${config.listUrl}${id}?key=${encodeURIComponent(key)}${query ? `&${query}` : ""}`, signal);
    return rows[0] || null;
  };

  function hide() {
    if (running) running.abort();
    shown = "";
    box.hidden = true;
  }

  /** @param {{id: string, key: string}} feature @param {string} query the conditions a ticket is held against */
  async function load({ id, key }, query) {
    if (running) running.abort();
    const { signal } = (running = new AbortController());
    try {
      const [row, fitting] = await Promise.all([one(id, key, "", signal), query ? one(id, key, query, signal) : null]);
      if (!row) return hide();
      const link = row.href && make("a", { href: row.href, "aria-label": fill(texts.openOne, { what: row.title }) }, texts.details);
      const line = [id === "tickets" ? row.key : "", row.note].filter(Boolean).join(" · ");
      box.replaceChildren(make("p", { class: "subject-line" }, make("strong", {}, row.title), link), make("p", { class: "small quiet" }, line));
      if (query && !fitting) box.append(hidden());
      box.hidden = false;
    } catch {
      // the card still says what lies here; who chose a row has read it there
      if (!signal.aborted) hide();
    }
  }

  function hidden() {
    const all = make("button", { type: "button", class: "plain" }, texts.showAllTickets);
    all.addEventListener("click", onShowAll);
    return make("p", { class: "gap-note" }, texts.hiddenTicket, " ", all);
  }

  return {
    /** @param {{id: string, key: string}|null} feature null for a place alone */
    show(feature) {
      if (!feature) return hide();
      const query = feature.id === "tickets" ? writeFilter(filter()) : "";
      const asked = `${feature.id} ${feature.key} ${query}`;
      if (asked === shown) return;
      shown = asked;
      load(feature, query);
    },
  };
}
