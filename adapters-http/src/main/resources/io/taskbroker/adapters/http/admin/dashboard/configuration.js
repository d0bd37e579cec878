// With what configuration the broker was started, and where each value was written.

import {h} from './dom.js';
import {get} from './api.js';
import {areSeveral, brokers, cell, head} from './brokers.js';
import {count, plural} from './format.js';
import * as log from './log-level.js';

let settings = null;
let wanted = '';
let onlyGiven = false;

const matches = one => (!onlyGiven || one.is_given) && (wanted === '' || one.key.toLowerCase().includes(wanted) || one.meaning.toLowerCase().includes(wanted));

const written = text => text === undefined ? h('span', {class: 'm'}, 'unset') : text === '' ? h('span', {class: 'm'}, 'empty') : h('code', null, text);

const row = one => h('tr', {'data-key': `${one.broker} ${one.key}`, 'data-row': true},
  h('th', {scope: 'row', class: 'ctl'}, h('code', null, one.key)),
  cell(one),
  h('td', {class: 'all ctl', 'data-l': 'Value'}, written(one.value)),
  h('td', {class: 'all ctl m', 'data-l': 'Default'}, one.default ?? '–'),
  h('td', {class: 'ctl', 'data-l': 'Written in'}, one.is_given ? one.origin : h('span', {class: 'm'}, 'nowhere')),
  h('td', {class: 'all', 'data-l': 'Meaning'}, one.meaning));

function section(name, all) {
  return h('section', {'aria-label': name, 'data-key': name},
    h('div', {class: 'head'}, h('h2', {class: 'ctl'}, name)),
    h('div', {class: 'scroll'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, name),
      h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Key'), head(), ['Value', 'Default', 'Written in', 'Meaning'].map(one => h('th', {scope: 'col'}, one)))),
      h('tbody', null, all.map(row)))));
}

export default {
  title: () => 'Configuration',

  begin() {
    wanted = '';
    onlyGiven = false;
  },

  async load() {
    [{settings}] = await Promise.all([get('configuration'), log.load()]);
  },

  view(app) {
    if (settings === null) return h('p', {class: 'm', 'data-key': 'wait'}, 'Asking the broker…');
    const given = settings.filter(one => one.is_given).length;
    const found = Map.groupBy(settings.filter(matches), one => one.section);
    return [
      h('div', {class: 'top', 'data-key': 'top'}, h('div', null,
        h('h1', null, given === 0 ? 'All settings are defaults' : `${count(given)} of ${plural(settings.length, 'setting was', 'settings were')} written`),
        h('p', null, `${areSeveral() ? `Counted at ${brokers().length} brokers. ` : ''}They were read at the start; a change takes a restart. Passwords and keys are stars.`))),
      h('form', {class: 'filters', 'data-key': 'filters', onsubmit: event => event.preventDefault()},
        h('label', null, h('span', null, 'Key or meaning contains'), h('input', {type: 'search', value: wanted, placeholder: 'store, kafka…', size: 22, oninput: event => { wanted = event.target.value.toLowerCase(); app.draw(); }})),
        h('label', null, h('span', null, 'Written by'), h('select', {onchange: event => { onlyGiven = event.target.value !== ''; app.draw(); }}, h('option', {value: ''}, 'Any'), h('option', {value: 'given'}, 'Somebody')))),
      found.size === 0 && h('p', {class: 'm', 'data-key': 'none'}, settings.length === 0 ? 'This broker was not started from a configuration.' : 'No setting matches. Write less of it.'),
      [...found].map(([name, all]) => section(name, all)),
      log.view(app),
    ];
  },
};
