/**
 * What this phone keeps until it is sent: one draft a person, and the reports that wait.
 *
 * @typedef {'draft'|'outbox'} Shelf
 * @typedef {object} Store
 * @property {(shelf: Shelf, key: string) => Promise<any>} get   undefined where there is none
 * @property {(shelf: Shelf) => Promise<any[]>} all   in the order of their keys
 * @property {(shelf: Shelf, thing: {id: string}) => Promise<void>} put
 * @property {(shelf: Shelf, key: string) => Promise<void>} remove
 */

const NAME = "wangge-report";
const VERSION = 1;

/**
 * @returns {Promise<Store|null>} null where the browser keeps nothing, as in some private windows
 */
export async function openStore() {
  if (!("indexedDB" in window)) return null;
  try {
    const base = await opened();
    return {
      get: (shelf, key) => asked(base, shelf, "readonly", (box) => box.get(key)),
      all: (shelf) => asked(base, shelf, "readonly", (box) => box.getAll()),
      put: (shelf, thing) => asked(base, shelf, "readwrite", (box) => box.put(thing)),
      remove: (shelf, key) => asked(base, shelf, "readwrite", (box) => box.delete(key)),
    };
  } catch {
    return null;
  }
}

/** @returns {Promise<IDBDatabase>} */
function opened() {
  return new Promise((resolve, reject) => {
    const asking = window.indexedDB.open(NAME, VERSION);
    asking.addEventListener("upgradeneeded", () => {
      for (const shelf of ["draft", "outbox"]) asking.result.createObjectStore(shelf, { keyPath: "id" });
    });
    asking.addEventListener("success", () => resolve(asking.result));
    asking.addEventListener("error", () => reject(asking.error));
    asking.addEventListener("blocked", () => reject(new Error("blocked")));
  });
}

/**
 * One question in a transaction of its own; the answer counts when the transaction has ended.
 *
 * @param {IDBDatabase} base
 * @param {Shelf} shelf
 * @param {IDBTransactionMode} mode
 * @param {(box: IDBObjectStore) => IDBRequest} ask
 * @returns {Promise<any>}
 */
function asked(base, shelf, mode, ask) {
  return new Promise((resolve, reject) => {
    const work = base.transaction(shelf, mode);
    const asking = ask(work.objectStore(shelf));
    work.addEventListener("complete", () => resolve(asking.result));
    work.addEventListener("abort", () => reject(work.error));
    work.addEventListener("error", () => reject(work.error));
  });
}
