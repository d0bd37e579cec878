// The topics: what Kafka says of them, how far this broker is, and what holds it up.

import {h, icon} from './dom.js';
import {get} from './api.js';
import {areSeveral, of} from './brokers.js';
import {count, plural, sentence} from './format.js';
import {loadParked, parkedRows} from './parked.js';

const USE = {read: 'Read', left_alone: 'Left alone: its consumer is switched off', written: 'Written to'};

let topics = null;

const all = of => topics.flatMap(topic => topic.partitions.filter(of));

/** Brokers of one Kafka see the same topics: each partition is told by the one that reads it, if one of them does. */
function joined(told) {
  const topics = new Map();
  for (const topic of told) {
    const key = JSON.stringify([topic.topic, topic.address, topic.group]);
    const there = topics.get(key) ?? {...topic, key, trouble: undefined, partitions: new Map()};
    there.trouble ??= topic.trouble && `${of(topic)}${sentence(topic.trouble)}`;
    for (const one of topic.partitions) {
      if (!there.partitions.get(one.partition)?.is_ours) there.partitions.set(one.partition, {...one, broker: topic.broker});
    }
    topics.set(key, there);
  }
  return [...topics.values()].map(topic => ({...topic, partitions: [...topic.partitions.values()].sort((a, b) => a.partition - b.partition)}));
}

const isLeaderless = one => one.leader === undefined;

function verdict() {
  const troubled = topics.filter(topic => topic.trouble);
  const leaderless = all(isLeaderless).length;
  const held = all(one => one.held && !isLeaderless(one)).length;
  const lag = all(() => true).reduce((sum, one) => sum + (one.lag ?? 0), 0);
  if (topics.length === 0) return ['No topic is declared', 'This broker has no Kafka: nothing is read or written.'];
  if (leaderless > 0) return [`${plural(leaderless, 'partition has no leader', 'partitions have no leader')}${troubled.length > 0 ? `, and Kafka does not tell of ${plural(troubled.length, 'topic', 'topics')}` : ''}`, 'Nothing of it is read or written until a Kafka node that has a copy of it is back.'];
  if (troubled.length > 0) return ['Kafka does not tell all', 'What it does not say is missing below.'];
  if (held > 0) return [`${plural(held, 'partition is', 'partitions are')} held up`, 'What is read and not committed comes again after a crash; nothing of it is lost.'];
  return lag === 0 ? ['All that is in Kafka has been read', 'And all of it is committed.'] : [`${plural(lag, 'record is', 'records are')} to come`, 'They are read as fast as the store takes them.'];
}

function state(topic, one) {
  if (isLeaderless(one)) return h('span', {class: 'st bad'}, icon('stall'), 'No leader');
  if (one.held) return h('span', {class: 'st warn'}, icon('warn'), 'Held up');
  if (topic.use !== 'read') return h('span', {class: 'm'}, 'Not read here');
  if (!one.is_ours && !one.owner) return h('span', {class: 'st warn'}, icon('warn'), 'Nobody reads it');
  if (one.lag === undefined) return h('span', {class: 'm'}, 'Not known');
  return one.lag > 0 ? h('span', {class: 'st run'}, icon('run'), 'Being read') : h('span', {class: 'st ok'}, icon('ok'), 'Nothing is to come');
}

const number = (name, value, kind = '') =>
  h('td', {class: `r ${kind} ${value ? '' : 'm'}`, 'data-l': name}, value === undefined ? '–' : count(value));

function row(topic, one) {
  const isRead = topic.group !== undefined;
  return h('tr', {'data-key': String(one.partition), 'data-row': true},
    h('th', {scope: 'row'}, `Partition ${one.partition}`),
    h('td', {class: 'lead'}, state(topic, one)),
    number('End', one.end),
    isRead && [number('Read', one.read, 'lo'), number('Stored', one.stored, 'lo'), number('Committed', one.committed), number('To come', one.lag)],
    h('td', {class: 'lo ctl', 'data-l': 'Leader'}, one.leader ?? h('span', {class: 'm'}, 'none')),
    isRead && h('td', {class: 'all ctl', 'data-l': 'Read by'}, one.is_ours ? (areSeveral() ? `broker ${one.broker}` : 'this broker') : one.owner ?? h('span', {class: 'm'}, 'nobody')));
}

function section(topic) {
  const isRead = topic.group !== undefined;
  const heads = ['State', ['End', 'r'], ...(isRead ? [['Read', 'r lo'], ['Stored', 'r lo'], ['Committed', 'r'], ['To come', 'r']] : []), ['Leader', 'lo'], ...(isRead ? ['Read by'] : [])];
  const held = topic.partitions.filter(one => one.held);
  const isSoft = !topic.trouble && !topic.partitions.some(isLeaderless);
  return h('section', {'aria-label': topic.topic, 'data-key': topic.key},
    h('div', {class: 'head'}, h('h2', {class: 'ctl'}, topic.topic), h('p', {class: 's m ctl'}, `${USE[topic.use]}. Cluster ${topic.cluster}, at ${topic.address}${isRead ? `; group ${topic.group}` : ''}.`)),
    (topic.trouble || held.length > 0) && h('div', {class: 'top'}, h('div', {class: `stall wide ${isSoft ? 'soft' : ''}`},
      topic.trouble && h('div', {class: 'ctl'}, topic.trouble),
      held.map(one => h('div', {class: 'ctl'}, `Partition ${one.partition}: ${one.held}.`)))),
    topic.partitions.length > 0 && h('div', {class: 'scroll'}, h('table', {class: 'stack'}, h('caption', {class: 'sr'}, `Partitions of ${topic.topic}`),
      h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Partition'), heads.map(one => h('th', {scope: 'col', class: Array.isArray(one) ? one[1] : null}, Array.isArray(one) ? one[0] : one)))),
      h('tbody', null, topic.partitions.map(one => row(topic, one))))));
}

export default {
  title: () => 'Kafka',
  polls: true,

  async load() {
    const [kafka] = await Promise.all([get('kafka'), loadParked()]);
    topics = joined(kafka.topics);
  },

  view(app) {
    if (topics === null) return h('p', {class: 'm', 'data-key': 'wait'}, 'Asking Kafka…');
    const [head, words] = verdict();
    return [
      h('div', {class: 'top', 'data-key': 'top'}, h('div', null, h('h1', null, head), h('p', null, words))),
      topics.map(section), parkedRows(app),
    ];
  },
};
