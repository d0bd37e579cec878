// Holding tasks back, and letting them go on.

import {h, icon} from './dom.js';
import {post} from './api.js';
import {addressed, areSeveral, brokers, cell, each, head, list} from './brokers.js';
import {ask, toast} from './dialogs.js';
import {lasting, moment, names, relative, shell} from './format.js';
import {live, now} from './live.js';
import {mayOrder, whyNot} from './shell.js';

export const FOR = [[0, 'Until somebody resumes it'], [600, '10 minutes'], [3600, '1 hour'], [14400, '4 hours'], [86400, '1 day']];

const KINDS = ['application', 'namespace', 'task', 'topic'];

export const options = target => KINDS.filter(kind => target[kind] !== undefined && target[kind] !== null)
  .map(kind => `--${kind} ${shell(target[kind])}`).join(' ');

const only = target => Object.fromEntries(KINDS.filter(kind => target[kind] !== undefined && target[kind] !== null).map(kind => [kind, target[kind]]));

export const isSame = (a, b) => KINDS.every(kind => (a[kind] ?? null) === (b[kind] ?? null));

/** The pause of exactly these names; undefined if there is none. */
export const pauseOf = target => live.status?.pauses.find(pause => isSame(pause, target));

const holds = (pause, target) => (pause.topic ?? null) === null && KINDS.every(kind => (pause[kind] ?? null) === null || pause[kind] === target[kind]);

/** A pause that holds back all tasks of these names; at this broker, if one is named. */
export const heldBy = (target, broker) => live.status?.pauses.find(pause => holds(pause, target) && (broker === undefined || pause.broker === broker));

/** That it is paused, and at which brokers if not at all of them. */
export function pausedAt(target) {
  const there = [...new Set(live.status.pauses.filter(pause => holds(pause, target)).map(pause => pause.broker))];
  return areSeveral() && there.length < brokers().length ? `Paused at ${list(there)}` : 'Paused';
}

async function send(app, target, form) {
  const seconds = Number(form.get('for'));
  const answer = await post('pauses', {...target, reason: form.get('reason'), for_seconds: seconds});
  toast(`Paused: ${names(target)}. Workers keep what they have.${each(answer)}`);
  await app.reload();
}

const howLong = () => h('label', null, h('span', null, 'For'),
  h('select', {name: 'for'}, FOR.map(([seconds, words]) => h('option', {value: String(seconds)}, words))));

export function pause(app, target) {
  return ask({
    title: `Pause ${names(target)}?`,
    lead: 'Nothing of it is handed out any more. What workers have already they keep, and new tasks are still taken in.',
    body: howLong(),
    command: form => `taskbroker pause${addressed()} ${options(target)}${lasting(Number(form.get('for')))} --reason '…' --yes`,
    confirm: `Pause ${names(target)}`,
    keep: 'Let it run',
    act: form => send(app, only(target), form),
  });
}

/** Pauses whatever names are written down: those of what has no tasks yet, or comes from a topic. */
export function pauseByName(app) {
  return ask({
    title: 'Pause tasks by their names?',
    lead: 'Tasks that have all of the names that you give are held back, those that come later too.',
    body: [
      h('div', {class: 'filters'}, KINDS.map(kind => h('label', null, h('span', null, kind[0].toUpperCase() + kind.slice(1)),
        h('input', {name: kind, autocomplete: 'off', placeholder: 'Any', maxlength: 2000})))),
      howLong(),
    ],
    confirm: 'Pause them',
    keep: 'Let them run',
    act: form => send(app, Object.fromEntries(KINDS.map(kind => [kind, form.get(kind)]).filter(([, name]) => name !== '')), form),
  });
}

export function resume(app, target) {
  return ask({
    title: `Resume ${names(target)}?`,
    lead: 'Its tasks are handed out again, at their old places.',
    command: `taskbroker resume${addressed()} ${options(target)} --reason '…'`,
    confirm: `Resume ${names(target)}`,
    keep: 'Leave it paused',
    act: async form => {
      const answer = await post('pauses/end', {...only(target), reason: form.get('reason')});
      toast(`Resumed: ${names(target)}.${each(answer)}`);
      await app.reload();
    },
  });
}

/** The button that does what can be done now. */
export function control(app, target) {
  const isPaused = pauseOf(target) !== undefined;
  const facts = {class: 'bare', type: 'button', disabled: !mayOrder(app), title: mayOrder(app) ? null : whyNot(app)};
  return isPaused
    ? h('button', {...facts, onclick: () => resume(app, target)}, 'Resume…', h('span', {class: 'sr'}, ` ${names(target)}`))
    : h('button', {...facts, onclick: () => pause(app, target)}, 'Pause…', h('span', {class: 'sr'}, ` ${names(target)}`));
}

/** All pauses in force. */
export function inForce(app) {
  const pauses = live.status?.pauses ?? [];
  return h('section', {'aria-labelledby': 'h-force', 'data-key': 'force'},
    h('div', {class: 'head'}, h('h2', {id: 'h-force'}, 'In force now')),
    pauses.length === 0 ? h('p', {class: 'm'}, 'Nothing is paused.')
      : h('div', {class: 'scroll'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, 'Pauses in force'),
        h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'What'), head(), ['Kind', 'Since', 'Until', 'By', 'Reason'].map(name => h('th', {scope: 'col'}, name)), h('th', {scope: 'col'}, h('span', {class: 'sr'}, 'Action')))),
        h('tbody', null, pauses.map(one => h('tr', {'data-key': [one.broker, ...KINDS.map(kind => one[kind] ?? '\u0000')].join('\u0001')},
          h('th', {scope: 'row', class: 'ctl'}, names(one)),
          cell(one),
          h('td', {class: 'lead'}, h('span', {class: 'st warn'}, icon('pause'), 'Paused')),
          h('td', {'data-l': 'Since', class: 'n'}, moment(one.since, now())),
          h('td', {'data-l': 'Until', class: 'n'}, one.until ? `${moment(one.until, now())}, ${relative(one.until, now())}` : 'resumed'),
          h('td', {'data-l': 'By'}, one.by),
          h('td', {class: 'all ctl', 'data-l': 'Reason'}, one.reason || h('span', {class: 'm'}, 'not said')),
          h('td', {class: 'acts'}, control(app, one))))))));
}
