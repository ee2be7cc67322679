/**
 * What a desk shows, in the address: the conditions and the order before the #, so that the server and saved views
 * know them; the map's view behind it.
 *
 * @typedef {import('./types.js').Filter} Filter
 * @typedef {{filter: Filter, sort: string, view: import('./address.js').View|null}} Shown
 */

import { read } from "./address.js";
import { allTickets, readFilter, writeFilter } from "./filter.js";

const SORTS = ["due", "reported"];

/**
 * @param {string} search the address's part from ? on
 * @param {string} hash
 * @param {string[]} todo what is shown where no condition is named
 * @returns {Shown}
 */
export function readDesk(search, hash, todo) {
  const given = new URLSearchParams(search);
  const sort = given.get("sort") || "";
  return {
    filter: readFilter(given) || { ...allTickets(), desk: [...todo] },
    sort: SORTS.includes(sort) ? sort : SORTS[0],
    view: read(hash).view,
  };
}

/**
 * @param {Filter} filter
 * @param {string} sort
 * @returns {string} a query string without its question mark; the first order goes without saying
 */
export function writeDesk(filter, sort) {
  return [writeFilter(filter), sort === SORTS[0] ? "" : `sort=${sort}`].filter(Boolean).join("&");
}
