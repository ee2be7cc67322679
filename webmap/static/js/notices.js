/** Whoever follows a notice to its ticket has read it: said beside, so that the way there is not held up. */

for (const item of document.querySelectorAll(".notices .unread")) {
  const link = item.querySelector(".which a");
  const form = item.querySelector("form");
  if (!(link instanceof HTMLAnchorElement) || !(form instanceof HTMLFormElement)) continue;
  const tell = () => {
    // a page that is left sends it all the same
    void fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true, redirect: "manual" });
  };
  link.addEventListener("click", tell);
  link.addEventListener("auxclick", (event) => event.button === 1 && tell());
}
