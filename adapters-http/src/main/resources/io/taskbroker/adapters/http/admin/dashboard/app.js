// Which page is shown, and when it is drawn anew.

import {fill, h} from './dom.js';
import {get, whenSignedOut} from './api.js';
import * as live from './live.js';
import {gap} from './brokers.js';
import {isOpen} from './dialogs.js';
import {drawFooter, drawHeader, title} from './shell.js';
import {listen} from './keys.js';
import overview from './overview.js';
import queues from './queues.js';
import tasks from './tasks.js';
import task from './task.js';
import workers from './workers.js';
import deadLetters from './dead-letters.js';
import upcoming from './upcoming.js';
import kafka from './kafka.js';
import rules from './rules.js';
import configuration from './configuration.js';
import audit from './audit.js';
import signIn from './sign-in.js';

const PAGES = {
  '/': overview, '/queues': queues, '/tasks': tasks, '/task': task, '/workers': workers, '/dead-letters': deadLetters, '/upcoming': upcoming, '/kafka': kafka, '/rules': rules, '/configuration': configuration, '/audit': audit, '/sign-in': signIn,
};

/** How often what no event tells is asked for again. */
const POLL_MS = 3000;

const main = document.getElementById('main');
const app = {me: null, page: null, trouble: null, go, draw, reload, setMe};
let polling = 0;
let visit = 0;

function setMe(me) {
  app.me = me;
}

/** Leads to another place of the dashboard. */
function go(path, replaces = false) {
  history[replaces ? 'replaceState' : 'pushState'](null, '', path);
  open();
}

async function open() {
  const mine = ++visit;
  const url = new URL(location.href);
  app.page = PAGES[url.pathname] ?? overview;
  app.trouble = null;
  app.page.begin?.(app, url.searchParams);
  main.replaceChildren();
  draw();
  // Of a row of tabs that is wider than a phone, the page's own is seen.
  document.querySelector('.tabs [aria-current]')?.scrollIntoView({inline: 'center', block: 'nearest'});
  scrollTo(0, 0);
  main.focus({preventScroll: true});
  await reload();
  if (mine === visit) main.dataset.ready = url.pathname;
}

/** Asks for what the page shows. */
async function reload() {
  clearTimeout(polling);
  const mine = visit;
  try {
    await app.page.load?.(app);
    app.trouble = null;
  } catch (e) {
    app.trouble = e.message;
    if (e.status === undefined) console.error(e);
  }
  if (mine !== visit) return;
  draw();
  if (app.page.polls) polling = setTimeout(poll, POLL_MS);
}

function poll() {
  // What is not seen, was stopped, or stands behind a question is left as it is.
  if (document.hidden || live.live.stopped || isOpen()) polling = setTimeout(poll, POLL_MS);
  else reload();
}

function draw() {
  document.body.classList.toggle('old', live.live.lost !== null || live.live.stopped);
  document.title = title(app);
  fill(document.getElementById('header'), drawHeader(app));
  fill(main, app.trouble && trouble(), app.me && gap(), app.page.view(app));
  fill(document.getElementById('footer'), drawFooter(app));
}

function trouble() {
  return h('div', {class: 'top', 'data-key': 'trouble'}, h('div', {class: 'stall wide', role: 'alert'},
    h('h2', null, 'This page could not be brought up to date'), h('p', null, app.trouble),
    h('div', {class: 'row'}, h('button', {type: 'button', onclick: reload}, 'Try again'))));
}

addEventListener('popstate', open);

document.addEventListener('click', event => {
  const link = event.target.closest('a[href^="/"]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || link.pathname.startsWith('/api/')) return;
  event.preventDefault();
  go(link.getAttribute('href'));
});

whenSignedOut(() => {
  if (app.page === signIn) return;
  live.end();
  app.me = null;
  go(`/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`, true);
});

live.onChange(() => {
  if (!app.page || isOpen()) return;
  draw();
  // What has come to a stand, or goes on, is not left for the next poll.
  if (app.page.isBehind?.()) reload();
});

listen(app);

try {
  app.me = await get('me');
  live.start();
  live.remember().then(draw, () => {});
} catch (e) {
  if (e.status !== 401) app.trouble = e.message;
  // Or the way to the page where a session begins has been taken already.
}
if (app.page === null) await open();
