// What is logged, and logging more or less for a while.

import {h} from './dom.js';
import {get, InPart, post} from './api.js';
import {addressed, at, cell, each, everywhere, head, list} from './brokers.js';
import {ask, toast} from './dialogs.js';
import {lasting, moment, relative, shell} from './format.js';
import {live, now} from './live.js';
import {role, whyNot} from './shell.js';

const LEVELS = ['debug', 'trace', 'info', 'warn', 'error', 'off'];
const FOR = [[600, '10 minutes'], [3600, '1 hour'], [14400, '4 hours'], [0, 'Until somebody ends it, or the broker stops']];

let found = null;

export async function load() {
  found = await get('log-level');
}

const called = target => target === '' ? 'All without a level of their own' : target;

const isAdmin = app => app.me?.role === 'admin';

function change(app) {
  return ask({
    title: `Log more, or less${everywhere()}?`,
    lead: 'From the next line on, without a restart. The next start logs as configured.',
    body: h('div', {class: 'filters'},
      h('label', null, h('span', null, 'Level'), h('select', {name: 'level'}, LEVELS.map(level => h('option', {value: level}, level)))),
      h('label', null, h('span', null, 'Of loggers that begin with'), h('input', {name: 'target', maxlength: 2000, autocomplete: 'off', spellcheck: 'false', placeholder: 'taskbroker::store, or nothing for all'})),
      h('label', null, h('span', null, 'For'), h('select', {name: 'for'}, FOR.map(([seconds, words]) => h('option', {value: String(seconds)}, words))))),
    command: form => `taskbroker log-level${addressed()} ${form.get('level')}${form.get('target').trim() === '' ? '' : ` ${shell(form.get('target').trim())}`}${lasting(Number(form.get('for')))} --reason '…'`,
    confirm: 'Change it', keep: 'Leave it',
    act: async form => {
      const order = {level: form.get('level'), target: form.get('target').trim(), for_seconds: Number(form.get('for')), reason: form.get('reason')};
      const answer = await post('log-level', order).catch(async e => {
        // This page does not ask again by itself.
        if (e instanceof InPart) await app.reload();
        throw e;
      });
      toast(`Logged at ${form.get('level')}: ${called(form.get('target').trim())}.${each(answer)}`);
      await app.reload();
    },
  });
}

function end(app, {target, broker}) {
  return ask({
    title: `Log as configured again${at({broker})}?`,
    lead: called(target),
    command: `taskbroker log-level configured${addressed([broker])} ${target === '' ? '' : `${shell(target)} `}--reason '…'`,
    confirm: 'Log as configured', keep: 'Leave it',
    act: async form => {
      await post('log-level/end', {target, broker, reason: form.get('reason')});
      toast(`Logged as configured again${at({broker})}.`);
      await app.reload();
    },
  });
}

/** Once where it is the same at all brokers. */
function configured() {
  const all = Map.groupBy(found.brokers.filter(one => one.status === 200), one => one.configured);
  return [...all].map(([words, there]) => h('p', {'data-key': `configured ${words}`},
    `As configured${all.size > 1 ? ` at ${list(there.map(one => one.broker))}` : ''}: `, h('code', {class: 'ctl'}, words === '' ? 'unknown' : words)));
}

export function view(app) {
  if (found === null) return null;
  const mayChange = isAdmin(app) && live.lost === null;
  const may = {disabled: !mayChange, title: mayChange ? null : whyNot(app, 'admin')};
  return h('section', {'aria-labelledby': 'h-log', 'data-key': 'log'},
    h('div', {class: 'head'}, h('h2', {id: 'h-log'}, 'What is logged'),
      h('button', {type: 'button', ...may, onclick: () => change(app)}, 'Log more or less…')),
    configured(),
    !isAdmin(app) && role(app, 'To change it', 'admin'),
    found.changes.length > 0 && h('div', {class: 'scroll hint'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, 'Logged in another way for the time being'),
      h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Loggers'), head(), ['Level', 'Since', 'Until', 'By', 'Reason'].map(name => h('th', {scope: 'col'}, name)), h('th', {scope: 'col'}, h('span', {class: 'sr'}, 'Action')))),
      h('tbody', null, found.changes.map(one => h('tr', {'data-key': `${one.broker}\u0001${one.target}`},
        h('th', {scope: 'row', class: 'ctl'}, called(one.target)),
        cell(one),
        h('td', {class: 'lead'}, one.level),
        h('td', {'data-l': 'Since', class: 'n'}, moment(one.since, now())),
        h('td', {'data-l': 'Until', class: 'n'}, one.until ? `${moment(one.until, now())}, ${relative(one.until, now())}` : 'ended'),
        h('td', {'data-l': 'By'}, one.by),
        h('td', {class: 'all ctl', 'data-l': 'Reason'}, one.reason || h('span', {class: 'm'}, 'not said')),
        h('td', {class: 'acts'}, h('button', {class: 'bare', type: 'button', ...may, onclick: () => end(app, one)}, 'End…', h('span', {class: 'sr'}, ` ${called(one.target)}${at(one)}`)))))))));
}
