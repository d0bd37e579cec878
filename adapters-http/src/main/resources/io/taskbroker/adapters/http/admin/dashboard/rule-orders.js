// Putting a rule in force, after a trial, and ending it.

import {h} from './dom.js';
import {post} from './api.js';
import {addressed, at, each, everywhere} from './brokers.js';
import {ask, toast} from './dialogs.js';
import {FOR} from './pauses.js';
import {count, lasting, plural, shell, STATES} from './format.js';
import {inPieces, listed} from './pieces.js';

/** Pieces of a trial; more is "at least". */
const MOST_TRIED = 30;

const KINDS = {
  drop: {words: 'Drop tasks of a name', text: name => JSON.stringify({drop_task_killswitch: [name]}), command: name => `--drop ${shell(name)}`},
  send: {words: 'Send off tasks of a namespace', text: name => JSON.stringify({demoted_namespaces: [name]}), command: name => `--send-off ${shell(name)}`},
  text: {words: 'As the file of rules has it', text: rule => rule, command: () => '--file FILE'},
};

/** What a rule does, such as "Drop newsletter". */
export const deed = rule => rule.kind === 'send_off' ? `Send off namespace ${rule.namespace}` : `Drop ${rule.task}${rule.condition ? ` where ${rule.condition}` : ''}`;

/** What the text would do, as one of its rules after the other; all brokers tell the rules in the same order. */
async function attempt(text, progress) {
  const effects = [];
  const onPiece = answer => {
    for (const there of Map.groupBy(answer.effects ?? [], effect => effect.broker).values()) {
      there.forEach((effect, i) => {
        const so = effects[i] ??= {...effect, tasks: 0, states: {}};
        so.tasks += effect.tasks;
        for (const [state, number] of Object.entries(effect.states)) so.states[state] = (so.states[state] ?? 0) + number;
      });
    }
    progress(`${count(effects.reduce((all, effect) => all + effect.tasks, 0))} found…`);
  };
  const numberAt = (answer, {broker}) => answer.effects.filter(effect => effect.broker === broker).reduce((all, effect) => all + effect.tasks, 0);
  return {effects, ...await inPieces('rules/try', {rules: text}, {most: MOST_TRIED, numberAt, onPiece})};
}

const byState = states => Object.entries(states).filter(([, number]) => number > 0)
  .map(([state, number]) => `${count(number)} ${(STATES[state]?.[1] ?? state).toLowerCase()}`).join(', ');

function result(effect, isAll) {
  const number = `${isAll ? '' : 'at least '}${plural(effect.tasks, 'stored task', 'stored tasks')}`;
  const where = byState(effect.states);
  return effect.kind === 'send_off'
    ? `It would send off ${number} now${where ? ` (${where})` : ''}, and all that come.`
    : `It would drop ${number} now${where ? ` (${where})` : ''}, and all that come. What is dropped is gone: it is in no topic.`;
}

/** Which rule, and what it would do; null if nobody wants to know. */
function tryOne() {
  return ask({
    title: 'Which rule?',
    lead: 'It is tried first. Nothing is done before you have seen what it would do.',
    body: h('div', {class: 'filters'},
      h('label', null, h('span', null, 'What becomes of them'), h('select', {name: 'kind'}, Object.entries(KINDS).map(([kind, {words}]) => h('option', {value: kind}, words)))),
      h('label', null, h('span', null, 'Name, or the rule as written'), h('input', {name: 'name', required: true, maxlength: 2000, autofocus: true, autocomplete: 'off', spellcheck: 'false', size: 34, placeholder: 'newsletter'}))),
    needsReason: false,
    confirm: 'Try it', keep: 'Leave it',
    act: async (form, progress) => {
      const kind = KINDS[form.get('kind')];
      const text = kind.text(form.get('name'));
      const trial = await attempt(text, progress);
      return {text, command: kind.command(form.get('name')), ...trial};
    },
  });
}

export async function newRule(app) {
  const tried = await tryOne();
  if (!tried) return null;
  const [effect] = tried.effects;
  if (tried.effects.length !== 1) {
    toast(tried.effects.length === 0 ? 'There is no rule in it.' : 'These are several rules. One is put in force at a time.', false);
    return null;
  }
  return ask({
    title: `${deed(effect)}${everywhere()}?`,
    lead: 'A dry run. Nothing has been done yet.',
    body: [
      h('p', null, result(effect, tried.isAll)),
      listed(tried.byBroker, 'stored task', 'stored tasks'),
      h('label', null, h('span', null, 'For'), h('select', {name: 'for'}, FOR.map(([seconds, words]) => h('option', {value: String(seconds)}, seconds === 0 ? 'Until somebody ends it' : words)))),
    ],
    command: form => `taskbroker rules set${addressed()} ${tried.command}${lasting(Number(form.get('for')))} --reason '…' --yes`,
    confirm: `${deed(effect)}${everywhere()}`, keep: 'Leave it', isStop: effect.kind !== 'send_off',
    act: async form => {
      const answer = await post('rules', {rule: tried.text, for_seconds: Number(form.get('for')), reason: form.get('reason')});
      toast(`In force: ${deed(effect)}.${each(answer)}`);
      await app.reload();
    },
  });
}

/** At its broker only: elsewhere the same id may be another order's. */
export function endRule(app, rule) {
  return ask({
    title: `End this rule${at(rule)}: ${deed(rule)}?`,
    lead: 'What comes from here on, and what is stored still, is handed out. What was dropped or sent off does not come back.',
    command: `taskbroker rules end${addressed([rule.broker])} ${rule.order.id} --reason '…'`,
    confirm: 'End the rule', keep: 'Leave it in force',
    act: async form => {
      await post('rules/end', {id: rule.order.id, broker: rule.broker, reason: form.get('reason')});
      toast(`Ended${at(rule)}: ${deed(rule)}.`);
      await app.reload();
    },
  });
}
