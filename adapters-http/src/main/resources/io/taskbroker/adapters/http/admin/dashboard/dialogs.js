// Questions before something is done, and what was done.

import {h, icon} from './dom.js';
import {Refusal} from './api.js';

/**
 * Asks, and carries out what was asked for when that is confirmed. A refusal is shown where the question was.
 *
 * @param question title, lead, body (elements), command (text, or made of the form data, then anew as they change), confirm, keep, isStop, needsReason, act(form data)
 */
export function ask(question) {
  return new Promise(resolve => {
    const before = document.activeElement;
    const trouble = h('div', {role: 'alert'});
    const go = h('button', {class: `go ${question.isStop ? 'stop' : ''}`, type: 'submit'}, question.confirm);
    let done = null;
    const submit = async event => {
      event.preventDefault();
      go.disabled = true;
      trouble.replaceChildren();
      try {
        done = (await question.act(new FormData(form), text => { go.textContent = text; })) ?? true;
        dialog.close();
      } catch (e) {
        go.disabled = false;
        go.textContent = question.confirm;
        const said = e instanceof Refusal ? e : {lines: [`This page failed: ${e.message}`], done: []};
        trouble.replaceChildren(...said.lines.map(line => h('p', {class: 'ctl bad'}, line)), ...said.done.map(line => h('p', {class: 'ctl'}, line)));
      }
    };
    const command = h('code');
    const tell = () => { command.textContent = typeof question.command === 'function' ? question.command(new FormData(form)) : question.command; };
    const form = h('form', {onsubmit: submit, oninput: tell, onchange: tell},
      h('div', null, h('h2', {id: 'asked'}, question.title), question.lead && h('p', {class: 'm'}, question.lead)),
      h('div', {class: 'body'},
        question.body,
        question.needsReason !== false &&
          h('label', null, h('span', null, 'Reason, for the audit (needed)'),
            h('input', {class: 'wide', name: 'reason', required: true, maxlength: 500, autofocus: true, autocomplete: 'off', placeholder: 'Why are you doing this?'})),
        question.command && h('div', null, h('p', {class: 's m'}, 'The same in a terminal'), h('pre', {tabindex: 0}, command)),
        trouble),
      h('menu', null,
        h('li', null, h('button', {type: 'button', onclick: () => dialog.close()}, question.keep ?? 'Leave it')),
        h('li', null, go)));
    tell();
    const dialog = h('dialog', {'aria-labelledby': 'asked', onclose: () => {
      dialog.remove();
      before?.isConnected && before.focus();
      resolve(done);
    }}, form);
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector('[autofocus]')?.focus();
  });
}

/** Shows something in a dialog that only closes. */
export function show(title, ...body) {
  const before = document.activeElement;
  const dialog = h('dialog', {'aria-labelledby': 'shown', onclose: () => {
    dialog.remove();
    before?.isConnected && before.focus();
  }}, h('form', {onsubmit: event => { event.preventDefault(); dialog.close(); }},
    h('div', null, h('h2', {id: 'shown'}, title)),
    h('div', {class: 'body'}, body),
    h('menu', null, h('li', null, h('button', {type: 'submit', autofocus: true}, 'Close')))));
  document.body.append(dialog);
  dialog.showModal();
}

export const isOpen = () => document.querySelector('dialog[open]') !== null;

/** Says what was done, for eight seconds, or as long as somebody is on it. */
export function toast(words, isInAudit = true) {
  const one = h('div', {class: 'toast'}, icon('ok'), h('span', null, words), isInAudit && h('a', {href: '/audit'}, 'Audit'));
  document.getElementById('toasts').replaceChildren(one);
  const leave = () => one.matches(':hover, :focus-within') ? setTimeout(leave, 2000) : one.remove();
  setTimeout(leave, 8000);
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast('Copied.', false);
  } catch {
    toast('This browser lets nothing be copied here.', false);
  }
}
