// Calls of the admin API.

/** An answer that is not what was asked for, in words for people. */
export class Refusal extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}

let onSignedOut = () => {};

/** What to do when the session is over. */
export function whenSignedOut(act) {
  onSignedOut = act;
}

async function call(path, options) {
  let response;
  try {
    response = await fetch(`/api/v1/${path}`, {credentials: 'same-origin', ...options});
  } catch {
    throw new Refusal(0, 'The broker cannot be reached. It may be stopped, or the network away.');
  }
  let body = {};
  try {
    body = await response.json();
  } catch { /* said below by its status */ }
  if (response.ok) return body;
  const refusal = new Refusal(response.status, body.detail ?? `The broker answered ${response.status}.`);
  if (response.status === 401) onSignedOut();
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
