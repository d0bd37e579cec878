// Numbers, times and names as people read them.

const NUMBER = new Intl.NumberFormat('en');
const CLOCK = new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit', second: '2-digit'});
const DAY = new Intl.DateTimeFormat('en-GB', {day: 'numeric', month: 'long', year: 'numeric'});

export const count = number => NUMBER.format(number);

export const plural = (number, one, many) => `${count(number)} ${number === 1 ? one : many}`;

const WORDS = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine'];

/** "Two", as a sentence begins. */
export const word = number => WORDS[number] ?? count(number);

/** "4 min 15 s": whole seconds, up to two minutes in seconds alone, as the broker's own sentences have it. */
export function span(ms) {
  const s = Math.max(0, ms) / 1000;
  if (s < 120) return `${Math.floor(s)} s`;
  const parts = s < 3600 ? [[60, 'min'], [1, 's']] : s < 86400 ? [[3600, 'h'], [60, 'min']] : [[86400, 'd'], [3600, 'h']];
  const first = Math.floor(s / parts[0][0]);
  const second = Math.floor((s % parts[0][0]) / parts[1][0]);
  return `${first} ${parts[0][1]}${second ? ` ${second} ${parts[1][1]}` : ''}`;
}

export const clock = at => CLOCK.format(new Date(at));

export const day = at => DAY.format(new Date(at));

/** The time, and the day if it is not today's. */
export function moment(at, now) {
  return day(at) === day(now) ? clock(at) : `${day(at)}, ${clock(at)}`;
}

/** "in 10 s" or "10 s ago". */
export function relative(at, now) {
  const ms = new Date(at) - now;
  return ms > 0 ? `in ${span(ms)}` : `${span(-ms)} ago`;
}

export function bytes(number) {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let at = 0;
  let size = number;
  while (size >= 1000 && at < units.length - 1) {
    size /= 1000;
    at++;
  }
  return `${at === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[at]}`;
}

export const rate = perSecond => (perSecond >= 100 ? count(Math.round(perSecond)) : perSecond.toFixed(1));

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Names of a pause or a filter, the widest first. */
export const names = of =>
  [of.application, of.namespace, of.task, of.topic && `topic ${of.topic}`].filter(one => one !== undefined && one !== null).map(one => one === '' ? '(no name)' : one).join(', ');

/** As a sentence begins. */
export const capital = words => words === '' ? '' : `${words[0].toUpperCase()}${words.slice(1)}`;

/** As a sentence of its own. */
export const sentence = words => words === '' ? '' : `${capital(words)}${/[.!?…]$/.test(words) ? '' : '.'}`;

/** Why a task has failed. */
export const CAUSES = {
  reported: 'a worker reported that it failed',
  attempts_used_up: 'workers had it as often as is allowed, and none reported',
  deadline_missed: 'its worker did not report in time, and it runs at most once',
  push_unanswered: 'its push was not answered, and it runs at most once',
  overtaken: 'another broker may have run it, and it runs at most once',
  retry_uncertain: 'Kafka may have its retry, and it runs at most once',
  demotion_uncertain: 'Kafka may have its copy in another topic, and it runs at most once',
  undeliverable: 'no worker can take it',
};

/** How a task has ended. */
export const OUTCOMES = {
  completed: 'a worker has done it',
  retried: 'its next try is a new task',
  dead_lettered: 'it failed, and is a dead letter now',
  discarded: 'it failed, and its producer wants no dead letter',
  forwarded: 'a rule has sent it to another topic',
  expired: 'no worker had begun it in time',
  dropped: 'a rule has dropped it',
  cancelled: 'an operator has ended it',
  undeliverable: 'no worker can take it',
};

/** Ends that nobody wanted. */
export const FAILURES = ['dead_lettered', 'discarded', 'undeliverable'];

/** What a failed task says of itself. */
export const failure = of => `${CAUSES[of.cause] ?? of.cause}${of.last_error ? `: ${of.last_error}` : ''}`;

/** Why no arguments are shown. */
export const hidden = contents => contents.encoding === 'none' ? 'There are none.' : `They cannot be shown: ${contents.unreadable}.`;

export const called = name => name === '' ? '(no name)' : name;

/** A state as a shape, a word and a colour. */
export const STATES = {
  pending: ['pending', 'Waiting', ''],
  claimed: ['run', 'On its way', 'run'],
  processing: ['run', 'With a worker', 'run'],
  delayed: ['clock', 'Delayed', ''],
  retry: ['retry', 'To be retried', 'warn'],
  failed: ['fail', 'Failed', 'bad'],
  complete: ['ok', 'Over', 'ok'],
};

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

/** Words of the broker, with times as this page tells them. */
export const local = (words, now) => words.replace(INSTANT, at => moment(at, now));

/** How a command is told for how long; nothing for no end. */
export const lasting = seconds => seconds === 0 ? '' : ` --for ${seconds % 3600 === 0 ? `${seconds / 3600}h` : `${seconds / 60}m`}`;

/** For a shell: in quotes where it needs them. */
export const shell = text => /^[\w.@%+=:,/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
