// Orders about many, which go out in pieces: what became of them at each broker.

import {h} from './dom.js';
import {InPart, post, Refusal, SIGNED_OUT} from './api.js';
import {areSeveral} from './brokers.js';
import {plural, sentence} from './format.js';

/** One piece. What fails after others were done is an answer, too: it says where the order has ended early. */
async function piece(path, order, asked) {
  try {
    return await post(path, order);
  } catch (e) {
    if (e instanceof InPart) return e.answer;
    if (asked.length === 0 || !areSeveral() || !(e instanceof Refusal) || e.status === SIGNED_OUT) throw e;
    return {brokers: asked.map(broker => ({broker, status: e.status, detail: e.message}))};
  }
}

/**
 * Sends an order again and again until it has gone through all that it is about, or as often as is said.
 *
 * @param most pieces
 * @param numberAt of an answer and one of its brokers: to how many it was done there
 * @param onPiece is told each answer
 * @return isAll: whether that was all; byBroker: to how many it was done (number), or why it has ended early (detail)
 * @throws InPart if some brokers did not carry it out; a trial only notes them
 */
export async function inPieces(path, order, {most, numberAt, onPiece}) {
  const byBroker = new Map();
  let isAll = false;
  let isTrial = false;
  let asked = [];
  for (let i = 0, after = 0; i < most && !isAll; i++) {
    const answer = await piece(path, {...order, after}, asked);
    for (const one of answer.brokers) {
      const there = byBroker.get(one.broker) ?? {number: 0, detail: ''};
      if (one.status === 200) there.number += numberAt(answer, one);
      else there.detail = one.detail;
      byBroker.set(one.broker, there);
    }
    onPiece(answer);
    isTrial ||= answer.dry_run === true;
    isAll = answer.is_last === true || answer.last === undefined;
    asked = answer.brokers.filter(one => one.status === 200 && !one.is_last).map(one => one.broker);
    after = answer.last;
  }
  if (!isTrial && [...byBroker.values()].some(one => one.detail)) throw new InPart(parted(byBroker, 'done', 'done'));
  return {isAll, byBroker};
}

/** A line for each broker: those that failed, and the others; nothing where there is one. */
export function parted(byBroker, one, many) {
  const line = ([broker, {number, detail}]) => `${broker}: ${detail && number === 0 ? '' : plural(number, one, many)}${detail && number > 0 ? ', then ' : ''}${detail ? `left out. ${sentence(detail)}` : ''}`;
  const part = isFailed => [...byBroker].filter(([, {detail}]) => isFailed === Boolean(detail)).map(line);
  return byBroker.size < 2 ? [[], []] : [part(true), part(false)];
}

/** The same as one list, failures first. */
export const lines = (byBroker, one, many) => parted(byBroker, one, many).flat();

/** At how many brokers something was found. */
export const numberOf = byBroker => [...byBroker.values()].filter(there => there.number > 0).length;

/** The same as a list. */
export function listed(byBroker, one, many) {
  const all = lines(byBroker, one, many);
  return all.length > 0 && h('ul', null, all.map(line => h('li', {class: 'ctl'}, line)));
}
