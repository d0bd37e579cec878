// The status, once a second, as long as somebody looks.

import {get} from './api.js';

const RETRY_MS = 3000;
const KEPT = 180;

/** How things are; `at` is when that was told, by this machine's clock, `lost` since when nothing comes. */
export const live = {status: null, at: 0, lost: null, stopped: false, samples: [], skew: 0, counter: 0};

let source = null;
let changed = () => {};
let retry = 0;

/** The broker's clock. */
export const now = () => Date.now() + live.skew;

export function onChange(act) {
  changed = act;
}

export function start() {
  if (source || live.stopped || document.hidden) return;
  source = new EventSource('/api/v1/events');
  source.addEventListener('status', event => take(JSON.parse(event.data)));
  source.onerror = () => {
    live.lost ??= Date.now();
    if (source?.readyState === EventSource.CLOSED) again();
    changed();
  };
}

function again() {
  end();
  clearTimeout(retry);
  // The answer says why: a session that is over leads to the page where one begins.
  retry = setTimeout(() => get('me').then(start, start), RETRY_MS);
}

export function end() {
  clearTimeout(retry);
  source?.close();
  source = null;
}

export function toggle() {
  live.stopped = !live.stopped;
  if (live.stopped) end();
  else start();
  changed();
}

export function take(status) {
  live.status = status;
  live.at = Date.now();
  live.lost = null;
  live.counter++;
  live.skew = Date.parse(status.now) - live.at;
  const last = live.samples.at(-1);
  if (!last || Date.parse(status.now) - Date.parse(last.at) >= 4900) {
    live.samples.push({at: status.now, tasks: status.tasks, flow: status.flow});
    if (live.samples.length > KEPT) live.samples.shift();
  }
  changed();
}

/** What was before this page was opened. */
export async function remember() {
  const {samples} = await get('history');
  const begun = live.samples[0]?.at ?? '9';
  live.samples = [...samples.filter(one => one.at < begun), ...live.samples].slice(-KEPT);
}

document.addEventListener('visibilitychange', () => {
  // A browser has six connections for a host: a page that nobody sees gives its own back.
  if (document.hidden) end();
  else start();
});

/** Events a second between two samples, for each pair of them. */
export function rates(of) {
  const all = [];
  for (let i = 1; i < live.samples.length; i++) {
    const a = live.samples[i - 1];
    const b = live.samples[i];
    const seconds = (Date.parse(b.at) - Date.parse(a.at)) / 1000;
    const grown = of(b.flow) - of(a.flow);
    // A broker that was started anew counts from nothing.
    if (seconds > 0 && grown >= 0) all.push({at: b.at, value: grown / seconds});
  }
  return all;
}

/** The rate of the last half minute; null if that is not known yet. */
export function rateNow(of) {
  const last = live.samples.at(-1);
  if (!last || live.samples.length < 2) return null;
  const from = live.samples.find(one => Date.parse(last.at) - Date.parse(one.at) <= 31000) ?? live.samples[0];
  const seconds = (Date.parse(last.at) - Date.parse(from.at)) / 1000;
  const grown = of(last.flow) - of(from.flow);
  return seconds > 0 && grown >= 0 ? grown / seconds : null;
}
