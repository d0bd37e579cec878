// Small drawings. Each says in words what it shows.

import {h} from './dom.js';
import {count} from './format.js';

const round = number => Math.round(number * 10) / 10;

function points(values, width, height, top) {
  const most = Math.max(top ?? 0, ...values, 1e-9);
  return values.map((value, i) => [
    round(1 + (i * (width - 4)) / Math.max(1, values.length - 1)),
    round(height - 1 - (value / most) * (height - 4)),
  ]);
}

const path = all => all.map(point => point.join(',')).join(' ');

/** A line on its own scale; nothing with fewer than three values. */
export function spark(values, what) {
  if (values.length < 3) return null;
  const at = points(values, 96, 22);
  const [x, y] = at.at(-1);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const shape = high - low <= 0.05 * high ? 'steady' : values.at(-1) > values[0] ? 'rising' : values.at(-1) < values[0] ? 'falling' : 'in waves';
  return h('svg', {class: 'spark', viewBox: '0 0 96 24', role: 'img', 'aria-label': `${what}, last minutes: ${shape}`},
    h('path', {class: 'a', d: `M1,24 L${at.map(one => one.join(',')).join(' L')} V24Z`}),
    h('polyline', {points: path(at)}),
    h('circle', {class: 'e', cx: x, cy: y, r: 2}));
}

/** With workers, waiting and later, on one scale. */
export function depth(running, waiting, later, most, bad) {
  const scale = 100 / Math.max(1, most);
  const [a, b, c] = [running, waiting, later].map(one => round(one * scale));
  return h('svg', {class: `depth ${bad ? 'bad' : ''}`, viewBox: '0 0 100 6', preserveAspectRatio: 'none', role: 'img',
    'aria-label': `${count(running)} with workers, ${count(waiting)} waiting, ${count(later)} later`},
    h('rect', {width: a, height: 6}),
    h('rect', {class: 'wait', x: a, width: b, height: 6}),
    h('rect', {class: 'later', x: a + b, width: c, height: 6}));
}

/** What came in and what went out, on one scale. */
export function inAndOut(came, went) {
  const most = Math.max(...came, ...went, 1e-9);
  return h('svg', {class: 'chart', viewBox: '0 0 600 100', preserveAspectRatio: 'none', role: 'img',
    'aria-label': `Tasks a second: in at most ${round(Math.max(...came))}, out at most ${round(Math.max(...went))}`},
    h('line', {class: 'axis', x1: 0, x2: 600, y1: 99, y2: 99, 'vector-effect': 'non-scaling-stroke'}),
    h('polyline', {class: 'in', points: path(points(came, 600, 100, most)), 'vector-effect': 'non-scaling-stroke'}),
    h('polyline', {class: 'out', points: path(points(went, 600, 100, most)), 'vector-effect': 'non-scaling-stroke'}));
}
