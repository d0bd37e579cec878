// Shows a token once; the browser then has a session.

import {h} from './dom.js';
import {post} from './api.js';
import * as live from './live.js';

let to = '/';
let wasSent = false;
let trouble = '';

async function begin(app, event) {
  event.preventDefault();
  const token = new FormData(event.target).get('token').trim();
  try {
    app.setMe(await post('session', {}, {Authorization: `Bearer ${token}`}));
    trouble = '';
    live.start();
    live.remember().catch(() => {});
    app.go(to, true);
  } catch (e) {
    trouble = e.status === 401 ? 'The broker does not know this token. Look at admin.tokens of its configuration.' : e.message;
    app.draw();
  }
}

export default {
  title: () => 'Sign in',

  begin(app, query) {
    const path = query.get('to') ?? '/';
    wasSent = query.has('to');
    // Only to a place of this dashboard.
    to = /^\/(?![/\\])/.test(path) ? path : '/';
    trouble = '';
  },

  view: app => [
    h('div', {class: 'top'}, h('div', null, h('h1', null, 'Sign in with a token'),
      h('p', null, wasSent ? 'This broker shows itself to those who have a token only, or your session is over: it lasts twelve hours, or until the broker restarts.'
        : 'A token of the role operator lets you pause, cancel, run now and requeue.'))),
    h('form', {class: 'panel sign', onsubmit: event => begin(app, event)},
      h('label', {class: 'wide'}, h('span', null, 'Token, one of admin.tokens'),
        h('input', {class: 'wide', type: 'password', name: 'token', required: true, autocomplete: 'off', spellcheck: 'false', 'aria-describedby': 'token-use'})),
      h('p', {class: 's m', id: 'token-use'}, 'It is sent once, and kept nowhere in this browser.'),
      h('p', {class: 'bad', role: 'alert'}, trouble),
      h('button', {class: 'go', type: 'submit'}, 'Sign in')),
  ],
};
