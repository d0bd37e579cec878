// What stands around every page.

import {h, icon} from './dom.js';
import {live, now, toggle} from './live.js';
import {post} from './api.js';
import {clock, span, zone} from './format.js';
import {showKeys} from './keys.js';

const TABS = [['/', 'Overview'], ['/queues', 'Queues'], ['/tasks', 'Tasks'], ['/workers', 'Workers'], ['/dead-letters', 'Dead letters'], ['/upcoming', 'Delayed and retries'], ['/kafka', 'Kafka'], ['/rules', 'Rules'], ['/configuration', 'Configuration'], ['/audit', 'Audit']];

const WHAT = {
  viewer: 'You may look, at everything but the arguments of tasks.',
  operator: 'You may look, pause, and do something to tasks.',
  admin: 'You may do everything.',
};

/** Stalls as the log says them; they stand in the title of every page. */
export const stalls = () => live.status?.stalled ?? [];

export function title(app) {
  const number = stalls().length;
  return `${number ? `(${number}) ` : ''}${app.page.title(app)} · Taskbroker`;
}

export const isOperator = app => app.me !== null && app.me.role !== 'viewer';

/** Why nobody can give an order just now; null if orders reach the broker. */
const cut = () => live.lost === null ? null : 'There is no connection to the broker.';

/** Whether a button that gives orders can be pressed. */
export const mayOrder = app => isOperator(app) && cut() === null;

const lacks = (app, what, role) => `${what} takes the role ${role}, and ${app.me ? `${app.me.name} is ${/^[ao]/.test(app.me.role) ? 'an' : 'a'} ${app.me.role}` : 'you are not signed in'}.`;

/** Why a button cannot be pressed by who lacks a role, or by anybody just now. */
export const whyNot = (app, role = 'operator') => cut() ?? lacks(app, 'This', role);

/** For who lacks the role, where buttons stand: what takes it, and the way to another token. */
export const role = (app, what, name = 'operator') => h('p', {class: 's m', 'data-key': 'role'}, `${lacks(app, what, name)} `,
  h('a', {href: `/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`}, 'Sign in with another token'));

function connection() {
  if (live.stopped) return h('button', {class: 'bare live', type: 'button', 'aria-pressed': 'false', onclick: toggle}, `Stopped ${clock(live.at)}`);
  if (live.lost !== null) return h('span', {class: 'warn s', role: 'alert'}, `No connection. What you see is ${span(Date.now() - live.at)} old`);
  return h('button', {class: 'bare live', type: 'button', 'aria-pressed': 'true', title: 'Stop moving what this page shows. The broker goes on.', onclick: toggle}, 'Live');
}

function nextTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = isDark ? 'light' : 'dark';
  try {
    localStorage.setItem('taskbroker.theme', root.dataset.theme);
  } catch { /* for this page only, then */ }
}

async function signOut(app) {
  await post('session/end', {}).catch(() => {});
  app.setMe(null);
  app.go('/sign-in');
}

function find(app, event) {
  event.preventDefault();
  const text = new FormData(event.target).get('q').trim();
  if (text) app.go(`/tasks?id_part=${encodeURIComponent(text)}`);
}

function who(app) {
  if (!app.me) return null;
  const isLocal = app.me.name === 'local';
  return h('span', {class: 'row s m who'},
    h('span', {title: WHAT[app.me.role]}, isLocal ? `as ${app.me.role}` : `${app.me.name}, ${app.me.role}`),
    isLocal ? h('a', {href: '/sign-in'}, 'Sign in') : h('button', {class: 'bare', type: 'button', onclick: () => signOut(app)}, 'Sign out'));
}

export function drawHeader(app) {
  const path = location.pathname === '/task' ? '/tasks' : location.pathname;
  return [
    h('div', {class: 'bar'},
      h('a', {class: 'brand', href: '/'}, icon('mark', 'run'), 'Taskbroker'),
      app.me && h('form', {class: 'find', role: 'search', onsubmit: event => find(app, event)}, icon('find'),
        h('label', null, h('span', {class: 'sr'}, 'Find a task by its id, or a part of it'),
          h('input', {type: 'search', name: 'q', placeholder: 'Find a task by its id', autocomplete: 'off', spellcheck: 'false'})),
        h('kbd', {'aria-hidden': 'true'}, '/')),
      app.me && live.at > 0 && connection(),
      h('button', {class: 'bare', type: 'button', title: 'Light or dark', onclick: nextTheme}, icon('theme'), h('span', {class: 'sr'}, 'Change between light and dark')),
      who(app)),
    app.me && h('nav', {class: 'tabs', 'aria-label': 'Pages'}, TABS.map(([to, name]) =>
      h('a', {href: to, 'aria-current': to === path ? 'page' : null}, name,
        to === '/' && stalls().length > 0 && h('b', {class: 'bad'}, h('span', {class: 'sr'}, ', stalls: '), String(stalls().length))))),
  ];
}

export function drawFooter(app) {
  if (!live.status) return null;
  return [
    h('span', null, `Taskbroker ${live.status.version}`),
    h('span', null, `Times are in your zone, ${zone}`),
    h('span', null, 'Updated ', h('time', null, clock(now()))),
    h('button', {class: 'bare', type: 'button', onclick: () => showKeys(app)}, 'Keyboard: press ', h('kbd', null, '?')),
    h('a', {href: '/api/v1/openapi.json'}, 'API description'),
  ];
}
