// Kill switches and demotions: what is in force, where it comes from, what it has done.

import {h, icon} from './dom.js';
import {get} from './api.js';
import {at, cell, head, list, of} from './brokers.js';
import {count, moment, plural, relative, sentence} from './format.js';
import {now} from './live.js';
import {endRule, newRule} from './rule-orders.js';
import {isOperator, mayOrder, role, whyNot} from './shell.js';

const KINDS = {drop_task: ['fail', 'bad', 'Dropped'], drop_by_arguments: ['fail', 'bad', 'Dropped by arguments'], send_off: ['more', 'warn', 'Sent off']};

let found = null;

function origin(told) {
  if (!told.file) return 'There is no file of rules. The setting runtime_config_path names one; what is written there is in force within two seconds.';
  return told.since ? `From ${told.file}, in force since ${moment(told.since, now())}. What is changed there is in force within two seconds.` : `From ${told.file}, which could not be used yet.`;
}

/** Once where it is the same at all brokers. */
function origins() {
  const all = Map.groupBy(found.brokers.filter(one => one.status === 200), origin);
  return all.size < 2 ? h('p', null, origin(found))
    : [...all].map(([words, there]) => h('p', {class: 'ctl'}, `${list(there.map(one => one.broker))}: ${words}`));
}

function from(order) {
  if (order === undefined) return h('span', {class: 'm'}, 'the file');
  return `${order.by}, ${moment(order.since, now())}${order.until ? `, ends ${relative(order.until, now())}` : ''}${order.reason ? `: ${order.reason}` : ''}`;
}

function row(app, rule) {
  const [shape, kind, words] = KINDS[rule.kind] ?? ['more', '', rule.kind];
  const query = rule.task === undefined ? {namespace: rule.namespace} : {task: rule.task};
  return h('tr', {'data-key': `${rule.broker} ${rule.order?.id ?? ''} ${rule.kind} ${rule.task ?? rule.namespace} ${rule.condition ?? ''}`, 'data-row': true},
    h('th', {scope: 'row', class: 'ctl'}, rule.task ?? h('span', null, h('span', {class: 'm'}, 'namespace '), rule.namespace)),
    cell(rule),
    h('td', {class: 'lead'}, h('span', {class: `st ${kind}`}, icon(shape), words)),
    h('td', {class: 'all ctl', 'data-l': 'Where'}, rule.condition ?? (rule.target ? `to ${rule.target}` : h('span', {class: 'm'}, 'always'))),
    h('td', {class: `r ${rule.stored ? '' : 'm'}`, 'data-l': 'Stored now'}, rule.stored === undefined ? '–' : rule.stored === 0 ? '0' : h('a', {href: `/tasks?${new URLSearchParams(query)}`}, count(rule.stored))),
    h('td', {class: `r ${rule.done ? '' : 'm'}`, 'data-l': 'Since the start'}, count(rule.done)),
    h('td', {class: 'all ctl', 'data-l': 'From'}, from(rule.order)),
    h('td', {class: 'acts'}, rule.order && h('button', {class: 'bare', type: 'button', disabled: !mayOrder(app), title: mayOrder(app) ? null : whyNot(app), onclick: () => endRule(app, rule)}, 'End…', h('span', {class: 'sr'}, ` ${rule.task ?? rule.namespace}${at(rule)}`))));
}

export default {
  title: () => 'Rules',
  polls: true,

  async load() {
    found = await get('rules');
  },

  view(app) {
    if (found === null) return h('p', {class: 'm', 'data-key': 'wait'}, 'Asking the broker…');
    const {rules} = found;
    return [
      h('div', {class: 'top', 'data-key': 'top'}, h('div', null,
        h('h1', null, found.trouble ? 'The file of rules cannot be used' : rules.length === 0 ? 'No rule is in force' : `${plural(rules.length, 'rule is', 'rules are')} in force`),
        origins()),
        h('button', {type: 'button', disabled: !mayOrder(app), onclick: () => newRule(app)}, 'New rule…')),
      !isOperator(app) && role(app, 'To put a rule in force'),
      found.trouble && h('div', {class: 'stall wide', role: 'alert', 'data-key': 'trouble'}, h('h2', null, 'The rules stay as they were'), found.brokers.filter(one => one.trouble).map(one => h('p', {class: 'ctl', 'data-key': one.broker}, `${of(one)}${sentence(one.trouble)}`))),
      rules.length > 0 && h('div', {class: 'scroll', 'data-key': 'table'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, 'Rules in force'),
        h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Name'), head(), [['What becomes of them'], ['Where'], ['Stored now', 'r'], ['Since the start', 'r'], ['From']].map(([name, kind]) => h('th', {scope: 'col', class: kind ?? null}, name)), h('th', {scope: 'col'}, h('span', {class: 'sr'}, 'Action')))),
        h('tbody', null, rules.map(rule => row(app, rule))))),
      rules.length > 0 && h('p', {class: 's m hint', 'data-key': 'note'}, 'Numbers are of all tasks of the name. Those with other arguments than a rule asks for are left alone. To hold tasks back and keep them, ', h('a', {href: '/queues'}, 'pause them'), '.'),
    ];
  },
};
