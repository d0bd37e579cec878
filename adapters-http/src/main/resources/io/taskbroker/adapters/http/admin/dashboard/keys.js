// What the keyboard does. Nothing here acts on a task.

import {h} from './dom.js';
import {isOpen, show} from './dialogs.js';
import {toggle} from './live.js';

const GO = {o: '/', q: '/queues', t: '/tasks', w: '/workers', d: '/dead-letters', l: '/upcoming', k: '/kafka', r: '/rules', c: '/configuration', a: '/audit'};
const STORED = 'taskbroker.keys';

let afterG = false;

function areOn() {
  try {
    return localStorage.getItem(STORED) !== 'off';
  } catch {
    return true;
  }
}

export function showKeys() {
  const key = (name, does) => h('tr', null, h('th', {scope: 'row'}, name.split(' ').map(one => [h('kbd', null, one), ' '])), h('td', null, does));
  const change = event => {
    try {
      localStorage.setItem(STORED, event.target.checked ? 'on' : 'off');
    } catch { /* they stay as they are */ }
  };
  show('Keyboard',
    h('div', {class: 'scroll'}, h('table', null, h('caption', {class: 'sr'}, 'Keys'), h('tbody', null,
      key('/', 'Search'), key('g o', 'Overview'), key('g q', 'Queues'), key('g t', 'Tasks'), key('g w', 'Workers'), key('g d', 'Dead letters'), key('g l', 'Delayed and retries: later'), key('g k', 'Kafka'), key('g r', 'Rules'), key('g c', 'Configuration'), key('g a', 'Audit'),
      key('j k', 'Next, previous row'), key('Enter', 'Open the row'), key('x', 'Select the row'), key('l', 'Live or stopped'), key('?', 'This list')))),
    h('label', {class: 'row'}, h('input', {type: 'checkbox', checked: areOn(), onchange: change}), ' Single keys work'));
}

function step(by) {
  const rows = [...document.querySelectorAll('tr[data-row]')];
  if (rows.length === 0) return;
  const at = rows.findIndex(row => row.contains(document.activeElement));
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  next.querySelector('a')?.focus();
}

export function listen(app) {
  addEventListener('keydown', event => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type !== 'checkbox' && event.target.type !== 'radio';
    if (typing || isOpen() || event.ctrlKey || event.metaKey || event.altKey || !app.me || !areOn()) return;
    const wasG = afterG;
    afterG = event.key === 'g';
    if (wasG && GO[event.key]) {
      app.go(GO[event.key]);
    } else if (event.key === '/') {
      event.preventDefault();
      document.querySelector('.find input')?.focus();
    } else if (event.key === '?') {
      showKeys();
    } else if (event.key === 'l') {
      toggle();
    } else if (event.key === 'j' || event.key === 'k') {
      step(event.key === 'j' ? 1 : -1);
    } else if (event.key === 'x') {
      document.activeElement.closest('tr[data-row]')?.querySelector('[type=checkbox]')?.click();
    }
  });
}
