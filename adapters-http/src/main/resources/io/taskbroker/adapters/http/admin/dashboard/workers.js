// Who asks for work, by application.

import {h} from './dom.js';
import {get} from './api.js';
import {areSeveral, cell, head} from './brokers.js';
import {called, count, plural} from './format.js';
import {asked, state} from './overview.js';

const PIECE = 1000;

let rows = null;

const keyOf = row => `${row.broker}\u0001${row.application}`;

export default {
  title: () => 'Workers',
  polls: true,

  async load() {
    const [{applications}, {queues}] = await Promise.all([get('applications'), get('queues', {limit: PIECE})]);
    const held = new Map();
    for (const queue of queues) {
      const there = held.get(keyOf(queue)) ?? {broker: queue.broker, application: queue.application, pending: 0, held: 0};
      there.held += (queue.states.processing ?? 0) + (queue.states.claimed ?? 0);
      held.set(keyOf(queue), there);
    }
    const known = new Set(applications.map(keyOf));
    rows = [
      ...applications.map(one => ({...one, held: held.get(keyOf(one))?.held ?? 0})),
      ...[...held.values()].filter(one => !known.has(keyOf(one))),
    ].sort((a, b) => a.application.localeCompare(b.application));
  },

  view() {
    if (rows === null) return h('p', {class: 'm', 'data-key': 'wait'}, 'Asking the broker…');
    const without = rows.filter(row => row.pending > 0 && row.last_asked_seconds_ago === undefined);
    const verdict = rows.length === 0 ? 'No application has work'
      : without.length === 0 ? 'Workers ask for all that waits'
        : `No worker asks for ${without.length === 1 ? `${called(without[0].application)}${areSeveral() ? ` at ${without[0].broker}` : ''}` : plural(without.length, 'application', 'applications')}`;
    return [
      h('div', {class: 'top', 'data-key': 'top'}, h('div', null, h('h1', null, verdict),
        h('p', null, rows.length === 0 ? 'As soon as a task is stored, its application is here, and when a worker last asked for it.' : 'For which applications workers ask, and what they hold. A worker that is busy asks again when it is done.'))),
      rows.length > 0 && h('div', {class: 'scroll', 'data-key': 'table'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, 'Applications and their workers'),
        h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Application'), head(), h('th', {scope: 'col', class: 'r'}, 'A worker asked'), h('th', {scope: 'col', class: 'r'}, 'With workers'), h('th', {scope: 'col', class: 'r'}, 'Waiting'), h('th', {scope: 'col'}, 'State'))),
        h('tbody', null, rows.map(row => h('tr', {'data-key': keyOf(row), 'data-row': true},
          h('th', {scope: 'row', class: 'ctl'}, called(row.application)),
          cell(row),
          h('td', {class: 'r', 'data-l': 'A worker asked'}, asked(row)),
          h('td', {class: `r ${row.held ? '' : 'm'}`, 'data-l': 'With workers'}, row.held ? h('a', {href: `/tasks?${new URLSearchParams({application: row.application, state: 'processing'})}`}, count(row.held)) : '0'),
          h('td', {class: `r ${row.pending ? '' : 'm'}`, 'data-l': 'Waiting'}, row.pending ? h('a', {href: `/tasks?${new URLSearchParams({application: row.application, state: 'pending'})}`}, count(row.pending)) : '0'),
          h('td', {class: 'lead'}, state(row))))))),
    ];
  },
};
