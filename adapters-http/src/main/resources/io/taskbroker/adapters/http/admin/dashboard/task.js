// One task: what happened to it, why it stands where it stands, what can be done.

import {h, icon} from './dom.js';
import {get, post} from './api.js';
import {ACTS, one, refusal} from './acts.js';
import {areSeveral} from './brokers.js';
import {ask, copy} from './dialogs.js';
import {bytes, called, clock, count, day, failure, FAILURES, hidden, local, moment, OUTCOMES, plural, relative, sentence, shell, span} from './format.js';
import {now} from './live.js';
import {isOperator, mayOrder, role} from './shell.js';
import {next, status} from './tasks.js';

let id = '';
let broker;
let found = null;
let contents = null;
let contentsTrouble = '';
let isGone = '';

async function readContents(task) {
  if (contents !== null || task.state === 'complete') return;
  try {
    contents = await get('arguments', {id, broker: task.broker});
    contentsTrouble = '';
  } catch (e) {
    contentsTrouble = e.message;
  }
}

function show(app) {
  return ask({
    title: 'Show the arguments of this task?',
    lead: 'They may be personal, or secret. That you have seen them is written to the audit. They are hidden again when you leave this page.',
    confirm: 'Show the values', keep: 'Leave them hidden',
    act: async form => {
      contents = await post('arguments', {id, broker: found.task.broker, reason: form.get('reason')});
      app.draw();
    },
  });
}

function step(at, shape, kind, head, words, key = head) {
  return h('li', {'data-key': key}, h('time', {datetime: at}, clock(at)),
    h('div', null, h('span', {class: `st ${kind}`}, icon(shape)), h('strong', null, head), words && h('p', null, words)));
}

function story(task) {
  const steps = [
    [task.received_at, 'pending', '', 'Sent by its producer', null],
    [task.added_at, 'ok', '', 'Stored here', `From ${task.topic} [${task.partition}] at offset ${count(task.offset)}, ${count(task.payload_bytes)} bytes.`],
    task.delayed_until && [task.delayed_until, 'clock', '', 'Due', new Date(task.delayed_until) > now() ? `${sentence(relative(task.delayed_until, now()))} Before that no worker gets it.` : null],
    task.handed_out_at && [task.handed_out_at, 'run', 'run', 'Handed out last', task.worker ? `To ${task.worker}.` : null],
    task.failure && [task.failure.at, 'fail', 'bad', 'Failed', sentence(failure(task.failure))],
    task.with_worker_until && [task.with_worker_until, 'clock', 'run', 'Deadline', `${sentence(relative(task.with_worker_until, now()))} If no report comes, it is ${task.at_most_once ? 'failed: it runs at most once' : 'handed out again'}.`],
    ...(found.orders ?? []).map(one => [one.at, 'ok', '', `${one.actor} ordered: ${one.order.replace(/ (all )?tasks?\b.*$/, '')}`, one.reason ? sentence(one.reason) : 'No reason was given.', `${one.at} ${one.order}`]),
    task.ended_at && [task.ended_at, ...(FAILURES.includes(task.outcome) ? ['fail', 'bad'] : ['ok', 'ok']), 'Over', sentence(OUTCOMES[task.outcome] ?? task.outcome)],
    task.expires_at && !task.ended_at && [task.expires_at, 'clock', '', 'Expires', 'If no worker has it by then, it is not run.'],
  ].filter(Boolean);
  // The order of what happens at the same time stays.
  return steps.map((one, i) => [one, i]).sort((a, b) => new Date(a[0][0]) - new Date(b[0][0]) || a[1] - b[1]).map(([one]) => step(...one));
}

/** Who has it, and since when. */
function holder(task) {
  return task.worker && task.with_worker_until && [': ', h('a', {href: '/workers'}, h('code', null, task.worker)), `, since ${moment(task.handed_out_at, now())}`];
}

function why(task) {
  return found.why.length > 0 && h('section', {'aria-labelledby': 'h-why', 'data-key': 'why'}, h('div', {class: 'head'}, h('h2', {id: 'h-why'}, task.state === 'complete' ? 'What became of it' : 'Why it stands where it stands')),
    found.why.map(reason => h('div', {class: 'panel reason', 'data-key': reason.why}, h('dl', {class: 'facts'}, h('dt', null, 'Why'), h('dd', null, sentence(local(reason.why, now()))), h('dt', null, 'Do'), h('dd', null, sentence(reason.remedy), task.outcome === 'dead_lettered' && [' ', h('a', {href: `/dead-letters?${new URLSearchParams({id: task.id})}`}, 'Its dead letter')]),
      reason.since && [h('dt', null, 'Since'), h('dd', null, `${moment(reason.since, now())}, ${span(now() - new Date(reason.since))}`)]))));
}

function acts(app, task) {
  return h('section', {'aria-labelledby': 'h-do', 'data-key': 'do'}, h('div', {class: 'head'}, h('h2', {id: 'h-do'}, 'What you can do')),
    h('div', {class: 'panel'},
      !isOperator(app) && role(app, 'This'),
      h('ul', {class: `do ${isOperator(app) ? '' : 'hint'}`}, Object.entries(ACTS).map(([name, {word, means, isStop}]) => {
        const not = refusal(name, task);
        return h('li', {'data-key': name}, h('button', {type: 'button', class: isStop ? 'stop' : null, disabled: not !== null || !mayOrder(app), onclick: () => one(app, name, task)}, not === null ? `${word}…` : word),
          h('p', null, not === null ? means : `Not possible: ${not}.`));
      }))));
}

function facts(task) {
  const tries = contents === null ? null : contents.most_tries === 0 ? 'Once' : `${contents.earlier_tries + 1} of ${count(contents.most_tries)}`;
  const row = (name, value) => value !== null && [h('dt', null, name), h('dd', null, value)];
  return h('section', {'aria-labelledby': 'h-facts', 'data-key': 'facts'}, h('div', {class: 'head'}, h('h2', {id: 'h-facts'}, 'Facts')),
    h('dl', {class: 'facts panel'},
      row('Delivery', task.at_most_once ? 'At most once' : 'At least once'), row('Deadline', [`${span(task.deadline_seconds * 1000)} for each hand-out, and the broker’s `, h('a', {href: '/configuration', title: 'store.processing_deadline_grace_sec'}, 'grace')]), row('Try', tries),
      row('Missed', task.attempts === 0 ? 'No deadline yet' : plural(task.attempts, 'deadline', 'deadlines')), row('If it fails', task.after_last_attempt === 'dead_letter' ? 'It becomes a dead letter' : 'It is discarded'),
      row('Expires', task.expires_at ? `${moment(task.expires_at, now())}` : 'Never'), row('Broker', areSeveral() ? task.broker : null), row('Came from', [h('code', null, task.topic), ` [${task.partition}], ${count(task.offset)}`])));
}

function values(app, task) {
  const isOver = task.state === 'complete';
  return h('section', {'aria-labelledby': 'h-args', 'data-key': 'args'},
    h('div', {class: 'head'}, h('h2', {id: 'h-args'}, 'Arguments'), contents && contents.bytes > 0 && h('p', {class: 's m'}, contents.encoding === 'unknown' ? bytes(contents.bytes) : `${contents.encoding}: ${bytes(contents.bytes)}`)),
    isOver ? h('p', {class: 'm'}, 'It is over: its arguments are not shown any more.')
      : contentsTrouble ? h('p', {class: 'bad'}, contentsTrouble)
        : contents === null ? h('p', {class: 'm'}, 'Asking the broker…') : [
          contents.unreadable ? h('p', {class: 'm'}, hidden(contents)) : h('pre', {tabindex: 0, 'aria-label': 'Arguments'}, h('code', {id: 'arguments'}, contents.arguments)),
          contents.masked && !contents.unreadable && h('p', {class: 'row'}, h('button', {type: 'button', disabled: !mayOrder(app), onclick: () => show(app)}, icon('eye'), 'Show the values…'), h('span', {class: 's m'}, 'Kinds and lengths only. To show them asks for a reason, and is written to the audit.')),
          Object.keys(contents.headers).length > 0 && h('div', {class: 'scroll headers'}, h('table', null, h('caption', null, 'Headers'), h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Name'), h('th', {scope: 'col'}, 'Value'))),
            h('tbody', null, Object.entries(contents.headers).map(([name, value]) => h('tr', {'data-key': name}, h('th', {scope: 'row', class: 'ctl'}, h('code', null, name)), h('td', {class: 'ctl'}, contents.masked ? h('span', {class: 'm'}, value) : h('code', null, value))))))),
        ]);
}

export default {
  title: () => found?.task.task ?? 'Task',
  /** What is gone does not come back. */
  get polls() {
    return isGone === '';
  },

  begin(app, query) {
    id = query.get('id') ?? '';
    broker = query.get('broker') ?? undefined;
    found = null;
    contents = null;
    contentsTrouble = '';
    isGone = '';
  },

  async load() {
    try {
      const answer = await get('task', {id, broker});
      isGone = '';
      found = answer;
    } catch (e) {
      if (e.status !== 404) throw e;
      // What was seen of it stays, with a word that it is gone; nothing can be done to it any more.
      isGone = e.message;
      if (found !== null) found = {...found, task: {...found.task, state: 'complete'}, why: []};
      return;
    }
    await readContents(found.task);
  },

  view(app) {
    if (found === null) {
      return isGone ? h('div', {class: 'top', 'data-key': 'top'}, h('div', null, h('h1', null, 'No such task is here'), h('p', {class: 'ctl'}, sentence(isGone)), h('p', null, h('a', {href: '/tasks'}, 'All tasks')))) : h('p', {class: 'm', 'data-key': 'wait'}, 'Asking the broker…');
    }
    const task = found.task;
    const there = {application: task.application, namespace: task.namespace};
    return [
      h('nav', {class: 's m', 'aria-label': 'You are here', 'data-key': 'path'}, h('a', {href: `/tasks?${new URLSearchParams({application: task.application})}`}, called(task.application)), ', ', h('a', {href: `/tasks?${new URLSearchParams(there)}`}, called(task.namespace))),
      h('div', {class: 'top', 'data-key': 'top'}, h('div', null, h('h1', {class: 'ctl'}, called(task.task)),
        h('p', {class: 'row ctl'}, h('code', {class: 'id'}, task.id), h('button', {class: 'bare', type: 'button', onclick: () => copy(task.id)}, icon('copy'), h('span', {class: 'sr'}, 'Copy the id'))))),
      isGone ? h('div', {class: 'panel', 'data-key': 'gone', role: 'status'}, 'It is over, or has left this broker. What you see is how it stood last.')
        : h('div', {class: 'panel', 'data-key': 'state'}, h('div', {class: 'row between'}, h('p', null, status(task), holder(task), `, sent ${span(now() - new Date(task.received_at))} ago`), h('p', {class: 'ctl'}, next(task)))),
      h('div', {class: 'side', 'data-key': 'side'},
        h('div', null, why(task),
          h('section', {'aria-labelledby': 'h-story', 'data-key': 'story'}, h('div', {class: 'head'}, h('h2', {id: 'h-story'}, 'What happened, and what comes'), h('p', {class: 's m'}, day(task.received_at))), h('ol', {class: 'line'}, story(task))),
          values(app, task)),
        h('aside', {'aria-label': 'Actions and facts'}, acts(app, task), facts(task),
          h('section', {'aria-labelledby': 'h-cli', 'data-key': 'cli'}, h('div', {class: 'head'}, h('h2', {id: 'h-cli'}, 'The same in a terminal')), h('pre', {tabindex: 0}, h('code', null, `taskbroker task ${shell(task.id)}\ntaskbroker why ${shell(task.id)}`))))),
    ];
  },
};
