/** The desk of addresses: ties rows, candidates, map and decisions together. Called by the page with its map. */

import { addressKeys } from "./addresses-keys.js";
import { addressesMany } from "./addresses-many.js";
import { addressFilters } from "./addresses-filters.js";
import { addressMap, tellState } from "./addresses-map.js";
import { addressNow } from "./addresses-now.js";
import { pinLine } from "./addresses-pin.js";
import { sender } from "./addresses-send.js";
import { addressesTold } from "./addresses-told.js";
import { byId, fill, make } from "./dom.js";
import { scene } from "./scene.js";
import { askJson } from "./server.js";
import { sheet } from "./sheet.js";
import { followInput, furnish, PHONE, showDistrict } from "./view.js";

// More rows are asked for before the last one is reached, so that the next is always there.
const FEW = 12;
const LISTED = 30;

/**
 * @param {any} map the Leaflet map that Folium made
 * @param {any} config
 */
export async function mount(map, config) {
  const L = /** @type {any} */ (window).L;
  const { desk, texts } = config;
  const drawn = scene(L, config);
  furnish(L, map, config);
  byId("legend").removeAttribute("open");
  showDistrict(L, map, { ...config, bounds: desk.home || config.bounds });
  const stops = sheet();
  if (PHONE.matches) stops.go("half");

  /** @type {import('./addresses-now.js').AddressRow[]} the first is the one to settle now */
  let rows = [];
  /** @type {string|null} */
  let next = null;
  let total = 0;
  let turn = 0;
  let isLoading = false;
  /** Ids of rows that are settled here and perhaps not yet there. */
  const gone = new Set();
  /** @type {any[]} what was decided, the last at the end */
  const made = [];

  const say = (sentence) => (byId("said").textContent = sentence);
  const told = addressesTold(config, { onUndo: (one) => undo(one) });
  const now = addressNow(config, { onTake: take, onMark: (number) => onMap.mark(number) });
  const onMap = addressMap(L, map, config, { onTake: take, onPin: (at) => tellPin(at) });
  const tellPin = pinLine(config, onMap.place);
  const post = sender(desk.token, (state) => told.unsent(state, () => post.retry()));
  const many = addressesMany(config, { query: () => filters.query(), onSample: onMap.showSample, onTake: takeMany });

  const filters = addressFilters(config, () => load());
  const { query } = filters;

  // -- rows --------------------------------------------------------------------------------------

  async function load() {
    const mine = ++turn;
    const asked = query();
    filters.record();
    const answer = await askJson(`${desk.rowsUrl}?${asked}`).catch(() => null);
    if (mine !== turn) return;
    if (!answer) {
      tellEmpty(texts.placeLost);
      return;
    }
    rows = answer.rows.filter((row) => !gone.has(row.id));
    ({ next, total } = answer);
    filters.offer(answer.choices);
    if (made.length === 0) made.push(...answer.latest.reverse());
    told.progress(answer.progress);
    told.mine([...made].reverse());
    show();
  }

  async function loadMore() {
    if (!next || isLoading) return;
    isLoading = true;
    const mine = turn;
    const asked = query();
    const answer = await askJson(`${desk.rowsUrl}?${asked ? `${asked}&` : ""}after=${encodeURIComponent(next)}`).catch(() => null);
    isLoading = false;
    if (!answer || mine !== turn) return;
    const known = new Set(rows.map((row) => row.id));
    const wasEmpty = rows.length === 0;
    rows.push(...answer.rows.filter((row) => !gone.has(row.id) && !known.has(row.id)));
    ({ next } = answer);
    if (wasEmpty) show();
    else list();
  }

  function show() {
    const row = rows[0] || null;
    now.show(row);
    onMap.show(row);
    list();
    if (!row) tellEmpty(query() ? texts.placeNoneAsked : texts.placeNone);
    else byId("now-empty").hidden = true;
    byId("actions").hidden = !row && made.length === 0;
    byId("panel-body").scrollTop = 0;
    byId("now").parentElement?.scrollTo(0, 0);
    document.documentElement.dataset.addressShown = row ? row.code : "";
    if (rows.length < FEW) loadMore();
  }

  function tellEmpty(sentence) {
    const empty = byId("now-empty");
    empty.textContent = sentence;
    empty.hidden = false;
    byId("now").setAttribute("aria-busy", "false");
  }

  function list() {
    byId("next").hidden = rows.length < 2 && !next;
    byId("next-said").textContent = fill(texts.placeRows, { shown: rows.length, total: Math.max(total, rows.length) });
    byId("address-rows").replaceChildren(
      ...rows.slice(1, LISTED).map((row) => {
        const [first] = row.candidates;
        const note = [row.level, first && first.isPlace ? first.name : ""].filter(Boolean).join(" · ");
        const button = make("button", { type: "button", class: "row" }, make("span", {}, row.pieces.map((one) => one.text).join("")), make("small", {}, note));
        button.addEventListener("click", () => pick(row));
        return make("li", { "data-code": row.code }, button);
      })
    );
    byId("address-more").hidden = !next;
  }

  function pick(row) {
    rows.splice(rows.indexOf(row), 1);
    rows.unshift(row);
    show();
    now.focus();
  }

  function skip() {
    const row = rows.shift();
    if (!row) return;
    rows.push(row);
    say(fill(texts.placeSkipped, { code: row.code }));
    show();
    now.focus();
  }

  // -- decisions ---------------------------------------------------------------------------------

  function take(number) {
    const row = rows[0];
    const one = row && row.candidates.find((each) => each.number === number);
    if (!one || !one.isPlace) return;
    settle({ choice: "candidate", candidate: String(number), remember: now.remembers() ? "yes" : "" }, fill(texts.placeTaken, { number }));
  }

  function takeFirst() {
    const one = rows[0] && rows[0].candidates.find((each) => each.isPlace);
    if (one) take(one.number);
  }

  function putPin() {
    const at = onMap.place();
    if (at) settle({ choice: "pin", lon: String(at.lon), lat: String(at.lat) }, texts.placePinned);
  }

  /** The row goes at once; the server is told in the background. */
  function settle(choice, what) {
    const row = rows.shift();
    if (!row) return;
    gone.add(row.id);
    total -= 1;
    const entry = { row, code: row.code, what, decision: null, batch: null, isLost: false, job: /** @type {any} */ (null) };
    entry.job = {
      url: desk.decideUrl,
      fields: () => ({ kind: row.kind, code: row.code, seen: row.seen, ...choice }),
      onDone(answer) {
        entry.decision = answer.decision;
        told.progress(answer.progress);
      },
      onRefused(sentence, status) {
        entry.isLost = true;
        forget(entry);
        say(sentence);
        // what somebody else has settled is gone; anything else waits still
        if (status !== 409 && status !== 404) back(row);
        else load();
      },
    };
    made.push(entry);
    say(fill(texts.placeSettled, { code: row.code, what }));
    show();
    now.focus();
    told.mine([...made].reverse());
    post.add(entry.job);
  }

  function forget(entry) {
    const place = made.indexOf(entry);
    if (place >= 0) made.splice(place, 1);
    told.mine([...made].reverse());
  }

  function back(row) {
    gone.delete(row.id);
    if (!rows.includes(row)) {
      rows.unshift(row);
      total += 1;
    }
    show();
  }

  function undo(entry = made[made.length - 1]) {
    if (!entry) {
      say(texts.placeNothingToUndo);
      return;
    }
    forget(entry);
    if (entry.row) back(entry.row);
    say(fill(texts.placeUndone, { code: entry.code || entry.what }));
    now.focus();
    if (entry.job && post.cancel(entry.job)) return;
    post.add({
      url: desk.undoUrl,
      fields() {
        if (entry.isLost) return null;
        /** @type {Record<string, string>} */
        const which = entry.batch ? { batch: entry.batch } : { decision: String(entry.decision) };
        return which;
      },
      onDone(answer) {
        told.progress(answer.progress);
        const [again] = answer.rows;
        if (entry.row && again) Object.assign(entry.row, again);
        else load();
      },
      onRefused(sentence) {
        say(sentence);
        load();
      },
    });
  }

  function takeMany(ids, least) {
    post.add({
      url: desk.acceptUrl,
      fields: () => ({ least, id: ids.map(String) }),
      onDone(answer) {
        const sentence = [fill(texts.placeSureDone, { count: answer.taken }), answer.missed.length > 0 && fill(texts.placeSureMissed, { count: answer.missed.length })];
        many.say(sentence.filter(Boolean).join(" "));
        made.push({ row: null, code: "", what: sentence[0], batch: answer.batch, decision: null, isLost: false, job: null });
        load();
      },
      onRefused: (sentence) => many.say(sentence),
    });
  }

  // -- pin ---------------------------------------------------------------------------------------

  function togglePin() {
    if (!rows[0]) return;
    if (onMap.isPinning()) onMap.stopPin();
    else {
      onMap.startPin();
      if (PHONE.matches) stops.go("half");
    }
  }

  byId("address-more").addEventListener("click", loadMore);
  byId("do-first").addEventListener("click", takeFirst);
  byId("do-pin").addEventListener("click", togglePin);
  byId("do-nowhere").addEventListener("click", () => settle({ choice: "nowhere" }, texts.placeNowhere));
  byId("do-skip").addEventListener("click", skip);
  byId("do-undo").addEventListener("click", () => undo());
  byId("pin-put").addEventListener("click", putPin);
  byId("pin-stop").addEventListener("click", onMap.stopPin);
  addressKeys({
    take,
    first: takeFirst,
    pin: togglePin,
    nowhere: () => settle({ choice: "nowhere" }, texts.placeNowhere),
    skip,
    undo: () => undo(),
    remember: now.toggleRemember,
    map: { isPinning: onMap.isPinning, movePin: onMap.movePin, put: putPin, stop: onMap.stopPin },
  });

  load();

  const { tiles, above, followScheme } = await drawn;
  tiles.addTo(map);
  above.addTo(map);
  followScheme(() => undefined);
  followInput();
  tellState(tiles, config);
}
