// What has been done to this broker, and by whom.

import {h} from './dom.js';
import {get} from './api.js';
import {areSeveral, cell, head} from './brokers.js';
import {local, moment, plural} from './format.js';
import {now} from './live.js';

let entries = null;

function since() {
  const who = areSeveral() ? 'each of these processes' : 'this process';
  return entries.length === 0 ? `Since ${who} started.` : `To ${who} since it started, the newest first.`;
}

export default {
  title: () => 'Audit',
  polls: true,

  async load() {
    entries = (await get('audit')).audit;
  },

  view: () => entries === null ? h('p', {class: 'm', 'data-key': 'wait'}, 'Asking the broker…') : [
    h('div', {class: 'top'}, h('div', null,
      h('h1', null, entries.length === 0 ? 'Nobody has ordered anything' : plural(entries.length, 'order was given', 'orders were given')),
      h('p', null, `${since()} The log has all orders, under taskbroker::audit.`))),
    entries.length > 0 && h('div', {class: 'scroll'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, 'Orders'),
      h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'When'), head(), ['Who', 'What', 'Why', 'What became of it'].map(name => h('th', {scope: 'col'}, name)))),
      h('tbody', null, entries.map(entry => h('tr', null,
        h('th', {scope: 'row', class: 'n'}, h('time', {datetime: entry.at}, moment(entry.at, now()))),
        cell(entry),
        h('td', {class: 'lead'}, entry.actor),
        h('td', {class: 'all ctl', 'data-l': 'What'}, local(entry.order, now())),
        h('td', {class: 'all ctl', 'data-l': 'Why'}, entry.reason || h('span', {class: 'm'}, 'not said')),
        h('td', {class: 'all ctl', 'data-l': 'What became of it'}, entry.result)))))),
  ],
};
