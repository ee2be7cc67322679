/** The desk of an office: ties map, rows, conditions, bar and card together. Called by the page with its map. */

import { conditions } from "./conditions.js";
import { reveal } from "./coverage-card.js";
import { byId, make } from "./dom.js";
import { allTickets, openTickets, writeFilter } from "./filter.js";
import { keepSkips } from "./follow.js";
import { hinting } from "./hint.js";
import { panel } from "./panel.js";
import { readDesk, writeDesk } from "./queue-address.js";
import { deskBar } from "./queue-bar.js";
import { ticketCard } from "./queue-card.js";
import { deskKeys } from "./queue-keys.js";
import { deskRows } from "./queue-list.js";
import { scene } from "./scene.js";
import { askJson } from "./server.js";
import { sheet } from "./sheet.js";
import { stateLine } from "./state.js";
import { comeNear, followInput, furnish, hasRoomForLegend, PHONE, showDistrict, viewOf } from "./view.js";

/**
 * @param {any} map the Leaflet map that Folium made
 * @param {any} config
 */
export async function mount(map, config) {
  const L = /** @type {any} */ (window).L;
  const { desk } = config;
  const start = { ...allTickets(), desk: [...desk.todo] };
  const given = readDesk(location.search, location.hash, desk.todo);
  /** @type {import('./types.js').Now & {sort: string}} */
  const now = { at: null, sel: null, kind: "", filter: given.filter, sort: given.sort };
  const drawn = scene(L, config);
  furnish(L, map, config);
  if (!hasRoomForLegend(L, map, config)) byId("legend").removeAttribute("open");
  const home = () => showDistrict(L, map, { ...config, bounds: desk.home || config.bounds });
  const show = (view) => (view ? map.setView([view.lat, view.lon], view.zoom, { animate: false }) : home());
  show(given.view);
  const stops = sheet();
  // there the rows come first
  if (PHONE.matches) stops.go("full");
  const go = (stop) => {
    if (PHONE.matches) stops.go(stop);
    return PHONE.matches;
  };

  const query = () => writeDesk(now.filter, now.sort);
  const record = (isStep) => {
    const { zoom, lat, lon } = viewOf(map);
    const hash = `#view=${Number(zoom.toFixed(2))}/${lat.toFixed(5)}/${lon.toFixed(5)}`;
    const asked = query();
    const next = `${location.pathname}${asked ? `?${asked}` : ""}${hash}`;
    if (next !== location.pathname + location.search + location.hash) history[isStep ? "pushState" : "replaceState"](null, "", next);
    leadOn(asked);
  };

  // rows do not wait for the map
  /** @type {{tiles: any, above: any, asked: any}|null} */
  let onMap = null;
  const mark = (row) => onMap && onMap.above.select(row && row.lon !== null ? { id: "tickets", key: row.number, lon: row.lon, lat: row.lat } : null);
  const change = (part) => onMap && onMap.asked.change(part);
  const rows = deskRows(config, {
    query,
    onHere: mark,
    onOpen: (row, byKeyboard) => openCard(row, byKeyboard),
    onChosen: () => bar.refresh(),
    onLoaded: (answer) => {
      desks.count(answer.counts);
      const number = card.number();
      if (number) cardAgain(number);
    },
    onShowOpen: () => change({ ...allTickets(), state: openTickets().state }),
  });
  /** Tickets that were moved are drawn anew though the conditions are the same. */
  let turn = 0;
  const bar = deskBar(config, {
    meant: rows.meant,
    chosen: rows.chosen,
    onDone: () => {
      rows.refresh({ isSame: true });
      turn += 1;
      if (!onMap) return;
      onMap.tiles.setQuery("tickets", [writeFilter(now.filter), `v=${turn}`].filter(Boolean).join("&"));
      onMap.asked.recount();
    },
    onBack: rows.focusHere,
    onNumber: (number) => cardOf(number, true),
  });
  const card = ticketCard(config, {
    onClose: () => {
      mark(rows.here());
      rows.focusHere();
    },
    onAct: (action, row) => bar.act(action, [row]),
  });
  const openCard = (row, byKeyboard) => {
    card.show(row, byKeyboard);
    mark(row);
    if (row.lon === null || row.lat === null) return;
    if (!map.getBounds().contains([row.lat, row.lon])) map.setView([row.lat, row.lon], Math.max(map.getZoom(), 14), { animate: false });
    reveal(map, row.lon, row.lat);
  };
  /** The card of a ticket wherever it stands; it may be on no page of the list yet. */
  const cardOf = async (number, byKeyboard) => {
    const listed = rows.goTo(number);
    if (listed) return openCard(listed, byKeyboard);
    const answer = await askJson(`${desk.rowsUrl}?key=${encodeURIComponent(number)}`).catch(() => ({ rows: [] }));
    return answer.rows[0] && openCard(answer.rows[0], byKeyboard);
  };
  const cardAgain = async (number) => {
    const answer = await askJson(`${desk.rowsUrl}?key=${encodeURIComponent(number)}`).catch(() => ({ rows: [] }));
    if (answer.rows[0] && card.number() === number) card.show(answer.rows[0]);
  };
  const desks = deskChips(config, () => now.filter, change);
  deskKeys({
    rows,
    open: () => openCard(rows.here(), true),
    close: card.close,
    act: (key) => {
      const action = desk.actions.find((one) => one.key === key);
      if (action) bar.act(action.action);
      return Boolean(action);
    },
  });
  rows.refresh();

  const { palette, tiles, above, followScheme } = await drawn;
  const list = panel(config, map, tiles, palette, () => {});
  list.sync();
  const state = stateLine(config, list, tiles, { home, onRetry: () => asked.retry() });
  tiles.setQuery("tickets", writeFilter(now.filter));
  tiles.addTo(map);
  above.addTo(map);
  const asked = conditions(L, map, config, now, {
    tiles,
    above,
    onFollow: () => {
      desks.show();
      rows.refresh();
    },
    record,
    choose: () => {},
    say: state.note,
    go,
    start,
    own: ["desk"],
    hasBox: true,
    onDrawn: rows.chooseWhenLoaded,
  });
  onMap = { tiles, above, asked };
  map.on("click", (event) => {
    const dot = above.dotAt(event.containerPoint);
    const cluster = dot ? null : above.clusterAt(event.containerPoint);
    if (cluster) comeNear(L, map, cluster);
    else if (dot && dot.id === "tickets") cardOf(dot.key, false);
  });
  hinting(map, above);
  const order = /** @type {HTMLSelectElement} */ (byId("queue-sort"));
  order.value = now.sort;
  order.addEventListener("change", () => {
    now.sort = order.value;
    record(true);
    rows.refresh();
  });
  asked.follow();
  map.on("moveend", () => {
    record(false);
    if (tiles.isSettled) state.settled();
  });
  window.addEventListener("popstate", () => {
    const wanted = readDesk(location.search, location.hash, desk.todo);
    Object.assign(now, { filter: wanted.filter, sort: wanted.sort });
    order.value = now.sort;
    show(wanted.view);
    asked.reset();
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && rows.refresh({ isSame: true }));
  record(false);
  mark(rows.here());
  followScheme(list.refresh);
  followInput();
  keepSkips();
}

/**
 * The chips of what waits for what; one at a time, beside the other conditions.
 *
 * @param {any} config
 * @param {() => import('./types.js').Filter} filter
 * @param {(part: Partial<import('./types.js').Filter>) => void} change
 */
function deskChips({ desk, texts }, filter, change) {
  const isSame = (one, other) => [...one].sort().join() === [...other].sort().join();
  const kinds = [
    { name: "todo", title: texts.deskTodo, part: { desk: desk.todo, state: [] } },
    { name: "open", title: texts.deskOpen, part: { desk: [], state: openTickets().state } },
    ...desk.shown.map(({ name, title }) => ({ name, title, part: { desk: [name], state: [] } })),
  ];
  const chips = kinds.map(({ name, title, part }) => {
    const number = make("span", { class: "number" }, "–");
    const chip = make("button", { type: "button", class: "chip", "data-desk": name, "aria-pressed": "false" }, make("span", {}, title), number);
    chip.addEventListener("click", () => change(part));
    return { name, chip, number, part };
  });
  byId("desks").replaceChildren(...chips.map(({ chip }) => chip));
  const show = () => {
    for (const { chip, part } of chips) {
      const isOn = isSame(part.desk, filter().desk) && isSame(part.state, filter().state);
      chip.setAttribute("aria-pressed", String(isOn));
      chip.classList.toggle("is-on", isOn);
    }
  };
  show();
  return {
    show,
    /** @param {Record<string, number>} counts */
    count(counts) {
      for (const { name, chip, number } of chips) {
        number.textContent = counts[name].toLocaleString("en");
        chip.classList.toggle("is-none", counts[name] === 0);
      }
    },
  };
}

/** Links and forms of the page that keep what is shown: list, export, language, and saving it as a view. */
function leadOn(query) {
  const end = query ? `?${query}` : "";
  const keep = /** @type {HTMLFormElement} */ (byId("keep"));
  keep.action = `${keep.action.split("?")[0]}${end}`;
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[hreflang]"))) {
    const asked = new URLSearchParams(query);
    asked.set("lang", new URL(link.href).searchParams.get("lang") || "");
    link.search = asked.toString();
    link.hash = location.hash;
  }
  for (const link of document.querySelectorAll("a[data-view]")) {
    const isIt = link.getAttribute("href")?.split("?")[1] === query;
    if (isIt) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  for (const form of document.querySelectorAll("form[data-back]")) {
    const field = form.querySelector("input[name=back]") || form.appendChild(make("input", { type: "hidden", name: "back" }));
    /** @type {HTMLInputElement} */ (field).value = location.pathname + end;
  }
}
