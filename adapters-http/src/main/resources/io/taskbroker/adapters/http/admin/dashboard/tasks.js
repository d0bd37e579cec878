// Finds tasks, and does something to some of them or to all that match.

import {h, icon} from './dom.js';
import {get} from './api.js';
import {ACTS, all, some} from './acts.js';
import {areSeveral, cell, head as brokerHead} from './brokers.js';
import {copy} from './dialogs.js';
import {called, count, failure, FAILURES, OUTCOMES, plural, relative, sentence, span, STATES} from './format.js';
import {now} from './live.js';
import {isOperator, mayOrder, role} from './shell.js';

const LIMIT = 50;

/** Pieces of a search that finds nothing; each looks at 20 000 rows. */
const MOST_PIECES = 25;

const FILTERS = [['application', 'Application', 'Any'], ['namespace', 'Namespace', 'Any'], ['task', 'Task name', 'Any'], ['id_part', 'Id contains', '0198f3a…']];

const AGE = 'older_than_seconds';

/** Ages to choose from, in seconds. */
const AGES = [60, 600, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600];

/** All that a search says. */
const NAMES = [...FILTERS.map(([one]) => one), AGE, 'state'];

let filter = {};
let trail = [];
let page = null;
let looked = 0;
const selected = new Map();

const place = after => `/tasks?${new URLSearchParams({...filter, ...(after && {after})})}`;

function search(app, form) {
  const said = new FormData(form);
  filter = {};
  for (const name of NAMES) {
    const value = (said.get(name) ?? '').trim();
    if (value) filter[name] = name === AGE ? Number(value) : value;
  }
  trail = [];
  app.go(place());
}

function chip(app, state) {
  const [shape, words] = state ? STATES[state] : [null, 'Not over'];
  return h('label', null, h('input', {type: 'radio', name: 'state', value: state, checked: (filter.state ?? '') === state, onchange: event => search(app, event.target.form)}), shape && icon(shape), words);
}

/** An address may name an age that is none of these. */
function ages(app) {
  const given = filter[AGE] ?? '';
  const all = [...new Set([...AGES, ...(given > 0 ? [given] : [])])].sort((a, b) => a - b);
  return h('label', null, h('span', null, 'Older than'), h('select', {name: AGE, value: given, onchange: event => search(app, event.target.form)}, h('option', {value: ''}, 'Any age'),
    all.map(age => h('option', {value: age}, span(age * 1000)))));
}

function filters(app) {
  return h('form', {class: 'filters', 'data-key': 'filters', onsubmit: event => { event.preventDefault(); search(app, event.target); }},
    FILTERS.map(([name, words, hint]) => h('label', null, h('span', null, words), h('input', {type: 'search', name, value: filter[name] ?? '', placeholder: hint, size: 14, maxlength: 2000, autocomplete: 'off', spellcheck: 'false'}))),
    ages(app),
    h('button', {type: 'submit'}, icon('find'), 'Find'),
    h('fieldset', {class: 'chips'}, h('legend', {class: 'sr'}, 'State'), chip(app, ''), Object.keys(STATES).map(state => chip(app, state))));
}

/** What stands before a task, in a few words. */
export function next(task) {
  if (task.parked) return `Kafka refused it: ${task.parked}`;
  if (task.outcome) return sentence(`${OUTCOMES[task.outcome] ?? task.outcome}, ${relative(task.ended_at, now())}`);
  if (task.failure) return sentence(failure(task.failure));
  if (task.with_worker_until) return new Date(task.with_worker_until) > now() ? `Deadline ${relative(task.with_worker_until, now())}` : `Its deadline was over ${relative(task.with_worker_until, now())}`;
  if (task.state === 'delayed') return `Due ${relative(task.delayed_until, now())}`;
  if (task.expires_at && task.state === 'pending') return `Expires ${relative(task.expires_at, now())}`;
  return '';
}

export function status(task) {
  const [shape, words, kind] = FAILURES.includes(task.outcome) ? ['fail', 'Over, failed', 'bad'] : STATES[task.state];
  return h('span', {class: `st ${kind}`}, icon(shape), words);
}

/** After a rebalance two brokers may have the same task for a while. */
const keyOf = task => areSeveral() ? `${task.broker}\u0001${task.id}` : task.id;

/** Its page. */
export const pathOf = task => `/task?${new URLSearchParams({id: task.id, ...(areSeveral() && {broker: task.broker})})}`;

function row(app, task) {
  const key = keyOf(task);
  const pick = event => {
    if (event.target.checked) selected.set(key, task);
    else selected.delete(key);
    app.draw();
  };
  return h('tr', {'data-key': key, 'data-row': true, 'aria-selected': selected.has(key) ? 'true' : null},
    isOperator(app) && h('td', {class: 'pick'}, h('input', {type: 'checkbox', checked: selected.has(key), 'aria-label': `Select task ${task.id}`, onchange: pick})),
    h('th', {scope: 'row', class: 'ctl'}, called(task.task)),
    h('td', {class: 'all ctl'}, h('a', {class: 'id', href: pathOf(task)}, task.id || '(no id)')),
    cell(task),
    h('td', {class: 'lead'}, status(task)),
    !filter.application && h('td', {class: 'ctl', 'data-l': 'Application'}, called(task.application)),
    h('td', {class: 'r', 'data-l': 'Age'}, span(now() - new Date(task.received_at))),
    h('td', {class: `r ${task.attempts ? '' : 'm'}`, 'data-l': 'Missed deadlines'}, count(task.attempts)),
    h('td', {class: 'all cut'}, next(task)));
}

function bulk(app) {
  if (!isOperator(app)) return role(app, 'To do something to tasks');
  const chosen = [...selected.values()];
  const isFiltered = Object.keys(filter).length > 0;
  const act = async name => {
    try {
      const done = await (chosen.length > 0 ? some(app, name, chosen) : all(app, name, filter));
      if (done) {
        selected.clear();
        app.draw();
      }
    } catch (e) {
      app.trouble = e.message;
      app.draw();
    }
  };
  return h('div', {class: 'bulk', role: 'group', 'aria-label': 'What to do to them', 'data-key': 'bulk'},
    h('strong', null, chosen.length > 0 ? `${count(chosen.length)} selected` : isFiltered ? 'All that match' : 'All tasks'),
    chosen.length > 0 && h('button', {class: 'bare', type: 'button', onclick: () => { selected.clear(); app.draw(); }}, 'Select none'),
    Object.entries(ACTS).map(([name, {word, isStop}]) => h('button', {type: 'button', class: isStop ? 'stop' : null, disabled: !mayOrder(app), onclick: () => act(name)}, `${word}…`)));
}

function pickAll(app, event) {
  for (const task of page.tasks) {
    if (event.target.checked) selected.set(keyOf(task), task);
    else selected.delete(keyOf(task));
  }
  app.draw();
}

function table(app) {
  const heads = [['State'], ...(filter.application ? [] : [['Application']]), ['Age', 'r'], ['Missed deadlines', 'r'], ['Last error, or what comes next']];
  return h('table', {class: 'stack'}, h('caption', {class: 'sr'}, 'Tasks, in the order of their arrival'),
    h('thead', null, h('tr', null,
      isOperator(app) && h('th', {scope: 'col'}, h('input', {type: 'checkbox', 'aria-label': 'Select all of this page', checked: page.tasks.every(task => selected.has(keyOf(task))), onchange: event => pickAll(app, event)})),
      h('th', {scope: 'col'}, 'Task'), h('th', {scope: 'col'}, 'Id'), brokerHead(), heads.map(([name, kind]) => h('th', {scope: 'col', class: kind ?? null}, name)))),
    h('tbody', null, page.tasks.map(task => row(app, task))));
}

function empty() {
  if (page.next !== undefined) return h('p', null, `None in the ${count(Math.min(looked, MOST_PIECES) * 20000)} rows that were looked at, and there are more. Name an application, or go on with “Younger”.`);
  const set = Object.keys(filter).length;
  return set === 0 ? h('p', null, 'Tasks are here from when they are stored until they are over. Those that ended lately are found with the state “Over”, until this broker stops.')
    : h('p', null, `${plural(set, 'filter is', 'filters are')} set. `, h('a', {href: '/tasks'}, set === 1 ? 'Clear it' : 'Clear them'), '. A task that is over is found with the state “Over”, while it is still kept.');
}

const head = () => page.tasks.length === 0 ? (Object.keys(filter).length === 0 ? 'No task is here' : 'No task matches')
  : page.next === undefined && trail.length === 0 ? `${plural(page.tasks.length, 'task matches', 'tasks match')}` : `${plural(page.tasks.length, 'task', 'tasks')}, and there are more`;

export default {
  title: () => 'Tasks',
  polls: true,

  begin(app, query) {
    filter = {};
    for (const name of NAMES) {
      if (query.has(name)) filter[name] = name === AGE ? Number(query.get(name)) : query.get(name);
    }
    if (!query.has('after')) trail = [];
    page = null;
    selected.clear();
  },

  async load() {
    let after = new URLSearchParams(location.search).get('after') ?? undefined;
    let found = null;
    for (looked = 1; looked <= MOST_PIECES; looked++) {
      found = await get('tasks', {...filter, limit: LIMIT, after});
      if (found.tasks.length > 0 || found.next === undefined) break;
      after = found.next;
    }
    page = found;
  },

  view(app) {
    return [
      h('div', {class: 'top', 'data-key': 'top'}, h('div', null, h('h1', null, page === null ? 'Tasks' : head()), h('p', null, areSeveral() ? `What is in the brokers, ${LIMIT} of each, in the order of arrival.` : 'What is in this broker, in the order of arrival.')),
        h('button', {class: 'wide-only', type: 'button', onclick: () => copy(location.href)}, icon('copy'), 'Copy link')),
      h('details', {class: 'fold', 'data-key': 'fold', open: innerWidth > 640 || Object.keys(filter).length > 0}, h('summary', null, icon('more'), 'Filters'), filters(app)),
      page === null ? h('p', {class: 'm', 'data-key': 'wait'}, 'Asking the broker…') : [
        page.tasks.length === 0 ? h('div', {class: 'panel', 'data-key': 'none'}, empty()) : h('div', {class: 'scroll', 'data-key': 'table'}, bulk(app), table(app)),
        (page.tasks.length > 0 || page.next !== undefined || trail.length > 0) && h('nav', {class: 'row between hint', 'aria-label': 'Pages of the list', 'data-key': 'pages'},
          h('p', {class: 'm'}, page.tasks.length > 0 && `The oldest of these came ${span(now() - new Date(page.tasks[0].received_at))} ago.`),
          h('div', {class: 'row'},
            h('button', {type: 'button', disabled: trail.length === 0, onclick: () => { const to = trail.pop(); app.go(place(to)); }}, 'Older'),
            h('button', {type: 'button', disabled: page.next === undefined, onclick: () => { trail.push(new URLSearchParams(location.search).get('after') ?? ''); app.go(place(page.next)); }}, 'Younger'))),
      ],
    ];
  },
};
