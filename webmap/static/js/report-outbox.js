/**
 * Reports on their way: kept first, then sent, each under a key of its own, so that each arrives exactly once however
 * often it is sent. What does not arrive is sent again when the network is back, and when the page is opened.
 *
 * @typedef {object} Item
 * @property {string} id         the key, made at random
 * @property {string} user       who wrote it; nobody else sends it
 * @property {number} made       milliseconds
 * @property {Record<string, string>} fields
 * @property {import('./report-photos.js').Photo[]} photos
 * @property {string} title      for the list
 * @property {'waiting'|'alike'|'wrong'|'signedOut'} state
 * @property {any[]} [alike]     what was reported meanwhile
 * @property {Record<string, string>} [wrong]   by field
 *
 * @typedef {object} Outcome
 * @property {'sent'|'later'|'alike'|'wrong'|'signedOut'} kind
 * @property {any} [facts]       of a ticket that was made
 */

const FIRST_WAIT_MS = 5000;
const LONGEST_WAIT_MS = 120000;

/**
 * @param {any} config
 * @param {import('./report-store.js').Store} store
 * @param {(items: Item[]) => void} onChange
 * @param {(item: Item, facts: any) => void} onSent
 */
export function outbox(config, store, onChange, onSent) {
  /** @type {Promise<void>|null} */
  let running = null;
  let wait_ms = FIRST_WAIT_MS;
  let timer = 0;

  const items = async () => /** @type {Item[]} */ (await store.all("outbox")).sort((a, b) => a.made - b.made);
  const tell = async () => onChange(await items());

  /** @param {Item} item @param {Partial<Item>} facts */
  async function change(item, facts) {
    Object.assign(item, facts);
    await store.put("outbox", item);
  }

  /** Send one report and write down what came of it. @param {Item} item @returns {Promise<Outcome>} */
  async function deliver(item) {
    const answer = await post(config, item);
    if (answer.kind === "sent") await store.remove("outbox", item.id);
    else if (answer.kind === "alike") await change(item, { state: "alike", alike: answer.facts.alike });
    else if (answer.kind === "wrong") await change(item, { state: "wrong", wrong: answer.facts.wrong });
    else if (answer.kind === "signedOut") await change(item, { state: "signedOut" });
    return answer;
  }

  async function run() {
    for (const item of await items()) {
      if (item.user !== config.user || item.state === "alike" || item.state === "wrong") continue;
      const { kind, facts } = await deliver(item);
      if (kind === "sent") onSent(item, facts);
      if (kind === "later") return later();
      if (kind === "signedOut") return;
    }
    wait_ms = FIRST_WAIT_MS;
  }

  function later() {
    window.clearTimeout(timer);
    timer = window.setTimeout(flush, wait_ms);
    wait_ms = Math.min(2 * wait_ms, LONGEST_WAIT_MS);
  }

  /** Send all that waits, one after the other. */
  function flush() {
    if (!running) {
      running = run().then(tell).finally(() => {
        running = null;
      });
    }
    return running;
  }

  window.addEventListener("online", () => {
    wait_ms = FIRST_WAIT_MS;
    flush();
  });

  return {
    flush,
    items,
    tell,

    /** Keep a report, then try to send it at once. @param {Item} item @returns {Promise<Outcome>} */
    async send(item) {
      await store.put("outbox", item);
      if (running) await running;
      const outcome = await deliver(item);
      if (outcome.kind === "later") later();
      await tell();
      return outcome;
    },

    /** @param {Item} item */
    async again(item) {
      await change(item, { state: "waiting" });
      await flush();
    },

    /** What was reported meanwhile is another thing. @param {Item} item */
    async insist(item) {
      const numbers = (item.alike || []).map((one) => one.number);
      const seen = [item.fields.seen, ...numbers].filter(Boolean).join(" ");
      await change(item, { state: "waiting", alike: [], fields: { ...item.fields, seen } });
      await flush();
    },

    /** @param {Item} item */
    async remove(item) {
      await store.remove("outbox", item.id);
      await tell();
    },
  };
}

/** A key that nobody else makes. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_");
}

/** @param {any} config @param {Item} item @returns {Promise<Outcome>} */
async function post(config, item) {
  try {
    const token = await tokenOf(config);
    if (!token || token.user !== item.user) return { kind: "signedOut" };
    const body = new FormData();
    for (const [name, value] of Object.entries(item.fields)) body.append(name, value);
    // by this phone's clock alone, which may be wrong
    body.append("waited_s", String(Math.max(0, Math.round((Date.now() - item.made) / 1000))));
    item.photos.forEach((photo, place) => body.append(photo.field, photo.blob, `${place + 1}.jpg`));
    const headers = { Accept: "application/json", "X-CSRFToken": token.csrf, "Idempotency-Key": item.id };
    const response = await fetch(config.urls.send, { method: "POST", body, headers, credentials: "same-origin" });
    return await outcomeOf(response);
  } catch {
    // the network, not the server, has answered
    return { kind: "later" };
  }
}

/** @param {Response} response @returns {Promise<Outcome>} */
async function outcomeOf(response) {
  const facts = await response.json().catch(() => ({}));
  if (response.status === 201) return { kind: "sent", facts };
  if (response.status === 409 && facts.alike) return { kind: "alike", facts };
  if (response.status === 422 && facts.wrong) return { kind: "wrong", facts };
  if (response.status === 401) return { kind: "signedOut" };
  if (response.status === 409 || response.status === 429 || response.status >= 500) return { kind: "later" };
  return { kind: "wrong", facts: { wrong: { "": facts.said || String(response.status) } } };
}

/** @returns {Promise<{csrf: string, user: string}|null>} null for somebody who is not signed in */
async function tokenOf(config) {
  const response = await fetch(config.urls.token, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (response.status === 401 || response.status === 403) return null;
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}
