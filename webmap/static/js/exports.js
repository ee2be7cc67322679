/** Downloads with their progress: the links of the page work without this too. */

import { byId, fill, make } from "./dom.js";
import { Refusal, SIGNED_OUT, askJson, sendForm } from "./server.js";

const POLL_MS = 500;
const MOST_WAITS = 60;

const texts = JSON.parse(byId("texts").textContent || "{}");
const token = JSON.parse(byId("token").textContent || '""');
const form = /** @type {HTMLFormElement} */ (byId("choice"));
const forms = /** @type {HTMLSelectElement} */ (byId("form"));
const links = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll("a[data-id]")]);

/** The chosen option of the format. */
function chosen() {
  return forms.selectedOptions[0];
}

/** Links, the note and the fields that the format has follow what is chosen. */
function follow() {
  byId("note").textContent = chosen().dataset.note || "";
  for (const [name, has] of /** @type {const} */ ([["crs", "crs" in chosen().dataset], ["geometry", "geometry" in chosen().dataset]])) {
    byId(`of-${name}`).hidden = !has;
    /** @type {HTMLSelectElement} */ (byId(name)).disabled = !has;
  }
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value && name !== "form" && name !== "collection") query.append(name, String(value));
  }
  for (const link of links) link.href = `/export/${link.dataset.id}.${forms.value}${query.size ? `?${query}` : ""}`;
}

/** @param {number} bytes */
function size(bytes) {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** An id that nobody else has or guesses. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = window.setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (window.clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}

/** One download in the list, from the click to the file. */
class Download {
  /** @param {HTMLAnchorElement} link */
  constructor(link) {
    this.title = `${link.dataset.title} · ${chosen().textContent}`;
    this.id = newId();
    this.url = new URL(link.href);
    this.url.searchParams.set("progress", this.id);
    this.total = Number(link.dataset.total);
    this.control = new AbortController();
    this.isOver = false;
    this.bar = /** @type {HTMLProgressElement} */ (make("progress", { "aria-label": this.title, max: "1" }));
    this.words = make("span", { role: "status" }, texts.waiting);
    this.button = make("button", { type: "button" }, texts.cancel, make("span", { class: "unseen" }, ` ${this.title}`));
    this.button.addEventListener("click", () => this.stop());
    this.item = make("li", {}, make("span", {}, make("strong", {}, this.title), " ", this.words), this.button, this.bar);
  }

  /**
   * @param {string} words
   * @param {number} [share] of the whole; without it nobody knows
   */
  tell(words, share) {
    if (this.words.textContent !== words) this.words.textContent = words;
    if (share === undefined) this.bar.removeAttribute("value");
    else this.bar.value = share;
  }

  /** Cancel while it runs; take it out of the list once it is over. */
  stop() {
    if (this.isOver) {
      this.item.remove();
      byId("running").hidden = !document.querySelector(".exports-running li");
      return;
    }
    this.control.abort();
    // the server works on by itself until it hears of it
    sendForm(`/export/progress/${this.id}/cancel`, new FormData(), token).catch(() => undefined);
  }

  async run() {
    try {
      const response = await this.patiently();
      const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") || "");
      const blob = await this.received(response);
      const link = make("a", { href: URL.createObjectURL(blob), download: name ? name[1] : "" });
      link.click();
      window.setTimeout(() => URL.revokeObjectURL(/** @type {HTMLAnchorElement} */ (link).href), 60000);
      const left = response.headers.get("X-Left-Out");
      const said = fill(texts.done, { size: size(blob.size) });
      this.end(left ? `${said} ${fill(texts.left, { what: left })}` : said, 1);
    } catch (error) {
      if (this.control.signal.aborted) this.end(texts.cancelled, 0);
      else this.end(error instanceof Refusal ? error.message : texts.failed, 0, true);
    }
  }

  /** Where the server makes enough files already, wait and ask again. */
  async patiently() {
    for (let tries = 0; ; tries += 1) {
      const polling = this.poll();
      const response = await fetch(this.url, { signal: this.control.signal, credentials: "same-origin" }).finally(polling);
      if (response.ok) return response;
      const after_s = Number(response.headers.get("Retry-After"));
      if (response.status !== 503 || !after_s || tries === MOST_WAITS) {
        if (response.status === 401) document.dispatchEvent(new Event(SIGNED_OUT));
        const problem = await response.json().catch(() => ({}));
        throw new Refusal(response.status, problem.said);
      }
      this.tell(texts.queued);
      await pause(after_s * 1000, this.control.signal);
    }
  }

  /**
   * Say how far the server is until the answer comes.
   *
   * @returns {() => void} what ends it
   */
  poll() {
    const ask = async () => {
      try {
        const { state, done, total } = await askJson(`/export/progress/${this.id}`, this.control.signal);
        if (isOn && state !== "waiting") this.tell(fill(texts.making, { done, total }), total ? done / total : 1);
      } catch {
        // the answer itself says what is wrong
      }
    };
    let isOn = true;
    const timer = window.setInterval(ask, POLL_MS);
    return () => {
      isOn = false;
      window.clearInterval(timer);
    };
  }

  /**
   * @param {Response} response
   * @returns {Promise<Blob>}
   */
  async received(response) {
    const all = Number(response.headers.get("Content-Length"));
    const features = Number(response.headers.get("X-Features"));
    const reader = response.body && response.body.getReader();
    /** @type {Uint8Array<ArrayBuffer>[]} */
    const pieces = [];
    let bytes = 0;
    let lines = 0;
    for (;;) {
      const { done, value } = reader ? await reader.read() : { done: true, value: undefined };
      if (done || !value) break;
      pieces.push(value);
      bytes += value.length;
      if (all) this.tell(fill(texts.sizes, { done: size(bytes), total: size(all) }), bytes / all);
      else {
        for (const byte of value) if (byte === 10) lines += 1;
        const counted = Math.min(lines, features);
        this.tell(fill(texts.features, { done: counted, total: features, size: size(bytes) }), features ? counted / features : undefined);
      }
    }
    return new Blob(pieces, { type: response.headers.get("Content-Type") || "" });
  }

  /**
   * @param {string} words
   * @param {number} share
   * @param {boolean} [isBad]
   */
  end(words, share, isBad = false) {
    this.isOver = true;
    this.tell(words, share);
    this.words.classList.toggle("is-bad", isBad);
    this.button.firstChild?.replaceWith(texts.dismiss);
  }
}

form.addEventListener("change", follow);
form.addEventListener("submit", (event) => event.preventDefault());
byId("show").hidden = true;
follow();
for (const link of links) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const download = new Download(link);
    const place = byId("running");
    place.hidden = false;
    place.querySelector("ul")?.prepend(download.item);
    place.scrollIntoView({ block: "nearest" });
    download.run();
  });
}
