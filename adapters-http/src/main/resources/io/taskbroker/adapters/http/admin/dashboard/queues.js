// How much there is of each application, namespace and task; what is held back.

import {h, icon} from './dom.js';
import {get} from './api.js';
import {areSeveral, cell, head as brokerHead, list} from './brokers.js';
import {depth} from './charts.js';
import {called, count, plural, rate, span} from './format.js';
import {control, heldBy, inForce, pauseByName, pausedAt} from './pauses.js';
import {isOperator, mayOrder, role} from './shell.js';

const PIECE = 1000;

/** Kinds of tasks of which it is told how long they take. */
const PACES = 50;

/** Few enough to be shown all at once. */
const OPEN_UP_TO = 12;

let kinds = null;
let pieces = 1;
let isAll = true;
let lacking = new Set();
let calling = [];
let asks = new Map();
let flows = new Map();
let paces = null;
let wanted = '';
const folded = new Map();

const sum = (states, ...names) => names.reduce((total, name) => total + (states[name] ?? 0), 0);

function tree() {
  const roots = new Map();
  for (const kind of kinds) {
    if (wanted && ![kind.application, kind.namespace, kind.task].some(name => name.toLowerCase().includes(wanted))) continue;
    let level = roots;
    const path = [kind.application, kind.namespace, kind.task];
    for (let depth = 0; depth < path.length; depth++) {
      const name = path[depth];
      if (!level.has(name)) {
        const target = {application: path[0], ...(depth > 0 && {namespace: path[1]}), ...(depth > 1 && {task: path[2]})};
        level.set(name, {name, depth, target, key: JSON.stringify(path.slice(0, depth + 1)), states: {}, oldest_pending_seconds: undefined, pending: new Map(), within: new Map()});
      }
      const node = level.get(name);
      for (const [state, number] of Object.entries(kind.states)) node.states[state] = (node.states[state] ?? 0) + number;
      node.oldest_pending_seconds = older(node.oldest_pending_seconds, kind.oldest_pending_seconds);
      node.pending.set(kind.broker, (node.pending.get(kind.broker) ?? 0) + (kind.states.pending ?? 0));
      level = node.within;
    }
  }
  return roots;
}

const older = (one, other) => one === undefined ? other : Math.max(one, other ?? 0);

const isOpen = node => folded.get(node.key) ?? (kinds.length <= OPEN_UP_TO || wanted !== '');

function rows(level) {
  return [...level.values()].flatMap(node => [node, ...(isOpen(node) ? rows(node.within) : [])]);
}

function toggle(app, node) {
  folded.set(node.key, !isOpen(node));
  app.draw();
}

const askKey = (broker, application) => `${broker}\u0001${application}`;

/** The brokers at which tasks of these names wait, are not paused, and no worker asks for their application. */
const unasked = node => [...node.pending].filter(([broker, number]) => number > 0 && lacking.has(askKey(broker, node.target.application)) && !heldBy(node.target, broker)).map(([broker]) => broker);

/** Longer ago than this, workers are not said to ask. */
const ASKS_WITHIN_SECONDS = 10;

/**
 * Whether a broker calls workers of an application, and none of them takes anything just now.
 *
 * @param called the workers that are called
 */
export function takesNothing(called, application, broker) {
  const there = called.filter(one => one.application === application && one.broker === broker);
  return there.length > 0 && there.every(one => one.resting === one.connections);
}

/** Of tasks that wait and are not held back: whether somebody asks for them. */
export const asking = seconds => seconds > ASKS_WITHIN_SECONDS ? h('span', {class: 'st m'}, icon('clock'), `Asked ${span(seconds * 1000)} ago`) : h('span', {class: 'st run'}, icon('run'), 'Workers ask');

/** The brokers at which tasks of these names wait. */
const waitingAt = node => [...node.pending].filter(([, number]) => number > 0).map(([broker]) => broker);

/** " at a and b", of some of those that have part in it. */
const atSome = (there, node) => areSeveral() && there.length < node.pending.size ? ` at ${list(there)}` : '';

function state(node) {
  const there = waitingAt(node);
  const without = unasked(node);
  const silent = there.filter(broker => takesNothing(calling, node.target.application, broker));
  if (heldBy(node.target)) return h('span', {class: 'st warn'}, icon('pause'), pausedAt(node.target));
  if (without.length > 0) return h('span', {class: 'st bad'}, icon('stall'), `No worker asks${atSome(without, node)}`);
  if (silent.length > 0) return h('span', {class: 'st bad'}, icon('stall'), `Takes nothing${atSome(silent, node)}`);
  if (there.length > 0) return asking(Math.max(...there.map(broker => asks.get(askKey(broker, node.target.application)) ?? 0)));
  return h('span', {class: 'm'}, 'Nothing waits');
}

/** By application: what comes and goes at all brokers; nothing waits any more when that is so at the last of them. */
function together(applications) {
  const all = new Map();
  for (const one of applications) {
    const there = all.get(one.application);
    all.set(one.application, there === undefined ? one : {
      waiting: there.waiting + one.waiting,
      in_per_second: there.in_per_second + one.in_per_second,
      out_per_second: there.out_per_second + one.out_per_second,
      drain_seconds: there.drain_seconds === undefined || one.drain_seconds === undefined ? undefined : Math.max(there.drain_seconds, one.drain_seconds),
    });
  }
  return all;
}

/** For how long the task that was due first waits for a worker; as a cell. */
export const oldest = row => h('td', {class: `r ${row.oldest_pending_seconds === undefined ? 'm none' : ''}`, 'data-l': 'Oldest'}, row.oldest_pending_seconds === undefined ? '–' : span(row.oldest_pending_seconds * 1000));

/** What comes to an application and leaves it, and when nothing of it will wait; as two cells. */
export function flow(known) {
  if (!known) return [h('td', {class: 'r m none', 'data-l': 'In, out /s'}, '–'), h('td', {class: 'r m none', 'data-l': 'Time to drain'}, '–')];
  return [
    h('td', {class: 'r', 'data-l': 'In, out /s'}, `${rate(known.in_per_second)}, ${rate(known.out_per_second)}`),
    h('td', {class: 'r', 'data-l': 'Time to drain'}, drain(known))];
}

function drain(known) {
  if (known.waiting === 0) return h('span', {class: 'm'}, 'nothing waits');
  if (known.drain_seconds !== undefined) return span(known.drain_seconds * 1000);
  const grows = known.in_per_second - known.out_per_second;
  return h('span', {class: 'warn'}, grows > 0.05 ? `never: grows by ${rate(grows)} /s` : 'never, at these rates');
}

function row(app, node, most) {
  const link = states => `/tasks?${new URLSearchParams({...node.target, ...(states && {state: states})})}`;
  const number = (name, state, ...states) => {
    const value = sum(node.states, state, ...states);
    return h('td', {class: `r ${value === 0 ? 'm none' : ''}`, 'data-l': name}, value === 0 ? '0' : h('a', {href: link(state)}, count(value)));
  };
  const waiting = sum(node.states, 'pending');
  const running = sum(node.states, 'processing', 'claimed');
  const later = sum(node.states, 'delayed', 'retry');
  return h('tr', {class: `l${node.depth + 1}`, 'data-key': node.key, 'data-row': true},
    h('th', {scope: 'row', class: 'ctl'},
      node.depth < 2 && h('button', {class: 'tree', type: 'button', 'aria-expanded': String(isOpen(node)), onclick: () => toggle(app, node)}, icon('more'), h('span', {class: 'sr'}, `What is within ${called(node.name)}`)),
      h('a', {href: link()}, called(node.name))),
    cell({brokers: [...node.pending.keys()]}),
    number('Waiting', 'pending'), oldest(node),
    h('td', {class: 'wide-only'}, depth(running, waiting, later, most, unasked(node).length > 0)),
    number('With workers', 'processing', 'claimed'), number('Delayed', 'delayed'), number('Retry', 'retry'), number('Failed', 'failed'),
    node.depth === 0 ? flow(flows.get(node.name)) : [h('td', {class: 'wide-only'}), h('td', {class: 'wide-only'})],
    h('td', {class: 'lead'}, state(node)),
    h('td', {class: 'acts'}, control(app, node.target)));
}

/** Below a second in milliseconds, below ten with a tenth. */
const short = ms => ms < 1000 ? `${ms} ms` : ms < 10000 ? `${(ms / 1000).toFixed(1)} s` : span(ms);

const ms = (name, spread, which) => h('td', {class: `r ${spread ? '' : 'm'}`, 'data-l': name}, spread ? short(spread[which]) : '–');

/** How long tasks waited and ran that ended lately. */
function times() {
  const shown = paces.tasks.filter(one => !wanted || [one.application, one.namespace, one.task].some(name => name.toLowerCase().includes(wanted)));
  const heads = [['Application'], ['Ended', 'r'], ['Failed', 'r'], ['Wait p50', 'r'], ['Wait p99', 'r'], ['Run p50', 'r'], ['Run p99', 'r']];
  return h('section', {'aria-labelledby': 'h-times', 'data-key': 'times'},
    h('div', {class: 'head'}, h('h2', {id: 'h-times'}, 'How long tasks waited and ran'),
      h('p', {class: 's m'}, shown.length > 0 && `Those that ended in the last ${span(paces.over_seconds * 1000)}. Wait: until a worker had it. Run: until it was done. Half took no longer than p50, 99 of 100 no longer than p99.`)),
    shown.length === 0 ? h('p', {class: 'm'}, paces.tasks.length === 0 ? 'No task has ended in the last minutes. As soon as one does, this says how long it waited for a worker, and how long it ran.' : 'No task of such a name has ended in the last minutes.')
      : h('div', {class: 'scroll'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, 'How long tasks waited and ran, by name'),
        h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Task'), brokerHead(), heads.map(([name, kind]) => h('th', {scope: 'col', class: kind ?? null}, name)))),
        h('tbody', null, shown.map(one => h('tr', {'data-key': JSON.stringify([one.broker, one.application, one.namespace, one.task])},
          h('th', {scope: 'row', class: 'ctl'}, h('a', {href: `/tasks?${new URLSearchParams({application: one.application, namespace: one.namespace, task: one.task, state: 'complete'})}`}, called(one.task))),
          cell(one),
          h('td', {class: 'ctl', 'data-l': 'Application'}, called(one.application), h('span', {class: 'm'}, ` · ${called(one.namespace)}`)),
          h('td', {class: 'r', 'data-l': 'Ended'}, count(one.ended)),
          h('td', {class: `r ${one.failed ? '' : 'm'}`, 'data-l': 'Failed'}, count(one.failed)),
          ms('Wait p50', one.wait, 'p50_ms'), ms('Wait p99', one.wait, 'p99_ms'), ms('Run p50', one.run, 'p50_ms'), ms('Run p99', one.run, 'p99_ms')))))),
    paces.others > 0 && !wanted && h('p', {class: 's m'}, `And ${plural(paces.others, 'task', 'tasks')} of other names.`));
}

const legend = (kind, words) => [h('svg', {class: 'key depth', viewBox: '0 0 14 6', 'aria-hidden': 'true'}, h('rect', {class: kind, width: 14, height: 6})), words];

function verdict(roots) {
  if (roots.size === 0 && kinds.length > 0) return ['No queue has such a name', 'Write less of it, or nothing, to see all.'];
  if (roots.size === 0) return ['No queue has tasks', 'A queue is here as soon as the first task of its name is stored. There is nothing to set up.'];
  const still = [...roots.values()].filter(node => unasked(node).length > 0).map(node => called(node.name));
  const held = [...roots.values()].filter(node => heldBy(node.target));
  if (still.length > 0) return [`No worker asks for ${still.length === 1 ? still[0] : plural(still.length, 'application', 'applications')}`, 'Their tasks wait until a worker of theirs starts.'];
  if (held.length > 0) return [`${held.length === 1 ? `${called(held[0].name)} is` : plural(held.length, 'application is', 'applications are')} paused`, 'What is paused waits until somebody resumes it, or the pause is over.'];
  return [`${plural(roots.size, 'application', 'applications')}, and workers ask for all that waits`, 'Open a row for its namespaces and tasks.'];
}

export default {
  title: () => 'Queues',
  polls: true,

  begin() {
    wanted = '';
    pieces = 1;
    folded.clear();
  },

  async load() {
    const found = [];
    let after;
    for (let piece = 0; piece < pieces; piece++) {
      const answer = await get('queues', {limit: PIECE, after});
      found.push(...answer.queues);
      after = answer.next;
      if (after === undefined) break;
    }
    const [{applications}, lately, called] = await Promise.all([get('applications'), get('paces', {limit: PACES}), get('called-workers')]);
    calling = called.called_workers;
    asks = new Map(applications.map(one => [askKey(one.broker, one.application), one.last_asked_seconds_ago]));
    flows = together(lately.applications);
    paces = lately;
    lacking = new Set(applications.filter(one => one.lacks_workers).map(one => askKey(one.broker, one.application)));
    kinds = found;
    isAll = after === undefined;
  },

  view(app) {
    if (kinds === null) return h('p', {class: 'm', 'data-key': 'wait'}, 'Asking the broker…');
    const roots = tree();
    const most = Math.max(1, ...[...roots.values()].map(node => sum(node.states, 'pending', 'processing', 'claimed', 'delayed', 'retry')));
    const [head, words] = verdict(roots);
    const heads = [['Waiting', 'r'], ['Oldest', 'r'], ['Bar', 'wide-only', true], ['With workers', 'r'], ['Delayed', 'r'], ['Retry', 'r'], ['Failed', 'r'], ['In, out /s', 'r'], ['Time to drain', 'r'], ['State'], ['Action', '', true]];
    return [
      h('div', {class: 'top', 'data-key': 'top'}, h('div', null, h('h1', null, head), h('p', null, words)),
        h('button', {type: 'button', disabled: !mayOrder(app), onclick: () => pauseByName(app)}, 'Pause by name…')),
      !isOperator(app) && role(app, 'To pause or resume'),
      kinds.length > 0 && h('form', {class: 'filters', 'data-key': 'filters', onsubmit: event => event.preventDefault()},
        h('label', null, h('span', null, 'Name contains'), h('input', {type: 'search', value: wanted, placeholder: 'mail, send_…', size: 22, oninput: event => { wanted = event.target.value.toLowerCase(); app.draw(); }})),
        h('p', {class: 's m wide-only'}, 'Bar, one scale for all:', legend('run', 'with workers'), legend('wait', 'waiting'), legend('later', 'later: delayed or retried'))),
      roots.size > 0 && h('div', {class: 'scroll', 'data-key': 'table'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, 'Queues: applications, namespaces and tasks'),
        h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Name'), brokerHead(), heads.map(([name, kind, isHidden]) => h('th', {scope: 'col', class: kind ?? null}, isHidden ? h('span', {class: 'sr'}, name) : name)))),
        h('tbody', null, rows(roots).map(node => row(app, node, most))))),
      !isAll && h('p', {class: 'row', 'data-key': 'more'}, `The first ${count(kinds.length)} kinds of tasks, by name.`, h('button', {type: 'button', onclick: () => { pieces++; app.reload(); }}, 'Show more')),
      times(),
      inForce(app),
    ];
  },
};
