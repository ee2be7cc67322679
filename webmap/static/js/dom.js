/** Building elements: text goes in as text, never as markup. */

/**
 * @param {string} tag
 * @param {Record<string, string|boolean|null|undefined>} [attributes]
 * @param {...(Node|string|null|undefined|false)} content
 * @returns {HTMLElement}
 */
export function make(tag, attributes, ...content) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  for (const piece of content) {
    if (piece || piece === "") element.append(piece);
  }
  return element;
}

/**
 * @param {string} tag
 * @param {Record<string, string|number>} [attributes]
 * @param {...(Node|string)} content
 * @returns {SVGElement}
 */
export function makeSvg(tag, attributes, ...content) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, String(value));
  element.append(...content);
  return element;
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/**
 * A sentence with its names filled in, as `%(name)s` in the translations.
 *
 * @param {string} sentence
 * @param {Record<string, string|number>} facts
 */
export function fill(sentence, facts) {
  return sentence.replace(/%\((\w+)\)s/g, (_whole, name) => String(facts[name]));
}

/**
 * Wait until nothing has been asked for a moment, then do it once; `cancel` forgets what was asked.
 *
 * @param {() => void} act
 * @param {number} quiet_ms
 */
export function settled(act, quiet_ms) {
  let timer = 0;
  const ask = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(act, quiet_ms);
  };
  return Object.assign(ask, { cancel: () => window.clearTimeout(timer) });
}
