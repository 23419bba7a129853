// Points in time, in UTC: the same words on every machine that looks at one registry. They are
// milliseconds since 1970, and `now` is the registry's.

import { rough } from './span.js';

/** `2026-11-21 10:02:11 UTC`. */
export function dateAndTime(at) {
  return `${date(at)} ${timeOfDay(at).slice(0, 8)} UTC`;
}

/** `11:02:16.207`. */
export function timeOfDay(at) {
  return new Date(at).toISOString().slice(-13, -1);
}

/** `11:02:16.207`, with the date before it unless that is today's. */
export function timeSeenFrom(now, at) {
  return date(now) === date(at) ? timeOfDay(at) : `${date(at)} ${timeOfDay(at)}`;
}

/** `12 s ago`; `just now` within half a second, also when the other clock is ahead of ours. */
export function ago(now, at) {
  const passed = Math.max(0, now - at);
  return passed < 500 ? 'just now' : `${rough(passed)} ago`;
}

/** `12 s ago, at 11:02:16.207`. */
export function agoAndWhen(now, at) {
  return `${ago(now, at)}, at ${timeSeenFrom(now, at)}`;
}

function date(at) {
  return new Date(at).toISOString().slice(0, -14);
}
