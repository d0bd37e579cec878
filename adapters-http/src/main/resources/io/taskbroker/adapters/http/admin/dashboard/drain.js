// Emptying the broker, and taking tasks in again.

import {h, icon} from './dom.js';
import {post} from './api.js';
import {ask, toast} from './dialogs.js';
import {live} from './live.js';
import {mayOrder, whyNot} from './shell.js';

/** The order to drain, and how far it is; undefined if there is none. */
export const draining = () => live.status?.drain;

export function drain(app) {
  return ask({
    title: 'Drain this broker?',
    lead: 'It takes nothing in any more and leaves its consumer groups; other brokers of them read on. What is stored is served to the end, also after a restart.',
    body: h('label', {class: 'row'}, h('input', {type: 'checkbox', name: 'exit'}), 'End the process once it is empty'),
    command: "taskbroker drain --reason '…' --yes",
    confirm: 'Drain this broker',
    keep: 'Let it take tasks in',
    act: async form => {
      await post('drain', {reason: form.get('reason'), exit_when_empty: form.get('exit') !== null});
      toast('Nothing is taken in any more. What is here is served.');
      await app.reload();
    },
  });
}

export function endDrain(app) {
  return ask({
    title: 'End the drain?',
    lead: 'This broker joins its consumer groups again, and takes tasks in.',
    command: 'taskbroker drain --end',
    confirm: 'End the drain',
    keep: 'Leave it draining',
    act: async form => {
      await post('drain/end', {reason: form.get('reason')});
      toast('The drain has ended. Tasks are taken in again.');
      await app.reload();
    },
  });
}

/** The button that does what can be done now. */
export function control(app) {
  const facts = {type: 'button', disabled: !mayOrder(app), title: mayOrder(app) ? null : whyNot(app)};
  return draining()
    ? h('button', {...facts, onclick: () => endDrain(app)}, icon('run'), 'End the drain…')
    : h('button', {...facts, onclick: () => drain(app)}, 'Drain…', h('span', {class: 'sr'}, ' this broker'));
}
