// Makes elements and brings them up to date. Texts are only ever put in as text, never as markup.

const SVG = 'http://www.w3.org/2000/svg';
const SHAPES = new Set(['svg', 'use', 'path', 'polyline', 'circle', 'rect', 'line', 'g', 'text']);

/** An element: h('p', {class: 'm', onclick: act}, 'words', other). What is null or false is left out. */
export function h(tag, facts, ...children) {
  const element = SHAPES.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  element.acts = {};
  for (const [name, value] of Object.entries(facts ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) {
      element.acts[name.slice(2)] = value;
    } else if (name === 'value' || name === 'checked') {
      element[name] = value;
      if (name === 'value') element.said = value;
    } else {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  for (const type of Object.keys(element.acts)) listen(element, type);
  element.append(...nodes(children));
  if (tag === 'select' && element.said !== undefined) element.value = element.said;
  return element;
}

function nodes(children) {
  return children.flat(9).filter(one => one !== null && one !== undefined && one !== false);
}

function listen(element, type) {
  element.heard ??= new Set();
  if (element.heard.has(type)) return;
  element.heard.add(type);
  element.addEventListener(type, event => element.acts?.[type]?.(event));
}

export const icon = (name, kind = '') =>
  h('svg', {class: `i ${kind}`, 'aria-hidden': 'true'}, h('use', {href: `#${name}`}));

/** Fills the element with what was made anew, and keeps what is the same: focus, selection and scroll stay. */
export function fill(element, ...children) {
  const fresh = h('div', null, ...children);
  renewChildren(element, fresh);
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.getAttribute('data-key') : null;
}

function isSame(old, fresh) {
  return old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && keyOf(old) === keyOf(fresh);
}

function renewChildren(old, fresh) {
  const byKey = new Map();
  for (const child of old.childNodes) {
    if (keyOf(child) !== null) byKey.set(keyOf(child), child);
  }
  let at = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const key = keyOf(wanted);
    const match = key === null ? at : byKey.get(key);
    if (match && isSame(match, wanted)) {
      if (match === at) at = at.nextSibling;
      else old.insertBefore(match, at);
      renew(match, wanted);
    } else {
      old.insertBefore(wanted, at);
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

function renew(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const {name} of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !(name === 'open' && old.nodeName === 'DETAILS')) old.removeAttribute(name);
  }
  for (const {name, value} of fresh.attributes) {
    if (name === 'open' && old.nodeName === 'DETAILS') continue;
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  old.acts = fresh.acts ?? {};
  for (const type of Object.keys(old.acts)) listen(old, type);
  if (old.nodeName === 'INPUT') {
    if (old.checked !== fresh.checked) old.checked = fresh.checked;
    // What somebody has typed and not sent stays, until the page itself says something new.
    if (old.said !== fresh.said) old.value = fresh.value;
    old.said = fresh.said;
    return;
  }
  renewChildren(old, fresh);
  if (old.nodeName === 'SELECT' && old.said !== fresh.said) {
    old.value = fresh.said;
    old.said = fresh.said;
  }
}
