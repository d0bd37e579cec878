// Who asks for work: by application, and each worker.

import {h, icon} from './dom.js';
import {get} from './api.js';
import {areSeveral, cell, head} from './brokers.js';
import {called, count, moment, plural, span} from './format.js';
import {now} from './live.js';
import {asked, state} from './overview.js';
import {heldBy} from './pauses.js';
import {oldest} from './queues.js';

const PIECE = 1000;

let rows = null;
let workers = [];
let areMore = false;

/** Those that a broker calls; none where workers ask. */
let addresses = [];

/** The place of each worker that was seen since the page was opened: rows do not move while somebody reads. */
let places = new Map();

const keyOf = row => `${row.broker}\u0001${row.application}`;

const keyOfWorker = row => `${row.broker}\u0001${row.worker}`;

/** Who has had a task for longest comes first. */
const longest = (a, b) => (a.holds_since ?? '~').localeCompare(b.holds_since ?? '~') || a.worker.localeCompare(b.worker, undefined, {numeric: true});

function place(seen) {
  for (const one of seen.sort(longest)) {
    if (!places.has(keyOfWorker(one))) places.set(keyOfWorker(one), places.size);
  }
  return seen.sort((a, b) => places.get(keyOfWorker(a)) - places.get(keyOfWorker(b)));
}

const nameOf = filter => filter.application === undefined ? 'anything' : filter.namespace === undefined ? called(filter.application) : `${called(filter.application)}, ${called(filter.namespace)}`;

/** The workers one by one. */
function each() {
  const column = (name, kind) => h('th', {scope: 'col', class: kind ?? null}, name);
  return h('section', {'aria-labelledby': 'h-workers', 'data-key': 'workers'},
    h('div', {class: 'head'}, h('h2', {id: 'h-workers'}, 'Workers that ask'), workers.length > 0 && h('p', {class: 's m'}, areMore ? `The first ${count(workers.length)} by address. All of them: taskbroker workers` : 'By the address of their connections. Who is gone is listed for ten minutes more, or for as long as it has a task.')),
    workers.length === 0
      ? [h('p', null, 'No worker has asked for tasks in the last ten minutes. As soon as one does, its address is here, what it asks for, and what it has.'), h('pre', {tabindex: 0}, h('code', null, 'taskworker run shop:app'))]
      : h('div', {class: 'scroll', tabindex: 0, role: 'group', 'aria-labelledby': 'h-workers'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, 'Workers that ask, and what they have'),
        h('thead', null, h('tr', null, column('Worker'), head(), column('Program'), column('Asks for'), column('Last call', 'r'), column('Holds', 'r'), column('Its oldest for', 'r'))),
        h('tbody', null, workers.map(one => h('tr', {'data-key': keyOfWorker(one), 'data-row': true},
          h('th', {scope: 'row', class: 'ctl'}, h('code', null, one.worker)),
          cell(one),
          h('td', {class: `all ctl ${one.program === undefined ? 'm' : ''}`, 'data-l': 'Program'}, one.program ?? 'not said'),
          h('td', {class: 'lead ctl', 'data-l': 'Asks for'}, one.asks_for.length === 0 ? '–' : one.asks_for.map(nameOf).join('; ')),
          h('td', {class: 'r', 'data-l': 'Last call'}, one.gone_at === undefined ? `${span(now() - new Date(one.called_at))} ago` : h('span', {class: 'st warn', title: `Its connection ended ${moment(one.gone_at, now())}`}, icon('warn'), `Gone, ${span(now() - new Date(one.gone_at))} ago`)),
          h('td', {class: `r ${one.holds ? '' : 'm'}`, 'data-l': 'Holds'}, count(one.holds)),
          h('td', {class: `r ${one.holds ? '' : 'm'}`, 'data-l': 'Its oldest for', title: one.holds_since ? `since ${moment(one.holds_since, now())}` : null}, one.holds_since ? span(now() - new Date(one.holds_since)) : '–')))))));
}

function taking(one) {
  if (one.address === undefined) return h('span', {class: 'st bad'}, icon('stall'), 'No connection');
  if (one.resting === one.connections) return h('span', {class: 'st bad'}, icon('stall'), 'Takes nothing');
  return one.resting > 0 ? h('span', {class: 'st warn'}, icon('warn'), 'Takes less') : h('span', {class: 'st ok'}, icon('ok'), 'Takes tasks');
}

/** Applications of whose workers none takes anything just now. */
const takingNothing = () => [...new Set(addresses.map(one => one.application))].filter(name => addresses.every(one => one.application !== name || one.resting === one.connections));

/** The workers that are called, by address. */
function calls() {
  const column = (name, kind) => h('th', {scope: 'col', class: kind ?? null}, name);
  return addresses.length > 0 && h('section', {'aria-labelledby': 'h-called', 'data-key': 'called'},
    h('div', {class: 'head'}, h('h2', {id: 'h-called'}, 'Workers that are called'), h('p', {class: 's m'}, 'By application and address, as worker_map and the name service have them.')),
    h('div', {class: 'scroll', tabindex: 0, role: 'group', 'aria-labelledby': 'h-called'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, 'Workers that are called, and whether they take tasks'),
      h('thead', null, h('tr', null, column('Worker'), head(), column('Application'), column('State'), column('Connections', 'r'), column('Resting', 'r'), column('Under way', 'r'), column('Why'))),
      h('tbody', null, addresses.map(one => h('tr', {'data-key': `${one.broker}\u0001${one.application}\u0001${one.address}`, 'data-row': true},
        h('th', {scope: 'row', class: 'ctl'}, one.address === undefined ? '–' : h('code', null, one.address)),
        cell(one),
        h('td', {class: 'ctl', 'data-l': 'Application'}, called(one.application)),
        h('td', {class: 'lead'}, taking(one)),
        h('td', {class: 'r', 'data-l': 'Connections'}, count(one.connections)),
        h('td', {class: `r ${one.resting ? '' : 'm'}`, 'data-l': 'Resting'}, count(one.resting)),
        h('td', {class: `r ${one.under_way ? '' : 'm'}`, 'data-l': 'Under way'}, count(one.under_way)),
        h('td', {class: 'all ctl'}, one.trouble ?? '')))))));
}

/** When one of them last asked for an application of which nothing waits: the broker forgets that after a minute. */
function lastAsked(row) {
  const asking = workers.filter(one => one.broker === row.broker && one.asked_at !== undefined && one.asks_for.some(filter => filter.application === undefined || filter.application === row.application));
  if (asking.length === 0) return undefined;
  return Math.max(0, now() - Math.max(...asking.map(one => new Date(one.asked_at)))) / 1000;
}

export default {
  title: () => 'Workers',
  polls: true,

  begin() {
    places = new Map();
  },

  async load() {
    const [{applications}, {queues}, asking, calling] = await Promise.all([get('applications'), get('queues', {limit: PIECE}), get('workers', {limit: PIECE}), get('called-workers')]);
    addresses = calling.called_workers;
    workers = place(asking.workers);
    areMore = asking.next !== undefined;
    const held = new Map();
    for (const queue of queues) {
      const there = held.get(keyOf(queue)) ?? {broker: queue.broker, application: queue.application, pending: 0, held: 0};
      there.held += (queue.states.processing ?? 0) + (queue.states.claimed ?? 0);
      held.set(keyOf(queue), there);
    }
    const known = new Set(applications.map(keyOf));
    rows = [
      ...applications.map(one => ({...one, held: held.get(keyOf(one))?.held ?? 0})),
      ...[...held.values()].filter(one => !known.has(keyOf(one))).map(one => ({...one, last_asked_seconds_ago: lastAsked(one)})),
    ].sort((a, b) => a.application.localeCompare(b.application));
  },

  view() {
    if (rows === null) return h('p', {class: 'm', 'data-key': 'wait'}, 'Asking the broker…');
    const without = rows.filter(row => row.lacks_workers);
    const paused = rows.some(row => row.pending > 0 && heldBy({application: row.application}, row.broker));
    const silent = takingNothing();
    const verdict = silent.length > 0 ? `No worker of ${silent.length === 1 ? called(silent[0]) : plural(silent.length, 'application', 'applications')} takes a task`
      : rows.length === 0 ? 'No application has work'
      : without.length === 0 ? `Workers ask for all that waits${paused ? ' and is not paused' : ''}`
        : `No worker asks for ${without.length === 1 ? `${called(without[0].application)}${areSeveral() ? ` at ${without[0].broker}` : ''}` : plural(without.length, 'application', 'applications')}`;
    return [
      h('div', {class: 'top', 'data-key': 'top'}, h('div', null, h('h1', null, verdict),
        h('p', null, rows.length === 0 ? 'As soon as a task is stored, its application is here, and when a worker last asked for it.' : 'For which applications workers ask, and what they hold. A worker that is busy asks again when it is done.'))),
      rows.length > 0 && h('div', {class: 'scroll', 'data-key': 'table'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, 'Applications and their workers'),
        h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Application'), head(), h('th', {scope: 'col', class: 'r'}, 'A worker asked'), h('th', {scope: 'col', class: 'r'}, 'With workers'), h('th', {scope: 'col', class: 'r'}, 'Waiting'), h('th', {scope: 'col', class: 'r'}, 'Oldest'), h('th', {scope: 'col'}, 'State'))),
        h('tbody', null, rows.map(row => h('tr', {'data-key': keyOf(row), 'data-row': true},
          h('th', {scope: 'row', class: 'ctl'}, called(row.application)),
          cell(row),
          h('td', {class: 'r', 'data-l': 'A worker asked'}, asked(row)),
          h('td', {class: `r ${row.held ? '' : 'm'}`, 'data-l': 'With workers'}, row.held ? h('a', {href: `/tasks?${new URLSearchParams({application: row.application, state: 'processing'})}`}, count(row.held)) : '0'),
          h('td', {class: `r ${row.pending ? '' : 'm'}`, 'data-l': 'Waiting'}, row.pending ? h('a', {href: `/tasks?${new URLSearchParams({application: row.application, state: 'pending'})}`}, count(row.pending)) : '0'),
          oldest(row),
          h('td', {class: 'lead'}, state(row, addresses))))))),
      calls(),
      (addresses.length === 0 || workers.length > 0) && each(),
    ];
  },
};
