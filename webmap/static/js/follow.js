/** Links of the page that keep what the map shows: those that lead away and back, and those that skip a part. */

/**
 * The language switch keeps the part of the address after `#`, and so does signing in.
 *
 * @param {string} [path] of this page
 */
export function keepHash(path = location.pathname + location.search) {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[hreflang], a[data-sign-in]") : null;
    if (!(link instanceof HTMLAnchorElement)) return;
    if (link.hasAttribute("hreflang")) link.hash = location.hash;
    else {
      const url = new URL(link.href);
      url.searchParams.set("next", path + location.hash);
      link.href = url.href;
    }
  });
}

/** Links that skip a part of the page only move the focus: the part of the address after `#` is the map's. */
export function keepSkips() {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a.skip") : null;
    const target = link instanceof HTMLAnchorElement && document.getElementById(link.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    target.focus();
  });
}
