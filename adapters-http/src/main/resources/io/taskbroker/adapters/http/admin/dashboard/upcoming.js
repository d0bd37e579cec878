// What waits for its time: delayed tasks in the order in which they are due, and retries.

import {h, icon} from './dom.js';
import {get} from './api.js';
import {one, refusal} from './acts.js';
import {areSeveral, at, cell, head} from './brokers.js';
import {copy} from './dialogs.js';
import {called, count, moment, plural, relative} from './format.js';
import {now} from './live.js';
import {isOperator, mayOrder, role} from './shell.js';
import {pathOf} from './tasks.js';

const LIMIT = 50;
const PIECE = 1000;

const EXAMPLE = 'welcome.options(countdown="5m").delay(7, "a")';

let next = null;
let rows = [];

const due = at => new Date(at) > now() ? relative(at, now()) : 'now';

const keyOf = row => `${row.broker}\u0001${row.application}`;

/** What waits in each application at each broker, and when the first of it is due, as far as that is among those that are shown. */
function byApplication(queues) {
  const found = new Map();
  for (const {broker, application, states} of queues) {
    const row = found.get(keyOf({broker, application})) ?? {broker, application, delayed: 0, retry: 0};
    row.delayed += states.delayed ?? 0;
    row.retry += states.retry ?? 0;
    found.set(keyOf(row), row);
  }
  for (const task of next.upcoming) {
    const row = found.get(keyOf(task));
    if (row) row.first ??= task.delayed_until;
  }
  return [...found.values()].filter(row => row.delayed + row.retry > 0)
    .sort((a, b) => (a.first ?? '9').localeCompare(b.first ?? '9') || a.application.localeCompare(b.application));
}

function verdict() {
  const delayed = next.within_the_hour + next.later;
  if (delayed === 0 && next.retry === 0) return ['Nothing waits for its time', 'A task is here while its delay lasts: its producer gave it one, or it is a retry that comes later.'];
  if (delayed === 0) return [`${plural(next.retry, 'retry is', 'retries are')} on the way to Kafka`, 'They come back as new tasks, with a delay if the task or its worker wants one.'];
  const first = next.upcoming[0];
  return [`${plural(delayed, 'task waits for its time', 'tasks wait for their time')}`,
    `${count(next.within_the_hour)} within the hour, ${count(next.later)} later${first ? `; the next is due ${due(first.delayed_until)}` : ''}. Retries that come later are among them.`];
}

function number(row, name, state) {
  return h('td', {class: `r ${row[state] ? '' : 'm'}`, 'data-l': name},
    row[state] ? h('a', {href: `/tasks?${new URLSearchParams({application: row.application, state})}`}, count(row[state])) : '0');
}

function applications() {
  const last = broker => next.upcoming.findLast(task => task.broker === broker)?.delayed_until;
  return rows.length > 0 && h('section', {'aria-labelledby': 'h-by', 'data-key': 'by'}, h('div', {class: 'head'}, h('h2', {id: 'h-by'}, 'By application')),
    h('div', {class: 'scroll'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, 'Delayed tasks and retries by application'),
      h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Application'), head(), h('th', {scope: 'col', class: 'r'}, 'Delayed'), h('th', {scope: 'col'}, 'The next is due'), h('th', {scope: 'col', class: 'r'}, 'On the way to Kafka'))),
      h('tbody', null, rows.map(row => h('tr', {'data-key': keyOf(row)},
        h('th', {scope: 'row', class: 'ctl'}, called(row.application)),
        cell(row),
        number(row, 'Delayed', 'delayed'),
        h('td', {'data-l': 'The next is due'}, row.first ? due(row.first) : row.delayed && last(row.broker) ? `after ${moment(last(row.broker), now())}` : h('span', {class: 'm'}, '–')),
        number(row, 'On the way to Kafka', 'retry')))))));
}

function row(app, task) {
  return h('tr', {'data-key': `${task.broker} ${task.key}`, 'data-row': true},
    h('th', {scope: 'row', class: 'ctl'}, called(task.task)),
    h('td', {class: 'all ctl'}, h('a', {class: 'id', href: pathOf(task)}, task.id || '(no id)')),
    cell(task),
    h('td', {class: 'lead'}, h('span', {class: 'st'}, icon('clock'), due(task.delayed_until))),
    h('td', {'data-l': 'Due at'}, h('time', {datetime: task.delayed_until}, moment(task.delayed_until, now()))),
    h('td', {class: 'ctl', 'data-l': 'Application'}, called(task.application)),
    h('td', {class: 'acts'}, h('button', {class: 'bare', type: 'button', disabled: !mayOrder(app) || refusal('run-now', task) !== null, onclick: () => one(app, 'run-now', task)}, 'Run now…', areSeveral() && h('span', {class: 'sr'}, at(task)))));
}

function list(app) {
  const all = next.within_the_hour + next.later;
  const heads = ['Due', 'Due at', 'Application'];
  return next.upcoming.length > 0 && h('section', {'aria-labelledby': 'h-next', 'data-key': 'next'},
    h('div', {class: 'head'}, h('h2', {id: 'h-next'}, 'What runs next'),
      h('p', {class: 's m'}, all > next.upcoming.length && `The first ${areSeveral() ? `${LIMIT} of each broker` : count(next.upcoming.length)}. `, h('a', {href: '/tasks?state=delayed'}, 'All delayed tasks'), ', in the order of arrival.')),
    h('div', {class: 'scroll'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, 'Delayed tasks, the next first'),
      h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Task'), h('th', {scope: 'col'}, 'Id'), head(), heads.map(name => h('th', {scope: 'col'}, name)), h('th', {scope: 'col'}, h('span', {class: 'sr'}, 'Action')))),
      h('tbody', null, next.upcoming.map(one => row(app, one))))));
}

function empty() {
  return h('div', {class: 'panel', 'data-key': 'empty'},
    h('h2', null, 'How a task comes here'),
    h('p', null, 'A producer sends it with a delay. In Python:', h('button', {class: 'bare', type: 'button', onclick: () => copy(EXAMPLE)}, icon('copy'), 'Copy', h('span', {class: 'sr'}, ' the example'))),
    h('pre', {tabindex: 0}, h('code', null, EXAMPLE)),
    h('p', null, 'Or its worker asks for another try after a while: the retry goes to Kafka at once, and comes back with its delay.'),
    h('p', {class: 's m'}, 'Of the commands, ', h('code', null, 'taskbroker upcoming'), ' shows the same, and ', h('code', null, 'taskbroker run-now'), ' ends a delay.'));
}

export default {
  title: () => 'Delayed and retries',
  polls: true,

  async load() {
    const [upcoming, {queues}] = await Promise.all([get('upcoming', {limit: LIMIT}), get('queues', {limit: PIECE})]);
    next = upcoming;
    rows = byApplication(queues);
  },

  view(app) {
    if (next === null) return h('p', {class: 'm', 'data-key': 'wait'}, 'Asking the broker…');
    const [title, words] = verdict();
    return [
      h('div', {class: 'top', 'data-key': 'top'}, h('div', null, h('h1', null, title), h('p', null, words))),
      !isOperator(app) && next.upcoming.length > 0 && role(app, 'To let one run now'),
      next.upcoming.length === 0 && next.retry === 0 && empty(),
      applications(), list(app),
    ];
  },
};
