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
  source = new EventSource('/api/v1/all/events');
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
    live.samples.push({at: status.now, tasks: status.tasks, flow: status.flow, from: from(status.brokers)});
    if (live.samples.length > KEPT) live.samples.shift();
  }
  changed();
}

/** Of whom a sum is: with one more or less in it, it says nothing of what came and went. */
const from = brokers => brokers.filter(one => one.tasks).map(one => one.broker).join(' ');

const SLOT_MS = 5000;

/** One sample for each time at which all brokers have one. */
function summed(samples) {
  if (samples.every(one => one.broker === samples[0].broker)) return samples.map(one => ({...one, from: one.broker}));
  const slots = new Map();
  for (const one of samples) {
    const slot = Math.floor(Date.parse(one.at) / SLOT_MS);
    const there = slots.get(slot) ?? {at: one.at, tasks: {}, flow: {}, brokers: []};
    if (there.brokers.some(other => other.broker === one.broker)) continue;
    for (const kind of ['tasks', 'flow']) {
      for (const [name, number] of Object.entries(one[kind])) there[kind][name] = (there[kind][name] ?? 0) + number;
    }
    there.brokers.push(one);
    slots.set(slot, there);
  }
  const all = [...slots.values()];
  const most = Math.max(0, ...all.map(one => one.brokers.length));
  return all.filter(one => one.brokers.length === most).map(one => ({at: one.at, tasks: one.tasks, flow: one.flow, from: from(one.brokers)}));
}

/** What was before this page was opened. */
export async function remember() {
  const samples = summed((await get('history')).samples);
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
    if (seconds > 0 && grown >= 0 && a.from === b.from) all.push({at: b.at, value: grown / seconds});
  }
  return all;
}

/** The rate of the last minute, as the broker tells that of each application; null if that is not known yet. */
export function rateNow(of) {
  const last = live.samples.at(-1);
  if (!last || live.samples.length < 2) return null;
  const first = live.samples.find(one => one.from === last.from && Date.parse(last.at) - Date.parse(one.at) <= 61000) ?? live.samples[0];
  const seconds = (Date.parse(last.at) - Date.parse(first.at)) / 1000;
  const grown = of(last.flow) - of(first.flow);
  return seconds > 0 && grown >= 0 && first.from === last.from ? grown / seconds : null;
}
