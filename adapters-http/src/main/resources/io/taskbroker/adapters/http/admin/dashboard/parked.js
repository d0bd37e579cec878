// What Kafka has refused, and what is to become of it.

import {h} from './dom.js';
import {get, post} from './api.js';
import {ask, toast} from './dialogs.js';
import {bytes, count, plural} from './format.js';
import {live} from './live.js';
import {mayOrder, whyNot} from './shell.js';

const SHOWN = 50;

const AS = {retry: 'Retry', dead_letter: 'Dead letter', bad_record: 'Bad record', demotion: 'Demoted task'};

const DO = {
  retry: {name: 'Retry', done: 'Tried again', lead: 'It leaves at once, as if Kafka had not refused it. Mend the cause first.'},
  drop: {name: 'Drop', done: 'Dropped', lead: 'It ends, and is never published. That cannot be undone.'},
};

let rows = [];
let isWhole = true;

/** The oldest of them; nothing is asked while none is counted. */
export async function loadParked() {
  rows = [];
  isWhole = true;
  if (!live.status?.tasks.parked) return;
  let page = await get('parked', {limit: SHOWN});
  while (page.parked.length === 0 && page.next !== undefined) page = await get('parked', {limit: SHOWN, after: page.next});
  rows = page.parked;
  isWhole = page.next === undefined;
}

function settle(app, act, row) {
  const what = DO[act];
  return ask({
    title: `${what.name} ${row.id}?`,
    lead: what.lead,
    command: `taskbroker parked ${act} --broker ${location.origin} '${row.id}'`,
    confirm: what.name,
    isStop: act === 'drop',
    act: async form => {
      await post(`parked/${act}`, {key: row.key, reason: form.get('reason')});
      toast(`${what.done}: ${row.id}.`);
      await app.reload();
    },
  });
}

async function pieces(act, order, progress) {
  let done = 0;
  let after = 0;
  for (let isLast = false; !isLast;) {
    const piece = await post(`parked/${act}`, {...order, all: true, after});
    done += piece.verdicts.done ?? 0;
    after = piece.last;
    isLast = piece.is_last;
    progress?.(`${count(done)}…`);
  }
  return done;
}

async function settleAll(app, act) {
  const what = DO[act];
  const found = await pieces(act, {dry_run: true});
  return ask({
    title: `${what.name} all ${count(found)} parked rows?`,
    lead: `Those that are parked when you confirm. ${what.lead}`,
    command: `taskbroker parked ${act} --broker ${location.origin} --all --yes`,
    confirm: `${what.name} all`,
    isStop: act === 'drop',
    act: async (form, progress) => {
      const done = await pieces(act, {dry_run: false, reason: form.get('reason')}, progress);
      toast(`${what.done}: ${plural(done, 'row', 'rows')}.`);
      await app.reload();
    },
  });
}

function row(app, one) {
  const facts = {class: 'bare', type: 'button', disabled: !mayOrder(app), title: mayOrder(app) ? null : whyNot(app)};
  return h('tr', {'data-key': String(one.key), 'data-row': true},
    h('th', {scope: 'row', class: 'ctl'}, one.id),
    h('td', {class: 'lead'}, AS[one.leaves_as]),
    h('td', {class: 'ctl', 'data-l': 'Task'}, one.task ?? h('span', {class: 'm'}, 'none')),
    h('td', {class: 'r', 'data-l': 'Size'}, bytes(one.payload_bytes)),
    h('td', {class: 'all ctl', 'data-l': 'Reason'}, one.reason),
    h('td', {class: 'acts'}, Object.keys(DO).map(act =>
      h('button', {...facts, onclick: () => settle(app, act, one)}, `${DO[act].name}…`, h('span', {class: 'sr'}, ` ${one.id}`)))));
}

/** Nothing while Kafka has refused nothing. */
export function parkedRows(app) {
  if (rows.length === 0) return null;
  return h('section', {'aria-labelledby': 'h-parked', 'data-key': 'parked-rows'},
    h('div', {class: 'head'}, h('h2', {id: 'h-parked'}, 'Refused by Kafka'),
      mayOrder(app) && h('div', {class: 'row'}, Object.keys(DO).map(act => h('button', {type: 'button', onclick: () => settleAll(app, act)}, `${DO[act].name} all…`)))),
    h('p', {class: 's m'}, isWhole ? 'Kept aside, and holding up nothing.' : `Kept aside, and holding up nothing. The oldest ${count(rows.length)} of ${count(live.status.tasks.parked)}.`),
    h('div', {class: 'scroll'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, 'Rows that Kafka has refused'),
      h('thead', null, h('tr', null, ['Id', 'Leaves as', 'Task', 'Size', 'Reason'].map(name => h('th', {scope: 'col', class: name === 'Size' ? 'r' : null}, name)), h('th', {scope: 'col'}, h('span', {class: 'sr'}, 'Action')))),
      h('tbody', null, rows.map(one => row(app, one))))));
}
