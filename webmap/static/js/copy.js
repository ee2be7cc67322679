/** Copying, also where the browser has no clipboard to offer: over plain HTTP the text is marked instead. */

const SAID_MS = 2000;

/**
 * Copy a text and say so on the button that was pressed.
 *
 * @param {string} text
 * @param {HTMLElement} button
 * @param {Record<string, string>} texts
 */
export async function copyText(text, button, texts) {
  const isCopied = (await toClipboard(text)) || byMarking(text, button);
  const label = button.dataset.label || button.textContent || "";
  button.dataset.label = label;
  button.textContent = isCopied ? texts.copied : texts.copyByHand;
  window.setTimeout(() => {
    button.textContent = label;
  }, SAID_MS);
}

/**
 * Buttons marked `data-copy="link"` copy the address of what the map shows.
 *
 * @param {import('./types.js').Config} config
 * @param {{link?: () => string}} [parts] link   the address; the page's own unless told
 */
export function copying(config, { link } = {}) {
  const address = link || (() => location.href);
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-copy=link]") : null;
    if (button instanceof HTMLElement) copyText(address(), button, config.texts);
  });
  return { copy: (text, button) => copyText(text, button, config.texts) };
}

async function toClipboard(text) {
  if (!navigator.clipboard || !window.isSecureContext) return false;
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Mark the text in a field of its own and ask for a copy in the old way; what stays marked can be copied by hand. */
function byMarking(text, button) {
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.className = "to-copy";
  field.setAttribute("aria-label", text);
  button.after(field);
  field.select();
  const isCopied = document.execCommand("copy");
  if (isCopied) {
    field.remove();
    button.focus({ preventScroll: true });
  } else field.addEventListener("blur", () => field.remove());
  return isCopied;
}
