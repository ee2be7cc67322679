/**
 * Decisions on their way to the server, one after the other in the order they were made. What did not arrive for want
 * of a connection stays and is sent again; each has a key, so that one which did arrive after all is not made twice.
 *
 * @typedef {object} Job
 * @property {string} url
 * @property {() => Record<string, string|string[]>|null} fields   asked for when it is sent; null: there is nothing to send any more
 * @property {(answer: any) => void} onDone
 * @property {(sentence: string, status: number) => void} onRefused
 * @property {FormData} [body]   as it was sent first
 */

import { Refusal, sendForm } from "./server.js";

const RETRY_MS = 4000;

/**
 * @param {string} token of the page
 * @param {(state: {count: number, isAway: boolean}) => void} onState
 */
export function sender(token, onState) {
  /** @type {Job[]} */
  const jobs = [];
  let isBusy = false;
  let isAway = false;
  let timer = 0;

  const tell = () => onState({ count: jobs.length, isAway });

  async function run() {
    window.clearTimeout(timer);
    if (isBusy) return;
    isBusy = true;
    while (jobs.length > 0 && (await sendFirst())) tell();
    isBusy = false;
    tell();
    if (jobs.length > 0) timer = window.setTimeout(run, RETRY_MS);
  }

  /** @returns {Promise<boolean>} whether the next can go */
  async function sendFirst() {
    const [job] = jobs;
    const body = job.body || formOf(job.fields());
    if (!body) {
      jobs.shift();
      return true;
    }
    job.body = body;
    try {
      const answer = await sendForm(job.url, body, token);
      jobs.shift();
      isAway = false;
      job.onDone(answer);
    } catch (error) {
      if (!(error instanceof Refusal) || error.isPassing) {
        isAway = true;
        return false;
      }
      jobs.shift();
      isAway = false;
      job.onRefused(error.message, error.status);
    }
    return true;
  }

  window.addEventListener("online", run);
  window.addEventListener("beforeunload", (event) => {
    if (jobs.length > 0) event.preventDefault();
  });

  return {
    /** @param {Job} job */
    add(job) {
      jobs.push(job);
      tell();
      run();
    },
    /** Forget one that has not been sent; false where it has. @param {Job} job */
    cancel(job) {
      const place = jobs.indexOf(job);
      if (place < 0 || job.body) return false;
      jobs.splice(place, 1);
      tell();
      return true;
    },
    retry: run,
  };
}

/** @param {Record<string, string|string[]>|null} fields */
function formOf(fields) {
  if (!fields) return null;
  const body = new FormData();
  body.set("key", newKey());
  for (const [name, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) body.append(name, one);
  }
  return body;
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
