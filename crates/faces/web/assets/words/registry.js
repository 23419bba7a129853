// The registry itself: its journal, its deaf time, its beats.

import { ago, dateAndTime, timeSeenFrom } from './clock.js';
import { count, rough, span } from './span.js';
import { unknown } from './sender.js';

/** What people read for the states of the journal. */
export const JOURNAL = {
  memory: () => 'none: kept in memory only',
  durable: () => 'durable: on disk before it is answered',
  unavailable: ({ since, reason, unwritten }, now) => {
    const at = since == null ? null : Date.parse(since);
    return [
      'unavailable',
      at === null ? '' : ` since ${timeSeenFrom(now, at)} (${ago(now, at)})`,
      reason == null ? '' : `: ${reason}`,
      unwritten == null ? '' : `; ${count(unwritten, 'instance')} not written`,
    ].join('');
  },
};

/** Where what is registered is kept. */
export function journal(told, now) {
  return Object.hasOwn(JOURNAL, told.state) ? JOURNAL[told.state](told, now) : unknown(told.state);
}

/** For how long it could not hear. */
export function deaf(lastHourMillis) {
  return lastHourMillis === 0 ? 'never in the last hour' : `for ${span(lastHourMillis)} of the last hour`;
}

/** Since when it runs. */
export function up(startedAt, now) {
  return `for ${rough(Math.max(0, now - startedAt))}, since ${dateAndTime(startedAt)}`;
}

/** What was promised and what came. */
export function beats(promised, heard) {
  return `${promised} promised a minute, ${heard} heard in the last`;
}
