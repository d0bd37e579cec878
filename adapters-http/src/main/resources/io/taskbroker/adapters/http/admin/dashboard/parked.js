// What Kafka has refused, and what is to become of it.

import {h} from './dom.js';
import {get, post} from './api.js';
import {areSeveral, at, cell, everywhere, head, option} from './brokers.js';
import {ask, toast} from './dialogs.js';
import {bytes, count, plural} from './format.js';
import {live} from './live.js';
import {inPieces, lines, listed, numberOf} from './pieces.js';
import {isOperator, mayOrder, whyNot} from './shell.js';

const SHOWN = 50;

const AS = {retry: 'Retry', dead_letter: 'Dead letter', bad_record: 'Bad record', demotion: 'Demoted task'};

const DO = {
  retry: {name: 'Retry', done: 'Tried again', lead: 'It leaves at once, as if Kafka had not refused it. Mend the cause first.', leadAll: 'They leave at once, as if Kafka had not refused them. Mend the cause first.'},
  drop: {name: 'Drop', done: 'Dropped', lead: 'It ends, and is never published. That cannot be undone.', leadAll: 'They end, and are never published. That cannot be undone.'},
};

let rows = [];
let isWhole = true;

/** The oldest of them; nothing is asked while it is known that there are none. */
export async function loadParked() {
  rows = [];
  isWhole = true;
  if (live.status?.tasks.parked === 0) return;
  let page = await get('parked', {limit: SHOWN});
  while (page.parked.length === 0 && page.next !== undefined) page = await get('parked', {limit: SHOWN, after: page.next});
  rows = page.parked;
  isWhole = page.next === undefined;
}

/** A command without it is about the file of a stopped broker. */
const where = names => areSeveral() ? option(names) : ` --broker ${location.origin}`;

function settle(app, act, row) {
  const what = DO[act];
  return ask({
    title: `${what.name} ${row.id}${at(row)}?`,
    lead: what.lead,
    command: `taskbroker parked ${act}${where([row.broker])} '${row.id}' --reason '…'`,
    confirm: what.name,
    isStop: act === 'drop',
    act: async form => {
      await post(`parked/${act}`, {key: row.key, broker: row.broker, reason: form.get('reason')});
      toast(`${what.done}${at(row)}: ${row.id}.`);
      await app.reload();
    },
  });
}

async function through(act, order, onSum) {
  let done = 0;
  const ended = await inPieces(`parked/${act}`, {...order, all: true}, {
    most: Infinity,
    numberAt: (answer, one) => one.verdicts?.done ?? 0,
    onPiece: answer => {
      done += answer.verdicts?.done ?? 0;
      onSum?.(done);
    },
  });
  return {done, ...ended};
}

async function settleAll(app, act) {
  const what = DO[act];
  const found = await through(act, {dry_run: true});
  return ask({
    title: `${what.name} ${found.done === 1 ? 'the one parked row' : `all ${count(found.done)} parked rows`}${everywhere(numberOf(found.byBroker))}?`,
    lead: `All that are parked when you confirm. ${what.leadAll}`,
    body: listed(found.byBroker, 'row', 'rows'),
    command: `taskbroker parked ${act}${where([...found.byBroker].filter(([, there]) => !there.detail).map(([broker]) => broker))} --all --reason '…' --yes`,
    confirm: `${what.name} all`,
    isStop: act === 'drop',
    act: async (form, progress) => {
      const ended = await through(act, {dry_run: false, reason: form.get('reason')}, done => progress(`${count(done)}…`));
      toast(`${what.done}: ${plural(ended.done, 'row', 'rows')}. ${lines(ended.byBroker, 'row', 'rows').join('; ')}`.trim());
      await app.reload();
    },
  });
}

function row(app, one) {
  const facts = {class: 'bare', type: 'button', disabled: !mayOrder(app), title: mayOrder(app) ? null : whyNot(app)};
  return h('tr', {'data-key': `${one.broker} ${one.key}`, 'data-row': true},
    h('th', {scope: 'row', class: 'ctl'}, one.id),
    cell(one),
    h('td', {class: 'lead'}, AS[one.leaves_as]),
    h('td', {class: 'ctl', 'data-l': 'Task'}, one.task ?? h('span', {class: 'm'}, 'none')),
    h('td', {class: 'r', 'data-l': 'Size'}, bytes(one.payload_bytes)),
    h('td', {class: 'all ctl', 'data-l': 'Reason'}, one.reason),
    h('td', {class: 'acts'}, Object.keys(DO).map(act =>
      h('button', {...facts, onclick: () => settle(app, act, one)}, `${DO[act].name}…`, h('span', {class: 'sr'}, ` ${one.id}${at(one)}`)))));
}

/** Nothing while Kafka has refused nothing. */
export function parkedRows(app) {
  if (rows.length === 0) return null;
  return h('section', {'aria-labelledby': 'h-parked', 'data-key': 'parked-rows'},
    h('div', {class: 'head'}, h('h2', {id: 'h-parked'}, 'Refused by Kafka'),
      isOperator(app) && h('div', {class: 'row'}, Object.keys(DO).map(act => h('button', {type: 'button', disabled: !mayOrder(app), onclick: () => settleAll(app, act)}, `${DO[act].name} all…`)))),
    h('p', {class: 's m'}, isWhole ? 'Kept aside, and holding up nothing.' : `Kept aside, and holding up nothing. The oldest ${count(rows.length)} of ${count(live.status.tasks.parked)}${areSeveral() ? `, ${SHOWN} of each broker at most` : ''}.`),
    h('div', {class: 'scroll'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, 'Rows that Kafka has refused'),
      h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Id'), head(), ['Leaves as', 'Task', 'Size', 'Reason'].map(name => h('th', {scope: 'col', class: name === 'Size' ? 'r' : null}, name)), h('th', {scope: 'col'}, h('span', {class: 'sr'}, 'Action')))),
      h('tbody', null, rows.map(one => row(app, one))))));
}
