/** The page of a report: place, kind, photo; kept on the phone until it has arrived. */

import { byId, fill, make } from "./dom.js";
import { placing } from "./place.js";
import { comparing } from "./report-alike.js";
import { drafting, moment } from "./report-draft.js";
import { newKey, outbox } from "./report-outbox.js";
import { photoFields } from "./report-photos.js";
import { checking, kindOf } from "./report-check.js";
import { queue } from "./report-queue.js";
import { stages } from "./report-stages.js";
import { openStore } from "./report-store.js";

const STAGE_OF = { place: "place", category: "kind" };
const SENT = ["lon", "lat", "accuracy_m", "origin", "seen", "category", "category_other", "title", "description", "address", "handled"];

async function start() {
  const config = JSON.parse(byId("map-config").textContent || "{}");
  const { texts } = config;
  const form = /** @type {HTMLFormElement} */ (byId("report"));
  const store = await openStore();

  const photos = photoFields(form, config, { say, onChange: changed });
  const place = placing(form, config, {
    ask: checking(form, config, () => void place.check()),
    onChange: changed,
    onKnown(facts, { isOwn }) {
      compare.set(facts?.alike || []);
      steps.refresh();
      // a position that may be a neighbour's is looked at before one goes on
      const isSure = !facts || (facts.is_inside && facts.level !== "refused" && facts.level !== "coarse");
      if (isOwn && isSure) steps.goOn("place");
    },
  });
  const compare = comparing(form, config, {
    mine: () => ({ title: fieldOf("title").value, kind: kindName(form), pictures: photos.pictures() }),
    follow,
  });
  const steps = stages(form, config, { missing, summary: () => ({ place: placeName(), note: noteOf("#place-said .exactly"), kind: kindName(form) }) });
  const draft = drafting(form, config, store, { place, photos });
  const line = queue(config, {
    retry: (item) => void box?.again(item),
    remove: (item) => void box?.remove(item),
    correct: (item) => void takeBack(item),
  });
  const box = store ? outbox(config, store, line, (_item, facts) => sayWithLink(fill(texts.sent, { number: facts.number }), facts.href)) : null;

  function fieldOf(name) {
    return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  }

  function placeName() {
    const found = place.get();
    const named = document.querySelector("#place-said strong");
    return found ? (named && named.textContent) || found.title : "";
  }

  function noteOf(what) {
    const found = document.querySelector(what);
    return (found && found.textContent) || "";
  }

  function changed() {
    draft?.keepSoon();
    compare?.refresh();
    steps?.refresh();
  }

  /** Why a question is not answered yet. */
  function missing(stage) {
    if (stage === "place") {
      const found = place.get();
      if (!found) return texts.needPlace;
      if (found.accuracy_m !== null && found.accuracy_m > config.worstAccuracy) return fill(texts.tooRough, { metres: Math.round(found.accuracy_m) });
      return document.querySelector("#place-said .field-wrong") ? texts.outside : "";
    }
    if (stage === "kind") return kindOf(form) ? "" : texts.needKind;
    const fields = photos.all().map((one) => one.field);
    const isHandled = form.querySelector("input[name=handled]:checked") !== null;
    return isHandled && !(fields.includes("before") && fields.includes("after")) ? texts.needBoth : "";
  }

  async function send() {
    steps.clearSaid();
    document.getElementById("wrongs")?.remove();
    for (const stage of /** @type {const} */ (["place", "kind", "send"])) {
      const why = missing(stage);
      if (!why) continue;
      steps.show(stage);
      steps.say(stage, why);
      return;
    }
    if (compare.mustDecide()) return say(texts.decideFirst);
    const button = /** @type {HTMLButtonElement} */ (byId("send"));
    button.disabled = true;
    say(texts.sending);
    try {
      await sendOn(makeItem());
    } finally {
      button.disabled = false;
    }
  }

  /** @returns {import('./report-outbox.js').Item} */
  function makeItem() {
    const given = new FormData(form);
    const fields = Object.fromEntries(SENT.filter((name) => given.has(name)).map((name) => [name, String(given.get(name))]));
    const title = [kindName(form), fields.title || placeName()].filter(Boolean).join(" · ");
    return { id: newKey(), user: config.user, made: Date.now(), fields, photos: [...photos.all()], title, state: "waiting" };
  }

  async function sendOn(item) {
    if (!box) return sendPlain();
    const { kind, facts } = await box.send(item);
    if (kind === "later" || kind === "signedOut") {
      await draft.forget();
      compare.clear();
      steps.show("place");
      return say(kind === "later" ? texts.kept : texts.isSignedOut);
    }
    // what is not taken as it is stays in the form, not in the list
    if (kind !== "sent") {
      await box.remove(item);
      return kind === "alike" ? askAgain(facts.alike) : showWrong(facts.wrong);
    }
    await draft.forget();
    return location.assign(facts.href);
  }

  /** Without a place to keep things the browser sends the form as it is. */
  function sendPlain() {
    const files = new DataTransfer();
    for (const photo of photos.all()) files.items.add(new File([photo.blob], photo.name, { type: photo.blob.type }));
    /** @type {HTMLInputElement} */ (byId("photos")).files = files.files;
    form.submit();
  }

  function askAgain(found) {
    compare.set(found);
    steps.show("send");
    compare.mustDecide();
    say(texts.decideFirst);
  }

  function showWrong(wrong) {
    const [first] = Object.keys(wrong);
    steps.show(STAGE_OF[first] || "send");
    for (const [name, sentence] of Object.entries(wrong)) steps.say(STAGE_OF[name] || "send", sentence);
    say(texts.failed);
  }

  /** A report of the list is put into the form again, and is out of the list. */
  async function takeBack(item) {
    if (!box) return;
    const { fields } = item;
    draft.fill({
      words: fields,
      kind: fields.category || "",
      otherKind: fields.category_other || "",
      isHandled: fields.handled === "yes",
      photos: item.photos,
      place: fields.lon ? { lon: Number(fields.lon), lat: Number(fields.lat), accuracy_m: fields.accuracy_m ? Number(fields.accuracy_m) : null, origin: fields.origin || "", title: item.title } : null,
    });
    await box.remove(item);
    if (item.state === "alike") askAgain(item.alike || []);
    else showWrong(item.wrong || {});
  }

  async function follow(number) {
    try {
      const token = await (await fetch(config.urls.token, { headers: { Accept: "application/json" } })).json();
      const headers = { Accept: "application/json", "X-CSRFToken": token.csrf };
      const answer = await fetch(config.urls.follow, { method: "POST", headers, body: new URLSearchParams({ number }) });
      if (!answer.ok) throw new Error(String(answer.status));
      const { href } = await answer.json();
      await draft.forget();
      compare.clear();
      steps.show("place");
      sayWithLink(fill(texts.followed, { number }), href);
    } catch {
      say(texts.failed);
    }
  }

  function say(sentence) {
    const said = byId("said");
    said.hidden = !sentence;
    said.textContent = sentence;
  }

  function sayWithLink(sentence, href) {
    const said = byId("said");
    said.hidden = false;
    said.replaceChildren(`${sentence} `, make("a", { href }, texts.open));
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  choosingKinds(form, () => {
    changed();
    steps.goOn("kind");
  });
  handling(form);
  keepOffline(config, store);
  await begin();
  document.documentElement.dataset.reportReady = "true";

  /** What the address or the server has filled in stands; otherwise what was kept comes back. */
  async function begin() {
    const [lon, lat] = [fieldOf("lon").value, fieldOf("lat").value];
    if (lon && lat) {
      const accuracy = fieldOf("accuracy_m").value;
      const origin = /** @type {any} */ (fieldOf("origin").value);
      place.set({ lon: Number(lon), lat: Number(lat), accuracy_m: accuracy ? Number(accuracy) : null, origin, title: fieldOf("find").value });
      if (document.getElementById("wrongs")) steps.show("send");
      else steps.goOn("place");
    } else if (!document.getElementById("wrongs")) {
      const kept = await draft.kept();
      if (kept) putBack(kept);
    }
    if (!box) return say(texts.noStore);
    await box.tell();
    return void box.flush();
  }

  function putBack(kept) {
    draft.fill(kept);
    const time = moment(kept.at, config);
    const again = make("button", { type: "button" }, texts.startAgain);
    again.addEventListener("click", async () => {
      await draft.forget();
      compare.clear();
      steps.show("place");
      say("");
    });
    const said = byId("said");
    said.hidden = false;
    said.replaceChildren(make("span", {}, fill(texts.draftKept, { time })), " ", again);
    steps.show(missing("place") ? "place" : missing("kind") ? "kind" : "send", { byHand: false });
  }
}

/** A large button and the list of all kinds exclude one another. @param {HTMLFormElement} form @param {() => void} chosen */
function choosingKinds(form, chosen) {
  const other = /** @type {HTMLSelectElement} */ (form.elements.namedItem("category_other"));
  const buttons = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[name=category]"));
  for (const button of buttons) {
    button.addEventListener("click", () => {
      other.value = "";
      chosen();
    });
  }
  other.addEventListener("change", () => {
    if (!other.value) return;
    for (const button of buttons) button.checked = false;
    chosen();
  });
}

/** @param {HTMLFormElement} form */
function kindName(form) {
  const code = kindOf(form);
  if (!code) return "";
  const button = form.querySelector(`input[name=category][value="${CSS.escape(code)}"]`);
  const option = form.querySelector(`option[value="${CSS.escape(code)}"]`);
  const named = (button && button.nextElementSibling) || option;
  return ((named && named.textContent) || "").trim();
}

/** Photos from before and after are asked for where something was put right. @param {HTMLFormElement} form */
function handling(form) {
  const tick = form.querySelector("input[name=handled]");
  const fields = document.getElementById("handled-photos");
  if (!(tick instanceof HTMLInputElement) || !fields) return;
  const follow = () => {
    fields.hidden = !tick.checked;
  };
  tick.addEventListener("change", follow);
  follow();
}

/** This page opens without a network too. */
async function keepOffline(config, store) {
  if (!store || !("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register(config.urls.worker, { scope: "/report" });
    const { active } = await navigator.serviceWorker.ready;
    if (active && (!navigator.serviceWorker.controller || location.search)) active.postMessage("keep");
  } catch {
    // some browsers allow none in private windows; all else works
  }
}

start();
