// What can be done to tasks: asked, tried dry, done, told.

import {h} from './dom.js';
import {InPart, post, Refusal, SIGNED_OUT} from './api.js';
import {addressed, areSeveral, at, everywhere} from './brokers.js';
import {ask, toast} from './dialogs.js';
import {count, plural, sentence, shell} from './format.js';
import {inPieces, lines, listed, numberOf, parted} from './pieces.js';

/** Pieces of a dry run, of 1 000 tasks or 20 000 rows each; more is "at least". */
const MOST_DRY = 30;

export const ACTS = {
  'give-back': {
    order: tasks => `Give back ${tasks}`,
    word: 'Give back', done: 'Given back', states: ['claimed', 'processing'], isStop: false, keep: 'Leave them',
    means: 'The worker is presumed dead: the task is handed out again at once. If the worker lives, it may run twice.',
    meansEach: 'Their workers are presumed dead: the tasks are handed out again at once. If a worker lives, its task may run twice.',
    not: 'no worker has it',
  },
  'run-now': {
    order: tasks => `Run ${tasks} now`,
    word: 'Run now', done: 'Due now', states: ['delayed'], isStop: false, keep: 'Leave them',
    means: 'Its delay is over now: it is handed out as soon as a worker asks.',
    meansEach: 'Their delays are over now: they are handed out as soon as workers ask.',
    not: 'it is not delayed',
  },
  requeue: {
    order: tasks => `Requeue ${tasks}`,
    word: 'Requeue', done: 'Requeued', states: ['failed'], isStop: false, keep: 'Leave them',
    means: 'It has failed: it waits again at its old place, as if nobody had tried it.',
    meansEach: 'They have failed: they wait again at their old places, as if nobody had tried them.',
    not: 'it has not failed, or it is not kept any more',
  },
  complete: {
    order: tasks => `End ${tasks} as complete`,
    word: 'End as complete', done: 'Ended as complete', states: ['pending', 'claimed', 'processing', 'delayed', 'retry', 'failed'], isStop: true, keep: 'Keep them',
    means: 'It counts as done. What a worker still reports changes nothing.',
    meansEach: 'They count as done. What workers still report changes nothing.',
    not: 'it is over',
  },
  cancel: {
    order: tasks => `Cancel ${tasks}`,
    word: 'Cancel', done: 'Cancelled', states: ['pending', 'claimed', 'processing', 'delayed', 'retry', 'failed'], isStop: true, keep: 'Keep them',
    means: 'It ends without another attempt. A worker that has it may still finish it.',
    meansEach: 'They end without another attempt. A worker that has one may still finish it.',
    not: 'it is over',
  },
};

/** Why this would be refused for a task; null if it would not. */
export function refusal(act, task) {
  if (!ACTS[act].states.includes(task.state)) return ACTS[act].not;
  const mayHaveBegun = ['claimed', 'processing'].includes(task.state) || (act === 'requeue' && task.state === 'failed');
  return task.at_most_once && mayHaveBegun ? 'it runs at most once, and a worker may have begun it. Send it again as a new task instead' : null;
}

export function one(app, act, task) {
  const {order, done, means, isStop} = ACTS[act];
  return ask({
    title: `${order('this task')}?`,
    lead: means,
    body: h('p', {class: 'ctl'}, task.task, ' ', h('code', null, task.id), areSeveral() && ` at broker ${task.broker}`),
    command: `taskbroker ${act}${addressed([task.broker])} ${shell(task.id)} --reason '…'`,
    confirm: order('this task'), keep: 'Leave it', isStop,
    act: async form => {
      await post(`tasks/${act}`, {id: task.id, broker: task.broker, reason: form.get('reason')});
      toast(`${done}: 1 task${at(task)}.`);
      await app.reload();
    },
  });
}

const LEFT_ALONE = {
  may_have_begun: 'run at most once, and a worker may have begun them',
  without_effect: 'are in a state where this means nothing',
  leaving: 'are on their way to Kafka',
  not_stored: 'are not stored any more',
};

function add(sum, verdicts) {
  for (const [verdict, number] of Object.entries(verdicts)) sum[verdict] = (sum[verdict] ?? 0) + number;
  return sum;
}

const tell = sum => Object.entries(LEFT_ALONE).filter(([verdict]) => sum[verdict])
  .map(([verdict, words]) => `${count(sum[verdict])} ${words}`).join('; ');

/** All that a filter finds, in pieces; onSum is told what has been done so far. */
async function through(act, filter, dryRun, reason, most, onSum) {
  const sum = {};
  const ended = await inPieces(`tasks/${act}`, {filter, dry_run: dryRun, ...(reason === null ? {} : {reason})}, {
    most,
    numberAt: (answer, one) => one.verdicts?.done ?? 0,
    onPiece: answer => {
      add(sum, answer.verdicts ?? {});
      onSum?.(sum);
    },
  });
  return {sum, ...ended};
}

const option = ([name, value]) => name === 'older_than_seconds' ? `--older-than ${value}s` : `--${name.replace('_', '-')} ${shell(value)}`;

const options = filter => Object.entries(filter).map(option).join(' ');

/** All that a filter finds: tried dry first. */
export async function all(app, act, filter) {
  const {order, word, done, means, meansEach, isStop, keep} = ACTS[act];
  const {sum, isAll, byBroker} = await through(act, filter, true, null, MOST_DRY);
  const where = everywhere(numberOf(byBroker));
  const number = sum.done ?? 0;
  const about = `${isAll ? '' : 'at least '}${plural(number, 'task', 'tasks')}`;
  if (number === 0) {
    toast(`${word}: nothing that matches can be. ${tell(sum) ? `${tell(sum)}.` : ''}`, false);
    return null;
  }
  return ask({
    title: `${order(about)}${where}?`,
    lead: 'A dry run. Nothing has been done yet.',
    body: [
      h('p', null, number === 1 ? means : meansEach),
      listed(byBroker, 'task', 'tasks'),
      tell(sum) && h('p', null, `Left alone: ${tell(sum)}.`),
      h('p', {class: 'm'}, 'What has come or gone in the meantime counts, too: the filter is asked again.'),
    ],
    command: `taskbroker ${act}${addressed()} ${options(filter)} --reason '…' --yes`,
    confirm: `${order(about)}${where}`, keep, isStop,
    act: async (form, progress) => {
      const ended = await through(act, filter, false, form.get('reason'), Infinity, so => progress(`${count(so.done ?? 0)} done…`));
      toast(`${done}: ${plural(ended.sum.done ?? 0, 'task', 'tasks')}.${tell(ended.sum) ? ` Left alone: ${tell(ended.sum)}.` : ''} ${lines(ended.byBroker, 'task', 'tasks').join('; ')}`.trim());
      await app.reload();
    },
  });
}

/** Those that were selected, one after the other. */
export function some(app, act, tasks) {
  const {order, word, done, means, meansEach, isStop, keep} = ACTS[act];
  const can = tasks.filter(task => refusal(act, task) === null);
  if (can.length === 0) {
    toast(`${word}: none of the selected can be. ${refusal(act, tasks[0])}.`, false);
    return null;
  }
  return ask({
    title: `${order(plural(can.length, 'task', 'tasks'))}?`,
    lead: 'As they stood a moment ago. Nothing has been done yet.',
    body: [h('p', null, can.length === 1 ? means : meansEach), can.length < tasks.length && h('p', null, `Left alone: ${count(tasks.length - can.length)} of the selected, where this means nothing or may not be.`)],
    command: `taskbroker ${act}${addressed([...new Set(can.map(task => task.broker))])} ${can.slice(0, 3).map(task => shell(task.id)).join(' ')}${can.length > 3 ? ' …' : ''} --reason '…'`,
    confirm: order(plural(can.length, 'task', 'tasks')), keep, isStop,
    act: async (form, progress) => {
      const {number, refused, byBroker} = await oneByOne(act, can, form.get('reason'), progress);
      await app.reload();
      if ([...byBroker.values()].some(there => there.detail)) throw inPart(byBroker);
      if (number === 0) throw new Refusal(409, refused[0]);
      toast(`${done}: ${plural(number, 'task', 'tasks')}.${refused.length ? ` Refused: ${count(refused.length)}. ${refused[0]}` : ''}`);
    },
  });
}

/** One task after the other. A broker that does not do it is asked once; the tasks of the others go on. */
async function oneByOne(act, tasks, reason, progress) {
  const byBroker = new Map();
  const refused = [];
  let number = 0;
  for (const task of tasks) {
    const there = byBroker.get(task.broker) ?? {number: 0, detail: ''};
    byBroker.set(task.broker, there);
    if (there.detail) continue;
    try {
      await post(`tasks/${act}`, {id: task.id, broker: task.broker, reason});
      there.number++;
      progress(`${count(++number)} done…`);
    } catch (e) {
      if (!(e instanceof Refusal) || e.status === SIGNED_OUT) throw e;
      if (e.status === 404 || e.status === 409) refused.push(e.message);
      else there.detail = e.message;
    }
  }
  return {number, refused, byBroker};
}

/** What was done before a broker did not do it, and where. */
function inPart(byBroker) {
  const [there] = byBroker.values();
  return byBroker.size > 1 ? new InPart(parted(byBroker, 'done', 'done'))
    : new Refusal(0, there.detail, [there.number > 0 && `${plural(there.number, 'task was', 'tasks were')} done before this:`, sentence(there.detail)].filter(Boolean));
}
