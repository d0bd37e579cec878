// Several brokers, shown as one: who they are, who is away, and whose row a row is.

import {h, icon} from './dom.js';
import {count, plural, sentence, shell} from './format.js';
import {live} from './live.js';

/** Each broker as it was last; one alone has nobody beside it. */
export const brokers = () => live.status?.brokers ?? [];

export const areSeveral = () => brokers().length > 1;

/** Those that do not answer; their numbers are in no sum. */
export const away = () => brokers().filter(one => one.tasks === undefined);

/** "a, b and c" */
export const list = names => names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** The head of the column that names brokers; nothing where there is one. */
export const head = () => areSeveral() && h('th', {scope: 'col'}, 'Broker');

/** Letters that stay in one line. */
const SHORT = 16;

/** Its cell; of a row that several have part in, all of them. */
export function cell(row) {
  if (!areSeveral()) return null;
  const words = Array.isArray(row.brokers) ? list(row.brokers) : row.broker ?? '';
  return h('td', {class: words.length <= SHORT ? 'n' : 'ctl', 'data-l': 'Broker'}, words);
}

/** "a: ", before what is about one of several. */
export const of = row => areSeveral() && row.broker ? `${row.broker}: ` : '';

/** " at a", after what is done at one of several. */
export const at = row => areSeveral() && row.broker ? ` at ${row.broker}` : '';

/** " on 3 brokers", after what is done at as many of several. */
export const everywhere = (number = brokers().length) => areSeveral() ? ` on ${plural(number, 'broker', 'brokers')}` : '';

/** How a command names these of several; this page does not know their addresses. */
export const option = names => ` --broker ${shell(names.map(name => `URL of ${name}`).join(','))}`;

/** The same, or nothing where there is one: a command finds that by itself. */
export const addressed = (names = brokers().map(one => one.broker)) => areSeveral() ? option(names) : '';

/** What is left out of a page, and why. */
export function gap() {
  const gone = away();
  return gone.length > 0 && h('div', {class: 'top', 'data-key': 'gap'}, h('div', {class: 'stall soft wide', role: 'status'},
    h('h2', null, `${gone.length === 1 ? `Broker ${gone[0].broker} does` : `${plural(gone.length, 'broker', 'brokers')} do`} not answer. What you see is without ${gone.length === 1 ? 'it' : 'them'}`),
    gone.map(one => h('p', {class: 'ctl', 'data-key': one.broker}, `${one.broker}: ${sentence(one.detail)}`))));
}

function state(one) {
  if (one.tasks === undefined) return h('span', {class: 'st warn'}, icon('warn'), 'No answer');
  if (!one.ready && !one.drain?.is_empty) return h('span', {class: 'st bad'}, icon('stall'), 'Not ready');
  if (one.drain) return h('span', {class: 'st warn'}, icon('pause'), one.drain.is_empty ? 'Drained' : 'Draining');
  return h('span', {class: 'st ok'}, icon('ok'), 'Ready');
}

/**
 * One row for each broker, one that is away included.
 *
 * @param control makes of a broker the button that does something to it
 * @param oldest says of a broker for how long its oldest task waits
 */
export function table(control, oldest) {
  const number = (name, value) => h('td', {class: `r ${value ? '' : 'm'}`, 'data-l': name}, value === undefined ? '–' : count(value));
  return areSeveral() && h('section', {'aria-labelledby': 'h-brokers', 'data-key': 'brokers'}, h('div', {class: 'head'}, h('h2', {id: 'h-brokers'}, 'Brokers')),
    h('div', {class: 'scroll'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, 'Brokers'),
      h('thead', null, h('tr', null, [['Broker'], ['State'], ['Waiting', 'r'], ['With workers', 'r'], ['Oldest', 'r'], ['Version'], ['Why']].map(([name, kind]) => h('th', {scope: 'col', class: kind ?? null}, name)), h('th', {scope: 'col'}, h('span', {class: 'sr'}, 'Action')))),
      h('tbody', null, brokers().map(one => h('tr', {'data-key': one.broker, 'data-row': true},
        h('th', {scope: 'row', class: 'ctl'}, one.broker),
        h('td', {class: 'lead'}, state(one)),
        number('Waiting', one.tasks?.pending), number('With workers', one.tasks?.processing),
        h('td', {class: 'r', 'data-l': 'Oldest'}, oldest(one)),
        h('td', {'data-l': 'Version'}, one.version ?? '–'),
        h('td', {class: 'all ctl'}, one.detail ?? one.why_not_ready ?? one.drain?.left ?? ''),
        h('td', {class: 'acts'}, control(one))))))));
}

/** What each broker did, one line each: those that failed, and the others; nothing where there is one. */
export function parted(answer) {
  const told = answer.brokers ?? [];
  if (told.length < 2) return [[], []];
  const line = one => `${one.broker}: ${one.status === 200 ? 'done' : one.status === 404 ? 'nothing of that is there' : `not done. ${sentence(one.detail)}`}`;
  const isFailed = one => one.status !== 200 && one.status !== 404;
  return [told.filter(isFailed).map(line), told.filter(one => !isFailed(one)).map(line)];
}

/** The same in a sentence, after what was done. */
export function each(answer) {
  const lines = parted(answer).flat();
  return lines.length > 0 ? ` ${lines.join('; ')}.` : '';
}
