// Calls of the admin API.

import {parted} from './brokers.js';

/** An answer that is not what was asked for, in words for people, a line for each broker where there are several. */
export class Refusal extends Error {
  /** @param done lines of what was done all the same */
  constructor(status, words, lines = [words], done = []) {
    super(words);
    this.status = status;
    this.lines = lines;
    this.done = done;
  }
}

/** An order that some brokers have carried out, and others have not. */
export class InPart extends Refusal {
  /**
   * @param lines what each did: those that failed, and the others
   * @param answer as it came, if it was one
   */
  constructor([failed, others], answer) {
    const words = 'It was not done everywhere.';
    super(SOME_FAILED, words, [words, ...failed], others);
    this.answer = answer;
  }
}

/** What is about whoever sits here; anything else is asked of all brokers. */
const OF_ONE = new Set(['me', 'session', 'session/end']);

const SOME_FAILED = 207;

/** The session is over. */
export const SIGNED_OUT = 401;

let onSignedOut = () => {};

/** What to do when the session is over. */
export function whenSignedOut(act) {
  onSignedOut = act;
}

async function call(path, options) {
  let response;
  try {
    response = await fetch(`/api/v1/${OF_ONE.has(path) ? '' : 'all/'}${path}`, {credentials: 'same-origin', ...options});
  } catch {
    throw new Refusal(0, 'The broker cannot be reached. It may be stopped, or the network away.');
  }
  let body = {};
  try {
    body = await response.json();
  } catch { /* said below by its status */ }
  // A dry run that some cannot answer says so in its numbers; an order that was done in part says what was not.
  if (response.status === SOME_FAILED && !body.dry_run) throw new InPart(parted(body), body);
  if (response.ok) return body;
  const refusal = new Refusal(response.status, body.detail ?? `The broker answered ${response.status}.`);
  if (response.status === SIGNED_OUT) onSignedOut();
  throw refusal;
}

export function get(path, query = {}) {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') said.set(name, value);
  }
  const text = said.toString();
  return call(text ? `${path}?${text}` : path);
}

export function post(path, body, headers = {}) {
  return call(path, {
    method: 'POST',
    headers: {'Content-Type': 'application/json', ...headers},
    body: JSON.stringify(body),
  });
}
