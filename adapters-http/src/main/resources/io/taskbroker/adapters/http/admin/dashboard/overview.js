// Is all well; if not, what stands still, why, and what to do.

import {h, icon} from './dom.js';
import {get} from './api.js';
import {inAndOut, spark} from './charts.js';
import {areSeveral, away, brokers, cell, head, list, of, table} from './brokers.js';
import {copy} from './dialogs.js';
import {bytes, called, capital, clock, count, local, moment, plural, rate, sentence, span, word} from './format.js';
import {live, now, rateNow, rates} from './live.js';
import {heldBy} from './pauses.js';
import {areDrained, control as drainControl, draining} from './drain.js';
import {asking, flow, oldest, takesNothing} from './queues.js';

const MOST_BANNERS = 3;

let explanations = null;
let applications = null;
let calling = [];
let flows = new Map();
let all = false;

/** What stood still when the explanations were asked for. */
let heard = '';

const told = () => JSON.stringify((live.status?.stalled ?? []).map(one => [one.broker, one.what, one.since]));

const failures = flow => flow.dead_lettered + flow.discarded;

/** What a pause, a rule or a delay holds stands where somebody wanted it to: it is said, but it is no fault. */
const isWanted = one => one.kind !== 'standstill';

/** An application whose first tasks have just come, and no worker yet: the broker does not call that a stall before it has looked twice. */
const isEarly = one => !isWanted(one) && !one.since;

/** No fault, or none yet. */
const isSoft = one => isWanted(one) || isEarly(one);

/** As many as the tab says. */
const standing = () => explanations.filter(one => !isSoft(one));

/** Of an application at a broker. */
const keyOf = row => `${row.broker}\u0001${row.application}`;

/** Those that answer and want no work; a broker that is empty, as somebody has ordered, is none of them. */
const unready = () => brokers().filter(one => one.tasks !== undefined && !one.ready && !one.drain?.is_empty);

/** Of some that drain, or of all. */
function drainVerdict() {
  const some = draining();
  if (some.length === brokers().length) return 'Draining: what is here is served, and nothing is taken in';
  const who = `${some.length === 1 ? 'Broker' : 'Brokers'} ${list(some.map(one => one.broker))}`;
  if (some.every(one => one.drain.is_empty)) return `${who} ${some.length === 1 ? 'is' : 'are'} drained; the others take tasks in`;
  return `${who} ${some.length === 1 ? 'drains' : 'drain'}; the others take tasks in`;
}

function drainedLead() {
  if (areSeveral()) return 'The brokers can be stopped, or take tasks in again.';
  return draining()[0].drain.exit_when_empty ? 'The process ends now.' : 'It can be stopped, or take tasks in again.';
}

/** Whether nothing moves for no other reason than that it is paused. */
function isAllPaused() {
  const {tasks} = live.status;
  const waiting = applications.filter(row => row.pending > 0);
  return tasks.processing + tasks.claimed === 0 && waiting.length > 0 && waiting.every(row => heldBy({application: row.application}, row.broker));
}

/** @param inside what has not failed: that is kept, and waits for nothing */
function verdict(inside) {
  const still = standing().length;
  if (areDrained()) return 'Drained: nothing is here, and nothing is taken in';
  if (unready().length > 0) return areSeveral() ? 'Not all brokers are ready' : 'The broker is not ready';
  if (still > 0) return `${word(still)} ${still === 1 ? 'thing stands' : 'things stand'} still`;
  if (away().length > 0) return `${word(away().length)} of ${brokers().length} brokers ${away().length === 1 ? 'does' : 'do'} not answer`;
  if (draining().length > 0) return drainVerdict();
  const early = explanations.filter(isEarly).length;
  if (early > 0) return `All work moves; ${word(early).toLowerCase()} ${early === 1 ? 'application has' : 'applications have'} no worker yet`;
  if (explanations.some(one => one.kind === 'pause')) return isAllPaused() ? 'All that waits is paused' : 'All work moves, but for what is paused';
  if (explanations.some(one => one.kind === 'rule')) return 'All work moves, but for what rules take out';
  if (inside === 0) return 'All is well: nothing waits';
  if (explanations.length > 0) return 'All is well: what is here waits for its time';
  return 'All work moves';
}

function lead(inside) {
  if (areDrained()) return drainedLead();
  if (unready().length > 0) return unready().map(one => `${of(one)}${sentence(one.why_not_ready)}`).join(' ');
  if (inside === 0) return 'No task is inside.';
  return `${plural(inside, 'task is', 'tasks are')} inside, of ${plural(new Set(applications.map(one => one.application)).size, 'application', 'applications')} with work. What waits is kept.`;
}

const SHAPES = {standstill: 'stall', pause: 'pause', delay: 'clock'};

const LINKS = {pause: ['/queues', 'To the pauses'], rule: ['/rules', 'To the rules'], delay: ['/upcoming', 'What runs next']};

const path = (page, names) => `${page}?${new URLSearchParams(names)}`;

/** Where one sees more of what stands still, by the words that the broker has for it. */
const WAYS = [
  [/^Application '(.*)'$/, ([, application]) => [path('/tasks', {application, state: 'pending'}), 'Its tasks']],
  [/^Task name '(.*)' of application '(.*)'$/, ([, task, application]) => [path('/tasks', {application, task}), 'Tasks of this name']],
  [/^(Work|Pushing)\b/, () => ['/workers', 'To the workers']],
  [/^Every call of workers/, () => ['/configuration', 'To the configuration']],
  [/\btopic\b/, () => ['/kafka', 'To Kafka']],
];

/** The one task that holds up the others. */
const TASK = /\btask '(.*?)'(?: \(| was handed out)/;

function ways({what, why, broker}) {
  const [words, way] = WAYS.find(([words]) => words.test(what)) ?? [];
  const task = TASK.exec(why);
  return [way?.(words.exec(what)), task && [path('/task', {id: task[1], ...(areSeveral() && {broker})}), 'To the task']].filter(Boolean);
}

function to(app, one) {
  const there = brokers().find(({broker}) => broker === one.broker);
  if (one.kind === 'drain') return there && drainControl(app, there);
  const found = one.kind === 'standstill' ? ways(one) : [LINKS[one.kind]].filter(Boolean);
  return found.length > 0 && found.map(([href, words]) => h('a', {class: 'btn', href}, words));
}

function banner(app, one) {
  const way = to(app, one);
  return h('article', {class: `stall ${isSoft(one) ? 'soft' : ''}`, 'data-key': `${one.broker} ${one.what}`},
    h('h3', null, icon(isEarly(one) ? 'clock' : SHAPES[one.kind] ?? 'pause', 'big'), h('span', {class: 'ctl'}, of(one) ? `${of(one)}${one.what}` : capital(one.what))),
    h('dl', {class: 'facts'}, h('dt', null, 'Why'), h('dd', null, sentence(local(one.why, now()))), h('dt', null, 'Do'), h('dd', null, sentence(one.remedy)),
      one.since && [h('dt', null, 'Since'), h('dd', null, h('time', {datetime: one.since}, `${moment(one.since, now())}, ${span(now() - new Date(one.since))}`))]),
    way && h('div', {class: 'row'}, way));
}

function banners(app) {
  const shown = all ? explanations : explanations.slice(0, MOST_BANNERS);
  const more = explanations.length - shown.length;
  return explanations.length > 0 && h('div', {role: 'region', 'aria-label': 'What stands still', 'data-key': 'stalls'},
    h('div', {class: 'stalls'}, shown.map(one => banner(app, one))),
    more > 0 && h('p', null, h('button', {type: 'button', onclick: () => { all = true; }}, `${count(more)} more`)));
}

const figure = (name, number, unit, below, drawn, href) => h('div', null, h('dt', null, name),
  h('dd', null, href ? h('a', {href}, number) : number, unit && number !== '–' && [' ', h('small', null, unit)]), h('dd', null, below, drawn));

function drain(waiting, came, went) {
  if (waiting === 0) return ['Nothing', '', 'waits'];
  if (came === null) return ['–', '', 'known in some seconds'];
  if (went > came) return [span((waiting / (went - came)) * 1000), '', 'at the rates of now'];
  return ['Never', '', came - went > 0.05 ? `grows by ${rate(came - went)} /s` : went < 0.05 ? 'no task ends just now' : 'as much comes as goes'];
}

/** For how long the task waits that was due first, also if a worker had it before. */
function longest(rows) {
  const known = rows.map(row => row.oldest_pending_seconds).filter(seconds => seconds !== undefined);
  return known.length > 0 ? span(Math.max(...known) * 1000) : '–';
}

/** The sum of what the rows below tell of the last minute; null if they do not tell it yet. */
const lately = name => flows.size === 0 ? null : [...flows.values()].reduce((sum, one) => sum + one[name], 0);

function figures(tasks) {
  const came = lately('in_per_second') ?? rateNow(flow => flow.received);
  const went = lately('out_per_second') ?? rateNow(flow => flow.ended);
  const first = live.samples[0];
  const failed = first ? Math.max(0, failures(live.status.flow) - failures(first.flow)) : 0;
  const since = first ? span(now() - new Date(first.at)) : 'some seconds';
  const values = of => rates(of).map(one => one.value);
  return h('dl', {class: 'figures', 'data-key': 'figures'},
    figure('Waiting', count(tasks.pending), '', `${plural(tasks.delayed, 'more is', 'more are')} delayed`, spark(live.samples.map(one => one.tasks.pending), 'Waiting'), '/tasks?state=pending'),
    figure('Oldest', longest(applications), '', 'since it was due', null, tasks.pending ? '/tasks?state=pending' : null),
    figure('In', came === null ? '–' : rate(came), '/s', 'last minute', spark(values(flow => flow.received), 'In')),
    figure('Out', went === null ? '–' : rate(went), '/s', 'ended here, in whatever way', spark(values(flow => flow.ended), 'Out')),
    figure('Time to drain', ...drain(tasks.pending, came, went), null),
    figure('Failed', count(tasks.failed), '', `kept here. Ended as failed: ${count(failed)} in the last ${since}, ${count(failures(live.status.flow))} since the start`, null, '/tasks?state=failed'));
}

function backlog() {
  const rows = [...applications].sort((a, b) => a.application.localeCompare(b.application));
  return h('section', {'aria-labelledby': 'h-backlog', 'data-key': 'backlog'}, h('div', {class: 'head'}, h('h2', {id: 'h-backlog'}, 'Backlog by application'), h('a', {class: 's', href: '/queues'}, 'All queues')),
    rows.length === 0 ? h('p', {class: 'm'}, 'No application has tasks here.')
      : h('div', {class: 'scroll'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, 'Backlog by application'),
        h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Application'), head(), h('th', {scope: 'col', class: 'r'}, 'Waiting'), h('th', {scope: 'col', class: 'r'}, 'Oldest'), h('th', {scope: 'col', class: 'r'}, 'In, out /s'), h('th', {scope: 'col', class: 'r'}, 'Time to drain'), h('th', {scope: 'col', class: 'r'}, 'A worker asked'), h('th', {scope: 'col'}, 'State'))),
        h('tbody', null, rows.map(row => h('tr', {'data-key': keyOf(row), 'data-row': true},
          h('th', {scope: 'row', class: 'ctl'}, h('a', {href: `/tasks?application=${encodeURIComponent(row.application)}`}, called(row.application))),
          cell(row),
          h('td', {class: `r ${row.pending ? '' : 'm'}`, 'data-l': 'Waiting'}, count(row.pending)),
          oldest(row),
          flow(flows.get(keyOf(row))),
          h('td', {class: 'r', 'data-l': 'A worker asked'}, asked(row)),
          h('td', {class: 'lead'}, state(row, calling))))))));
}

export const asked = row => row.last_asked_seconds_ago === undefined ? h('span', {class: 'm'}, row.pending > 0 ? 'never' : '–') : `${span(row.last_asked_seconds_ago * 1000)} ago`;

/** @param called the workers that are called */
export function state(row, called) {
  const pause = heldBy({application: row.application}, row.broker);
  if (pause) return h('span', {class: 'st warn'}, icon('pause'), 'Paused');
  if (row.lacks_workers) return h('span', {class: 'st bad'}, icon('stall'), 'No worker asks');
  if (takesNothing(called, row.application, row.broker)) return h('span', {class: 'st bad'}, icon('stall'), 'Takes nothing');
  return row.pending > 0 ? asking(row.last_asked_seconds_ago) : h('span', {class: 'st ok'}, icon('ok'), 'Nothing waits');
}

function past() {
  const came = rates(flow => flow.received);
  const went = rates(flow => flow.ended);
  if (came.length < 3) return null;
  return h('section', {'aria-labelledby': 'h-past', 'data-key': 'past'}, h('div', {class: 'head'}, h('h2', {id: 'h-past'}, 'In and out'),
    h('p', {class: 's m'}, `Tasks a second, ${clock(came[0].at)} to ${clock(came.at(-1).at)}, at most ${rate(Math.max(...[...came, ...went].map(one => one.value)))} /s `,
      h('svg', {class: 'chart key', viewBox: '0 0 22 6', 'aria-hidden': 'true'}, h('line', {class: 'in', x1: 0, x2: 22, y1: 3, y2: 3})), 'in',
      h('svg', {class: 'chart key', viewBox: '0 0 22 6', 'aria-hidden': 'true'}, h('line', {class: 'out', x1: 0, x2: 22, y1: 3, y2: 3})), 'out')),
  h('div', {class: 'panel'}, inAndOut(came.map(one => one.value), went.map(one => one.value))));
}

function inside(tasks, flow) {
  const row = (name, value, href) => h('tr', null, h('th', {scope: 'row'}, href ? h('a', {href}, name) : name), h('td', {class: `r ${value === 0 ? 'm' : ''}`}, typeof value === 'number' ? count(value) : value));
  const part = (id, name, rows) => h('section', {'aria-labelledby': id}, h('div', {class: 'head'}, h('h2', {id}, name)),
    h('div', {class: 'scroll'}, h('table', null, h('caption', {class: 'sr'}, name), h('tbody', null, rows))));
  return h('div', {class: 'two', 'data-key': 'inside'},
    part('h-in', 'What is inside', [
      row('Waiting', tasks.pending, '/tasks?state=pending'), row('With workers', tasks.processing, '/tasks?state=processing'), row('On their way to workers', tasks.claimed, '/tasks?state=claimed'),
      row('Delayed', tasks.delayed, '/tasks?state=delayed'), row('To be retried', tasks.retry, '/tasks?state=retry'), row('Failed', tasks.failed, '/tasks?state=failed'),
      row('To be published to Kafka', tasks.to_publish), row('Refused by Kafka, parked', tasks.parked, tasks.parked ? '/kafka' : null),
      row('Arguments, in the store', bytes(tasks.payload_bytes)), row('The store’s file', bytes(tasks.store_bytes)), row('Memory of the rows', bytes(tasks.memory_bytes))]),
    part('h-since', areSeveral() ? 'Since these brokers started' : 'Since this broker started', [
      row('Taken in', flow.received), row('Over here', flow.ended), row('Retried, as new tasks', flow.retried), row('Sent to the dead letters', flow.dead_lettered),
      row('Failed and discarded', flow.discarded), row('Expired before a worker had them', flow.expired), row('Deadlines that workers missed', flow.deadlines_missed)]));
}

const PYTHON = `from taskbroker import App

app = App("shop", kafka="127.0.0.1:9092", brokers="127.0.0.1:50051")

@app.task("mail.welcome")
def welcome(org_id: int, address: str) -> None:
    print("hello", address)

if __name__ == "__main__":
    print(welcome.delay(7, "a@example.org"))`;

const COMMANDS = `./taskbroker dev send mail.welcome '[7, "a@example.org"]'
./taskbroker dev work       # in another terminal: prints and completes tasks`;

const RUN = `pip install './clients/python[kafka,worker]'
taskworker run shop:app     # goes on until Ctrl-C
python shop.py              # in another terminal`;

function firstRun() {
  const code = (name, text) => [h('h3', null, name, h('button', {class: 'bare', type: 'button', onclick: () => copy(text)}, icon('copy'), 'Copy', h('span', {class: 'sr'}, ` ${name}`))), h('pre', {tabindex: 0}, h('code', null, text))];
  return [
    h('div', {class: 'top', 'data-key': 'first'}, h('div', null, h('h1', null, 'All is ready. Send the first task'), h('p', null, 'No task has come since this broker started, and none is stored. This page changes by itself when one comes.'))),
    h('details', {class: 'panel', open: true, 'data-key': 'how'}, h('summary', null, icon('more'), 'Python'), code('shop.py', PYTHON), code('Work on it, and send it', RUN)),
    h('details', {class: 'panel', 'data-key': 'commands'}, h('summary', null, icon('more'), 'Command line, without a client'), code('Send one, and work on it', COMMANDS)),
    h('p', {class: 's m hint', 'data-key': 'hint'}, 'The addresses are those of ./taskbroker dev; put in your own. Sent one, and nothing comes? It went to another topic, or to another Kafka.'),
  ];
}

export default {
  title: () => 'Overview',
  polls: true,

  begin() {
    all = false;
  },

  isBehind: () => explanations !== null && heard !== told(),

  async load() {
    heard = told();
    const [why, who, lately, called] = await Promise.all([get('why'), get('applications'), get('paces', {limit: 1}), get('called-workers')]);
    calling = called.called_workers;
    // Of several brokers each tells its own stalls first: here no pause of one stands before a stall of another.
    explanations = areSeveral() ? why.explanations.sort((a, b) => isSoft(a) - isSoft(b)) : why.explanations;
    applications = who.applications;
    flows = new Map(lately.applications.map(one => [keyOf(one), one]));
  },

  view(app) {
    if (!live.status || explanations === null) return h('p', {class: 'm', 'data-key': 'wait'}, 'Asking the broker…');
    const {tasks, flow} = live.status;
    const number = tasks.pending + tasks.processing + tasks.claimed + tasks.delayed + tasks.retry + tasks.failed;
    if (number === 0 && flow.received === 0 && explanations.length === 0) return firstRun();
    return [
      h('div', {class: 'top', 'data-key': 'top'}, h('div', null, h('h1', null, verdict(number - tasks.failed)), h('p', null, lead(number))), !areSeveral() && draining().length === 0 && h('div', {class: 'row'}, drainControl(app, brokers()[0]))),
      banners(app), figures(tasks), table(one => drainControl(app, one, 'bare'), one => longest(applications.filter(row => row.broker === one.broker))), backlog(), past(), inside(tasks, flow),
    ];
  },
};
