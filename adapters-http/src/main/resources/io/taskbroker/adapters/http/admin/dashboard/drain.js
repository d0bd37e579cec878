// Emptying a broker, and having it take tasks in again.

import {h, icon} from './dom.js';
import {post} from './api.js';
import {addressed, areSeveral, brokers} from './brokers.js';
import {ask, toast} from './dialogs.js';
import {mayOrder, whyNot} from './shell.js';

/** The brokers that drain; each has the order, and how far it is. */
export const draining = () => brokers().filter(one => one.drain);

/** Whether all of them are empty, as somebody has ordered. */
export const areDrained = () => brokers().length > 0 && brokers().every(one => one.drain?.is_empty);

const called = broker => areSeveral() ? `broker ${broker}` : 'this broker';

const command = (broker, words) => `taskbroker drain${addressed([broker])} ${words}`;

export function drain(app, broker) {
  return ask({
    title: `Drain ${called(broker)}?`,
    lead: 'It takes nothing in any more and leaves its consumer groups; other brokers of them read on. What is stored is served to the end, also after a restart.',
    body: h('label', {class: 'row'}, h('input', {type: 'checkbox', name: 'exit'}), 'End the process once it is empty'),
    command: form => command(broker, `${form.get('exit') === null ? '' : '--exit-when-empty '}--reason '…' --yes`),
    confirm: `Drain ${called(broker)}`,
    keep: 'Let it take tasks in',
    act: async form => {
      await post('drain', {broker, reason: form.get('reason'), exit_when_empty: form.get('exit') !== null});
      toast(areSeveral() ? `Broker ${broker} takes nothing in any more. What is there is served.` : 'Nothing is taken in any more. What is here is served.');
      await app.reload();
    },
  });
}

export function endDrain(app, broker) {
  return ask({
    title: areSeveral() ? `End the drain of broker ${broker}?` : 'End the drain?',
    lead: `${areSeveral() ? 'It' : 'This broker'} joins its consumer groups again, and takes tasks in.`,
    command: command(broker, "--end --reason '…'"),
    confirm: 'End the drain',
    keep: 'Leave it draining',
    act: async form => {
      await post('drain/end', {broker, reason: form.get('reason')});
      toast(areSeveral() ? `The drain of broker ${broker} has ended. It takes tasks in again.` : 'The drain has ended. Tasks are taken in again.');
      await app.reload();
    },
  });
}

/** The button that does what can be done to a broker now; it says which broker only where there are several. */
export function control(app, one, kind = null) {
  const isAway = one.tasks === undefined;
  const why = !mayOrder(app) ? whyNot(app) : isAway ? 'It does not answer.' : null;
  const facts = {class: kind, type: 'button', disabled: why !== null, title: why};
  return one.drain
    ? h('button', {...facts, onclick: () => endDrain(app, one.broker)}, icon('run'), 'End the drain…', areSeveral() && h('span', {class: 'sr'}, ` of broker ${one.broker}`))
    : h('button', {...facts, onclick: () => drain(app, one.broker)}, 'Drain…', h('span', {class: 'sr'}, ` ${called(one.broker)}`));
}
