/** Asking the server: an answer as JSON, or an error that says what the server said. */

// Said on the document when the server no longer knows who is asking.
export const SIGNED_OUT = "wangge:signed-out";

/** The server's own sentence; asking again would bring the same. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} [sentence]
   */
  constructor(status, sentence) {
    super(sentence || String(status));
    this.status = status;
  }

  /** Whether it may pass by itself: the server is restarting, or has too much to do. */
  get isPassing() {
    return this.status >= 500 || this.status === 429;
  }
}

/**
 * @param {string} url of this server
 * @param {AbortSignal} [signal]
 * @param {string} [accept]
 * @returns {Promise<Response>} a good one
 * @throws {Refusal}
 */
export async function ask(url, signal, accept = "application/json") {
  const response = await fetch(url, { signal, headers: { Accept: accept }, credentials: "same-origin" });
  if (response.ok) return response;
  if (response.status === 401) document.dispatchEvent(new Event(SIGNED_OUT));
  const problem = await response.json().catch(() => ({}));
  throw new Refusal(response.status, problem.said);
}

/**
 * @param {string} url
 * @param {AbortSignal} [signal]
 */
export async function askJson(url, signal) {
  return (await ask(url, signal)).json();
}

/**
 * Send a form and read the answer, as JSON.
 *
 * @param {string} url of this server
 * @param {FormData} body
 * @param {string} token of the page, by which the server knows that the form is its own
 * @throws {Refusal}
 */
export async function sendForm(url, body, token) {
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  const response = await fetch(url, { method: "POST", body, headers, credentials: "same-origin" });
  if (response.ok) return response.json();
  if (response.status === 401) document.dispatchEvent(new Event(SIGNED_OUT));
  const problem = await response.json().catch(() => ({}));
  throw new Refusal(response.status, problem.said);
}
