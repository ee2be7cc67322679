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
