/** Links of the page's frame that lead away and back: they take the map's view with them. */

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
