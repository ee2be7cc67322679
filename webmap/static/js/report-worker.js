/**
 * Keeps the page of a report on the phone, for when there is no network. No other page is touched.
 *
 * VERSION and FILES are put before this by the server. The network always comes first: what is kept is only shown
 * where nothing else can be had.
 */

const worker = /** @type {any} */ (self);
const PAGE = "/report";
const SHELF = `report-${worker.VERSION}`;

worker.addEventListener("install", (event) => {
  event.waitUntil(keepFiles());
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([dropOld(), worker.clients.claim()]));
});

worker.addEventListener("message", (event) => {
  if (event.data === "keep") event.waitUntil(keepPage());
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const { origin, pathname } = new URL(request.url);
  if (origin !== worker.location.origin) return;
  if (request.mode === "navigate" && pathname === PAGE) event.respondWith(page(request));
  else if (worker.FILES.includes(pathname)) event.respondWith(file(request, pathname));
});

async function keepFiles() {
  const shelf = await caches.open(SHELF);
  await shelf.addAll(worker.FILES.map((name) => new Request(name, { cache: "no-cache" })));
  await worker.skipWaiting();
}

/** The page as whoever is signed in has it; asked for by the page itself. */
async function keepPage() {
  const answer = await fetch(PAGE, { credentials: "same-origin" });
  await keep(answer);
}

async function dropOld() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("report-") && name !== SHELF).map((name) => caches.delete(name)));
}

async function page(request) {
  try {
    const answer = await fetch(request);
    // somebody who has been signed out is led to sign in, and finds no page of another here
    if (answer.type === "opaqueredirect" || answer.status === 401) await forget();
    else if (new URL(request.url).search === "") await keep(answer);
    return answer;
  } catch (error) {
    const kept = await (await caches.open(SHELF)).match(PAGE);
    if (kept) return kept;
    throw error;
  }
}

async function keep(answer) {
  if (!answer.ok || answer.redirected || !(answer.headers.get("Content-Type") || "").startsWith("text/html")) return;
  await (await caches.open(SHELF)).put(PAGE, answer.clone());
}

async function forget() {
  await (await caches.open(SHELF)).delete(PAGE);
}

async function file(request, pathname) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(SHELF)).match(pathname);
    if (kept) return kept;
    throw error;
  }
}
