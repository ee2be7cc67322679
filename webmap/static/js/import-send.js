/** The form that takes a file: what the chosen kind is, a file dropped on it, and how far the sending is. */

import { byId, fill } from "./dom.js";

const form = /** @type {HTMLFormElement} */ (byId("send"));
const kind = /** @type {HTMLSelectElement} */ (byId("kind"));
const file = /** @type {HTMLInputElement} */ (byId("file"));
const said = byId("send-said");
const bar = /** @type {HTMLProgressElement} */ (byId("send-bar"));
const button = /** @type {HTMLButtonElement} */ (form.querySelector("button.first"));
const MEGABYTE = 1024 * 1024;

function tellKind() {
  const words = document.querySelector(`#kinds-about [data-kind="${CSS.escape(kind.value)}"] dd`);
  const about = byId("about-kind");
  about.hidden = !words;
  about.replaceChildren(...(words ? [...words.childNodes].map((node) => node.cloneNode(true)) : []));
  /** @type {HTMLFieldSetElement} */ (byId("of-areas")).hidden = kind.value !== "areas";
}

function say(words, isWrong = false) {
  said.hidden = !words;
  said.textContent = words;
  said.classList.toggle("wrong", isWrong);
}

function isTooLarge() {
  const chosen = file.files && file.files[0];
  return Boolean(chosen && chosen.size > Number(form.dataset.mostMb) * MEGABYTE);
}

function rest(words) {
  bar.hidden = true;
  button.disabled = false;
  say(words, true);
}

/** The answer is a page: the one that shows the file, or this one with what is wrong. */
function arrived(request) {
  if (request.status === 200) {
    location.assign(request.responseURL);
    return;
  }
  const page = request.responseXML;
  const wrong = page && (page.getElementById("wrong") || page.querySelector("main p"));
  rest(request.status === 413 ? form.dataset.tooLarge || "" : (wrong && wrong.textContent) || form.dataset.failed || "");
}

function send() {
  const request = new XMLHttpRequest();
  request.responseType = "document";
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "text/html");
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    const share = total ? Math.round((100 * loaded) / total) : 0;
    bar.value = share;
    if (share < 100) say(fill(form.dataset.sending || "", { share }));
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value");
    say(form.dataset.reading || "");
  });
  request.addEventListener("load", () => arrived(request));
  request.addEventListener("error", () => rest(form.dataset.failed || ""));
  button.disabled = true;
  bar.hidden = false;
  bar.value = 0;
  request.send(new FormData(form));
}

kind.addEventListener("change", tellKind);
file.addEventListener("change", () => say(isTooLarge() ? form.dataset.tooLarge || "" : "", true));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (isTooLarge()) say(form.dataset.tooLarge || "", true);
  else send();
});

const drop = byId("drop");
for (const name of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("is-over", name === "dragover");
  });
}
drop.addEventListener("drop", ({ dataTransfer }) => {
  if (!dataTransfer || dataTransfer.files.length === 0) return;
  file.files = dataTransfer.files;
  file.dispatchEvent(new Event("change"));
});

// a page that comes back from the browser's own store begins anew
window.addEventListener("pageshow", () => {
  button.disabled = false;
  bar.hidden = true;
});
tellKind();
