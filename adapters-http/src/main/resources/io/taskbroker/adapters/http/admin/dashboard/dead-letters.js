// What failed for good: by task and cause, one by one; sent again at a rate, or dropped.

import {h, icon} from './dom.js';
import {get, post} from './api.js';
import {addressed, areSeveral, brokers} from './brokers.js';
import {ask, toast} from './dialogs.js';
import {called, count, hidden, moment, plural, sentence, shell, span} from './format.js';
import {now} from './live.js';
import {isOperator, mayOrder, role} from './shell.js';

const LIMIT = 50;
const NAMES = ['application', 'namespace', 'task', 'cause'];

let filter = {};
let after = '';
let handled = false;
let place = '';
let id = '';
let groups = null;
let page = null;
let letter = null;
let gone = '';
let none = '';

const link = query => `/dead-letters?${new URLSearchParams(query)}`;

const here = more => link({...filter, ...(handled && {state: 'handled'}), ...more});

const filterOf = group => Object.fromEntries(NAMES.filter(name => group[name] !== undefined).map(name => [name, group[name]]));

const options = of => NAMES.filter(name => of[name] !== undefined).map(name => ` --${name} ${shell(of[name])}`).join('');

// ---------------------------------------------------------------- orders

/** They lie in Kafka: one broker is asked. */
const asked = () => addressed(brokers().slice(0, 1).map(one => one.broker));

async function order(app, kind, which, words) {
  const dry = await post(`dead-letters/${kind}`, {...which, dry_run: true});
  const can = kind === 'requeue' ? dry.open - dry.refused : dry.open;
  if (can === 0 && dry.not_looked_at === 0) {
    toast(dry.open === 0 ? 'None of them is open any more.' : 'None of them can be sent again.', false);
    return null;
  }
  const about = plural(can, 'dead letter', 'dead letters');
  const isDrop = kind === 'drop';
  const said = which.places ? ` ${which.places.join(' ')}` : options(which.filter) || ' --all';
  return ask({
    title: `${isDrop ? 'Drop' : 'Requeue'} ${about}?`,
    lead: isDrop ? 'They count as handled from then on. Their records stay in Kafka until its retention ends.'
      : 'Each becomes a fresh task of a new id: tried by nobody, received now, its origin in a header.',
    body: [
      words && h('p', {class: 'ctl'}, words),
      dry.refused > 0 && h('p', null, `Left alone: ${count(dry.refused)} that cannot be sent again.`),
      dry.not_looked_at > 0 && h('p', null, `And those that match among ${plural(dry.not_looked_at, 'older record', 'older records')}, which were not looked at.`),
      !isDrop && h('div', {class: 'row'},
        h('label', null, h('span', null, 'At most, tasks a second'), h('input', {type: 'number', name: 'rate', value: '10', min: 1, max: 100000, size: 7, required: true})),
        can > 1 && h('label', null, h('span', null, 'End after'), h('select', {name: 'most'}, h('option', {value: '0'}, `all ${count(can)}`), h('option', {value: '1'}, '1, as a trial')))),
      !isDrop && h('p', {class: 'm'}, 'You can stop it and go on later. Each is marked as handled in one Kafka transaction with its record, so none is sent twice.'),
    ],
    command: form => `taskbroker dead-letters ${kind}${asked()}${said}${isDrop ? '' : ` --rate ${form.get('rate')}`}${Number(form.get('most')) > 0 ? ` --most ${form.get('most')}` : ''} --reason '…' --yes`,
    confirm: `${isDrop ? 'Drop' : 'Requeue'} ${about}`, keep: 'Leave them', isStop: isDrop,
    act: async form => {
      const more = isDrop ? {} : {rate: Number(form.get('rate')), most: Number(form.get('most') ?? 0)};
      await post(`dead-letters/${kind}`, {...which, ...more, dry_run: false, reason: form.get('reason')});
      toast(isDrop ? 'They are being dropped.' : 'They are being sent.');
      await app.reload();
    },
  });
}

async function attempt(app, act) {
  try {
    await act();
  } catch (e) {
    app.trouble = e.message;
    app.draw();
  }
}

const acts = (app, which, words, canSend, isBare) => [
  h('button', {class: isBare ? 'bare' : null, type: 'button', disabled: !canSend || !mayOrder(app), title: canSend ? null : 'It cannot be sent again. Open it to see why.', onclick: () => attempt(app, () => order(app, 'requeue', which, words))}, 'Requeue…'), ' ',
  h('button', {class: isBare ? 'bare stop' : 'stop', type: 'button', disabled: !mayOrder(app), onclick: () => attempt(app, () => order(app, 'drop', which, words))}, 'Drop…'),
];

// ---------------------------------------------------------------- the run

const DOES = {requeue: ['requeued', 'sent'], drop: ['dropped', 'dropped']};
const STANDS = {running: 'Being', stopped: 'Stopped:', failed: 'Failed:', done: 'Last:'};

function steer(app, name, title, lead) {
  return ask({
    title, lead, confirm: name === 'stop' ? 'Stop it' : 'Go on', keep: 'Leave it',
    command: `taskbroker dead-letters ${name}${asked()} --reason '…'`,
    act: async form => {
      await post(`dead-letters/${name}`, {reason: form.get('reason')});
      toast(name === 'stop' ? 'Stopped.' : 'It goes on.');
      await app.reload();
    },
  });
}

/** Records that nobody looks at; those that are being read are none of them. */
const older = () => groups.not_looked_at - groups.to_be_read;

/** How many a run has still to handle, as far as letters are known. */
function left(last) {
  const matches = group => NAMES.every(name => last[name] === undefined || last[name] === group[name]);
  const open = last.chosen ? last.chosen - last.handled - last.refused
    : groups.groups.filter(matches).reduce((sum, group) => sum + (last.kind === 'drop' ? group.open : group.sendable), 0);
  return last.most ? Math.min(open, last.most - last.handled) : open;
}

/** The same in words, and how long that takes. */
function ahead(last) {
  const number = left(last);
  const minutes = number / last.rate / 60;
  const time = last.status === 'running' && number > 0 && minutes > 0 ? `, which takes about ${span((minutes < 2 ? minutes : Math.round(minutes)) * 60000)}` : '';
  return `, ${groups.not_looked_at > 0 ? 'at least ' : ''}${number === 0 ? 'none' : count(number)} left${time}`;
}

function run(app) {
  const last = groups.run;
  if (!last) return null;
  const [being, done] = DOES[last.kind];
  const about = NAMES.filter(name => last[name] !== undefined).map(name => last[name]).join(', ') || (last.chosen ? `${count(last.chosen)} chosen` : 'all');
  const isOpen = last.status === 'stopped' || last.status === 'failed';
  return h('div', {class: 'panel', role: 'region', 'aria-labelledby': 'h-run', 'data-key': 'run'},
    h('div', {class: 'row between'}, h('h2', {id: 'h-run', class: 'ctl'}, icon('retry'), ` ${STANDS[last.status]} ${being}: ${about}`),
      isOperator(app) && last.status === 'running' && h('button', {type: 'button', disabled: !mayOrder(app), title: 'What was sent stays sent. You can go on later.', onclick: () => steer(app, 'stop', 'Stop after this step?', 'What was sent stays sent. You can go on later.')}, 'Stop…'),
      isOperator(app) && isOpen && h('button', {type: 'button', disabled: !mayOrder(app), onclick: () => steer(app, 'resume', 'Go on where it stopped?', 'What was handled is not handled again.')}, 'Go on…')),
    h('p', {class: 's m ctl'}, h('strong', null, count(last.handled)), ` ${done}, ${last.refused === 0 ? 'none' : count(last.refused)} refused`, last.status !== 'done' && ahead(last), '. ',
      last.rate ? `At most ${count(last.rate)} /s, begun` : 'Begun', ` by ${last.by} ${span(now() - new Date(last.begun_at))} ago. `, sentence(last.words)));
}

// ---------------------------------------------------------------- what there is

function groupRow(app, group) {
  const which = filterOf(group);
  return h('tr', {'data-key': JSON.stringify(which), 'data-row': true},
    h('th', {scope: 'row', class: 'ctl'}, h('a', {href: link(which)}, group.task === undefined ? 'No task' : called(group.task)), group.task !== undefined && h('div', {class: 's m'}, `${called(group.application)}, ${called(group.namespace)}`)),
    h('td', {class: 'all ctl'}, h('code', null, group.cause)),
    h('td', {class: 'r', 'data-l': 'Open'}, count(group.open)),
    h('td', {class: 'r lo', 'data-l': 'First'}, moment(group.first, now())),
    h('td', {class: 'r', 'data-l': 'Last'}, moment(group.last, now())),
    // A filter knows no way to say "no task": it would find tasks that failed alike, too.
    h('td', {class: 'acts'}, group.task === undefined ? h('span', {class: 's m'}, 'Open one to drop it')
      : acts(app, {filter: which}, group.cause, group.sendable > 0, true)));
}

function byCause(app) {
  if (groups.groups.length === 0) return null;
  return h('section', {'aria-labelledby': 'h-groups', 'data-key': 'groups'}, h('div', {class: 'head'}, h('h2', {id: 'h-groups'}, 'By task and cause'), h('p', {class: 's m'}, '# stands for a number.')),
    h('div', {class: 'scroll'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, 'Open dead letters by task and cause, most first'),
      h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Task'), h('th', {scope: 'col'}, 'Cause'), h('th', {scope: 'col', class: 'r'}, 'Open'), h('th', {scope: 'col', class: 'r'}, 'First'), h('th', {scope: 'col', class: 'r'}, 'Last'), h('th', {scope: 'col'}, h('span', {class: 'sr'}, 'Actions')))),
      h('tbody', null, groups.groups.map(group => groupRow(app, group))))));
}

function letterRow(one) {
  return h('tr', {'data-key': one.place, 'data-row': true, 'aria-selected': one.place === place ? 'true' : null},
    h('th', {scope: 'row', class: 'ctl'}, h('a', {href: here({place: one.place}), class: 'id'}, one.id ?? 'No task')),
    h('td', {class: 'lead ctl'}, one.task === undefined ? '–' : called(one.task)),
    h('td', {class: 'all ctl'}, h('code', null, one.why)),
    h('td', {class: 'r', 'data-l': 'Came'}, moment(one.at, now())),
    h('td', {class: 'r n lo', 'data-l': 'Place'}, one.place));
}

function list() {
  const set = Object.keys(filter).length;
  return h('section', {'aria-labelledby': 'h-list', 'data-key': 'list'},
    h('div', {class: 'head'}, h('h2', {id: 'h-list'}, handled ? 'Those that are handled' : set ? 'Those that match' : 'One by one'),
      h('p', {class: 's'}, set > 0 && h('a', {href: link(handled ? {state: 'handled'} : {})}, 'Show all'), set > 0 && ' · ', h('a', {href: link({...filter, ...(handled ? {} : {state: 'handled'})})}, handled ? 'Show the open ones' : 'Show those that are handled'))),
    page.letters.length === 0 ? h('p', {class: 'm'}, `None${set > 0 ? ' that matches' : ''} ${handled ? 'was requeued or dropped' : 'is open'}.`)
      : h('div', {class: 'scroll'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, 'Dead letters, the newest first'),
        h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Id'), h('th', {scope: 'col'}, 'Task'), h('th', {scope: 'col'}, 'Cause'), h('th', {scope: 'col', class: 'r'}, 'Came'), h('th', {scope: 'col', class: 'r'}, 'Place'))),
        h('tbody', null, page.letters.map(letterRow)))),
    (page.next !== undefined || after) && h('nav', {class: 'row between', 'aria-label': 'Pages of the list'}, h('a', {href: here({})}, 'Newest'), page.next !== undefined && h('a', {class: 'btn', href: here({after: page.next})}, 'Older')));
}

// ---------------------------------------------------------------- one of them

/** Headers whose values are Unix milliseconds. */
const TIMES = new Set(['taskbroker-first-time', 'taskbroker-last-time', 'taskbroker-source-timestamp']);

/** Our own headers in words; any other has its name. */
const WORDS = {
  'taskbroker-reason': 'Reason', 'taskbroker-attempts': 'Attempts', 'taskbroker-first-time': 'Produced', 'taskbroker-last-time': 'Given up', 'taskbroker-last-error': 'Last error',
  'taskbroker-source-topic': 'Came from topic', 'taskbroker-source-partition': 'its partition', 'taskbroker-source-offset': 'its offset', 'taskbroker-source-timestamp': 'its time', 'taskbroker-requeued-from': 'Requeued from',
};

const header = (name, value) => TIMES.has(name) && /^\d{1,15}$/.test(value) ? [moment(Number(value), now()), ' ', h('code', {class: 'm'}, value)] : h('code', null, value);

function reveal(app) {
  return ask({
    title: 'Show the arguments of this dead letter?',
    lead: 'They may be personal, or secret. That you have seen them is written to the audit.',
    confirm: 'Show the values', keep: 'Leave them hidden',
    act: async form => {
      letter = await post('dead-letter', {place, reason: form.get('reason')});
      app.draw();
    },
  });
}

function one(app) {
  if (place === '' && id === '') return null;
  if (letter === null) return h('p', {class: 'm', 'data-key': 'one'}, gone ? sentence(gone) : 'Asking the broker…');
  const row = (name, value) => value !== undefined && value !== null && [h('dt', null, name), h('dd', null, value)];
  const in_ = letter.contents;
  return h('section', {'aria-labelledby': 'h-one', 'data-key': 'one'},
    h('div', {class: 'head'}, h('h2', {id: 'h-one', class: 'ctl'}, letter.task === undefined ? 'A record that is no task' : `A dead letter of ${called(letter.task)}`),
      h('div', {class: 'row'}, letter.handled ? h('span', {class: 'st ok'}, icon('ok'), 'Handled') : acts(app, {places: [place]}, letter.why, letter.obstacle === undefined, false))),
    letter.obstacle && h('p', null, `It cannot be sent again: ${sentence(letter.obstacle)}`),
    h('div', {class: 'two'},
      h('dl', {class: 'facts panel'},
        row('Id', letter.id && h('code', null, letter.id)), Object.entries(letter.headers).map(([name, value]) => row(WORDS[name] ?? h('code', null, name), header(name, value))),
        row('Lies in', [h('code', null, groups.topic), ` [${place.replace(':', '], offset ')}`]), row(letter.handled ? 'If requeued, went to' : 'Once requeued, goes to', letter.target && h('code', null, letter.target)),
        row(letter.handled ? 'If requeued, is now' : 'Its new id then', letter.target && (letter.handled ? h('a', {class: 'id', href: `/task?${new URLSearchParams({id: letter.new_id})}`}, letter.new_id) : h('code', null, letter.new_id)))),
      h('div', {class: 'panel'}, h('h3', null, 'Arguments'),
        !in_ ? h('p', {class: 'm'}, 'It is no task: there are none.')
          : in_.unreadable ? h('p', {class: 'm'}, hidden(in_))
            : h('pre', {tabindex: 0, 'aria-label': 'Arguments'}, h('code', {id: 'arguments'}, in_.arguments)),
        in_?.masked && !in_.unreadable && h('p', {class: 'row'}, h('button', {type: 'button', disabled: !mayOrder(app), onclick: () => reveal(app)}, icon('eye'), 'Show the values…'), h('span', {class: 's m'}, 'Kinds and lengths only.')))));
}

async function loadOne() {
  if ((place === '' && id === '') || letter !== null) return;
  try {
    letter = await get('dead-letter', place === '' ? {id} : {place});
    place = letter.place;
  } catch (e) {
    if (e.status !== 404 && e.status !== 400) throw e;
    gone = e.message;
  }
}

export default {
  title: () => 'Dead letters',
  polls: true,

  begin(app, query) {
    filter = Object.fromEntries(NAMES.filter(name => query.has(name)).map(name => [name, query.get(name)]));
    after = query.get('after') ?? '';
    handled = query.get('state') === 'handled';
    place = query.get('place') ?? '';
    id = query.get('id') ?? '';
    page = null;
    letter = null;
    gone = '';
    none = '';
  },

  async load() {
    try {
      [groups, page] = await Promise.all([
        get('dead-letters/groups'),
        get('dead-letters', {...filter, state: handled ? 'handled' : 'open', limit: LIMIT, after}),
      ]);
    } catch (e) {
      if (e.status !== 404) throw e;
      none = e.message;
      return;
    }
    if (letter !== null && letter.contents?.masked !== false) letter = null;
    await loadOne();
  },

  view(app) {
    if (none) return h('div', {class: 'top', 'data-key': 'top'}, h('div', null, h('h1', null, 'Dead letters'), h('p', null, sentence(none))));
    if (page === null) return h('p', {class: 'm', 'data-key': 'wait'}, 'Asking Kafka…');
    return [
      h('div', {class: 'top', 'data-key': 'top'}, h('div', null,
        h('h1', null, groups.open === 0 ? (groups.to_be_read > 0 ? 'No open dead letter is known yet' : 'No dead letter is open') : `${plural(groups.open, 'dead letter is', 'dead letters are')} open`),
        h('p', null, `Tasks that failed for good, and whose producers want them kept, in topic ${groups.topic}.`,
          areSeveral() && ` They lie in Kafka; what you see and order here is broker ${brokers()[0].broker}'s.`,
          older() > 0 && ` ${plural(older(), 'older record was', 'older records were')} not looked at; orders reach them.`))),
      groups.to_be_read > 0 && h('p', {class: 'st run', role: 'status', 'data-key': 'reading'}, icon('clock'), `Reading on: ${plural(groups.to_be_read, 'record is', 'records are')} to be read. What is known so far stands below, the newest first.`),
      !isOperator(app) && role(app, 'To requeue or drop'),
      run(app), one(app), byCause(app), list(),
    ];
  },
};
