/** Which tickets are meant, by chips, by drawing and by pointing, and what on the page follows from it. */

import { byId, makeSvg } from "./dom.js";
import { drawing } from "./draw.js";
import { allTickets, writeFilter } from "./filter.js";
import { filters } from "./filters.js";
import { ground } from "./ground.js";
import { askJson } from "./server.js";
import { mapButton } from "./view.js";

/**
 * @param {any} L Leaflet
 * @param {any} map
 * @param {import('./types.js').Config} config
 * @param {import('./types.js').Now} now
 * @param {object} parts
 * @param {any} parts.tiles
 * @param {any} parts.above
 * @param {() => void} parts.onFollow                 what else shows the tickets that are meant
 * @param {(isStep: boolean) => void} parts.record    writes the address
 * @param {(unit: {id: string, key: string, lon: number, lat: number}) => void} parts.choose
 * @param {(sentence: string) => void} parts.say
 * @param {(stop: 'peek'|'half') => boolean} parts.go    how much of a phone the panel takes; false on a desk
 * @param {() => void} [parts.onDrawn]                  a polygon or box was drawn; it is among the conditions already
 * @param {boolean} [parts.hasBox]                      a box can be drawn as well
 * @param {import('./types.js').Filter} [parts.start]   as `filters` has it, and `own` likewise
 * @param {string[]} [parts.own]
 */
export function conditions(L, map, config, now, { tiles, above, onFollow, record, choose, say, go, onDrawn, hasBox, start: first, own }) {
  const tool = drawing(L, map, config, {
    onDrawn: (within) => {
      chips.change({ within });
      answerInView();
      if (onDrawn) onDrawn();
    },
    onPointed: (lon, lat) => 
      pickVillage(config, lon, lat, chips).then(
        (isThere) => isThere || say(config.texts.outsideAll),
        () => say(config.texts.noAnswer)
      ),
    onEnd: () => {
      for (const one of buttons) one.setAttribute("aria-pressed", "false");
      if (now.filter.area.length > 0 && wasPointing) answerInView();
      wasPointing = false;
    },
  });
  let wasPointing = false;
  const start = (kind) => {
    wasPointing = kind === "point";
    go("peek");
    tool.start(kind);
  };
  /** On a phone the answer stands in the sheet. */
  const answerInView = () => {
    if (!go("half")) return;
    chips.fold();
    byId("ground").scrollIntoView({ block: "start" });
  };
  const inside = ground(config, {
    onClear: () => chips.change({ within: [], area: [] }),
    onUnit: (unit) => choose({ id: "units", ...unit }),
  });
  const follow = (isPassing = false) => {
    const query = writeFilter(now.filter);
    tiles.setQuery("tickets", query);
    // weeks that pass by are for the eye: figures and lists follow when they stop
    if (isPassing) return;
    above.pick(now.filter.area);
    tool.show(now.filter.within);
    inside.show(now.filter);
    leadTo(config, query);
    onFollow();
  };
  const chips = filters(config, {
    filter: now.filter,
    start: first,
    own,
    isReady: () => tiles.isSettled,
    onPick: () => start("point"),
    onCounts: inside.count,
    onChange: (filter, isStep, isPassing) => {
      now.filter = filter;
      follow(isPassing);
      record(isStep);
    },
  });
  const drawButton = (kind, title, drawn) => {
    const button = mapButton(L, map, {
      title,
      drawing: drawn,
      onClick: () => {
        const isOn = tool.mode() === kind;
        if (tool.mode()) tool.stop();
        if (isOn) return;
        start(kind);
        button.setAttribute("aria-pressed", "true");
      },
    });
    return button;
  };
  const buttons = [drawButton("draw", config.texts.draw, pencil([[4, 6], [15, 3], [17, 14], [7, 17]]))];
  if (hasBox) buttons.push(drawButton("box", config.texts.drawBox, pencil([[3, 5], [17, 5], [17, 15], [3, 15]])));
  return {
    follow,
    inWords: chips.inWords,
    retry: chips.retry,
    recount: chips.recount,
    change: chips.change,
    /** Drop every condition, so that a ticket that was found is drawn. */
    showAll: () => chips.change(allTickets()),
    /** Show what the address says. */
    reset() {
      chips.set(now.filter);
      follow();
    },
  };
}

/** The list and the file of the same tickets. */
function leadTo(config, query) {
  if (!config.countsUrl) return;
  const end = query ? `?${query}` : "";
  byId("open-list").setAttribute("href", `${config.ticketsUrl}${end}`);
  byId("open-export").setAttribute("href", `${config.exportUrl}tickets.geojson${end}`);
}

/** Take the village at a place in or leave it out; false where there is none. */
async function pickVillage(config, lon, lat, chips) {
  const query = `lon=${lon.toFixed(7)}&lat=${lat.toFixed(7)}`;
  const { village } = await askJson(`${config.whereUrl}?${query}`);
  if (!village) return false;
  chips.name(village.code, village.name);
  const { area } = chips.value();
  chips.change({ area: area.includes(village.code) ? area.filter((code) => code !== village.code) : [...area, village.code] });
  return true;
}

function pencil(corners) {
  const path = makeSvg("path", { d: `M${corners.map((corner) => corner.join(" ")).join("L")}Z`, fill: "none", stroke: "currentColor", "stroke-width": 1.8, "stroke-dasharray": "3 2" });
  const dots = corners.map(([cx, cy]) => makeSvg("circle", { cx, cy, r: 2.2, fill: "currentColor" }));
  return makeSvg("svg", { width: 20, height: 20, viewBox: "0 0 20 20", "aria-hidden": "true" }, path, ...dots);
}
