// Silences: what was promised, what came, what was excused, and what the guard said of it.

import { timeSeenFrom } from './clock.js';
import { said } from './guard.js';
import { chosen, span } from './span.js';

/** The silence for which a lease was judged `at` that time, in parts; `seat` is where its instance was by then. */
export function silence(told, at, seat) {
  const check = told.check ? `check ${told.check}: ` : '';
  const excused =
    told.excused_ms > 0
      ? `, of which ${span(told.excused_ms)} did not count because the registry could not hear`
      : '';
  const parts = [
    `${check}no renewal for ${span(told.silent_ms)}${excused}`,
    `${allowed(told)}, a beat was promised every ${chosen(told.interval_ms)}`,
  ];
  if (told.unconfirmed) {
    parts.push('nothing was heard from it since the registry started');
  } else {
    const where = seat == null ? '' : ` at ${seat}`;
    const heard = `last beat ${lastBeat(at, told.silent_ms)}${where}`;
    const before = rhythm(told.intervals_ms);
    parts.push(...(before ? [heard, `intervals before it ${before}`] : [`${heard}, the only one`]));
  }
  const guard = told.guard ? said(told.guard) : null;
  return guard === null ? parts : [...parts, guard];
}

/** What the lease allowed. */
function allowed({ ttl_ms: ttl, learnt }) {
  if (!learnt) return `its lease allows ${chosen(ttl)}`;
  const lease = `its adaptive lease (phi ${learnt.phi})`;
  if (!learnt.enough) return `${lease} allows ${chosen(ttl)} while little is learnt of its beats`;
  const beats = `${hundredths(learnt.mean_ms)} ± ${hundredths(learnt.deviation_ms)} s`;
  return `${lease} allows ${hundredths(learnt.allowed_ms)} s after beats every ${beats}`;
}

/** Seconds with two decimals. */
export function hundredths(millis) {
  const rest = String(Math.floor((millis % 1000) / 10)).padStart(2, '0');
  return `${Math.floor(millis / 1000)}.${rest}`;
}

/** When the last beat came, for one that was silent for so long `at` that time. */
export function lastBeat(at, silentMillis) {
  const heard = at - silentMillis;
  return Number.isNaN(new Date(heard).getTime()) ? 'longer ago than can be said' : timeSeenFrom(at, heard);
}

/**
 * The intervals between beats, oldest first: `1.0, 1.0, 1.1, 1.0 s`; empty without any. All in one unit, that
 * of the longest, so that the eye finds the odd one.
 */
export function rhythm(newestFirst) {
  if (newestFirst.length === 0) return '';
  const oldestFirst = [...newestFirst].reverse();
  if (Math.max(...oldestFirst) < 1000) return `${oldestFirst.join(', ')} ms`;
  const seconds = (millis) => `${Math.floor(millis / 1000)}.${Math.floor((millis % 1000) / 100)}`;
  return `${oldestFirst.map(seconds).join(', ')} s`;
}
