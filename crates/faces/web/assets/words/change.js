// A change in words: what happened, and why.
//
// It goes by what is told rather than by the cause's name, so that a cause of a later registry is
// told as far as it is made of what is known.

import { arithmetic, said, scope } from './guard.js';
import { askedBy, unknown } from './sender.js';
import { lastBeat, rhythm, silence } from './silence.js';
import { chosen, count, rough, span } from './span.js';

/** What people read for each cause, and how it is to be taken: `good`, `wary`, `bad`, `faint`. */
export const WHAT = {
  registered: ['registered', 'good'],
  'registered-again': ['registered again', 'good'],
  deregistered: ['deregistered', 'wary'],
  'override-set': ['status overridden', 'wary'],
  'override-cleared': ['override cleared', 'good'],
  'metadata-added': ['metadata added', 'faint'],
  expired: ['left', 'bad'],
  held: ['held', 'wary'],
  returned: ['heard again', 'good'],
  refused: ['left', 'bad'],
  'came-back': ['came back', 'wary'],
  undamped: ['offered again', 'good'],
  'status-reported': ['status reported', 'faint'],
  'connection-lost': ['left', 'bad'],
  suspected: ['held', 'wary'],
};

/** Why an address was tried. */
export const SUSPICION = {
  connection_closed: 'tried because the connection that carried its beats was closed',
  beat_late: 'tried because a beat was late by half an interval',
};

/** What follows from a flap. */
export const OUTCOME = {
  offered: () => 'it is offered',
  kept_out: ({ kept_out_ms: millis }) =>
    `it is kept out${millis == null ? '' : ` for about ${rough(millis)}`}`,
  offered_for_lack: () => 'it is offered all the same, because half of its service is kept out',
};

/** Why damping does not keep an instance out any more. */
export const UNDAMPED = {
  decayed: ({ penalty }) => (penalty == null ? 'its penalty fell' : `its penalty fell to ${penalty}`),
  for_lack: () => 'more than half of its service would be kept out',
  by_hand: () => 'an operator cleared its penalty',
};

/** What happened, in a word or two; a cause of a later registry keeps its own name. */
export function what(cause) {
  return Object.hasOwn(WHAT, cause.name) ? WHAT[cause.name][0] : cause.name;
}

/** How that is to be taken. */
export function tone(cause) {
  return Object.hasOwn(WHAT, cause.name) ? WHAT[cause.name][1] : 'faint';
}

/**
 * Why something happened `at` that time, in parts, each of which makes a sentence: whose word it was, or the
 * arithmetic of a silence. `seat` is where the instance was last known to be.
 */
export function because(cause, at, seat) {
  const parts = [];
  if (!cause.scope && cause.arithmetic) parts.push(closings(cause.arithmetic));
  if (cause.scope) {
    const figures = cause.arithmetic ? `: ${arithmetic(cause.arithmetic)}` : '';
    parts.push(`by the guard of ${scope(cause.scope)}${figures}`);
  }
  if (cause.silence) parts.push(...silence(cause.silence, at, seat));
  if (cause.held_ms != null) parts.push(`the guard had held it for ${span(cause.held_ms)}`);
  if (cause.refusal) parts.push(...refused(cause.refusal, at));
  if (cause.connection) parts.push(...disconnected(cause.connection, at));
  if (cause.flap) parts.push(flapped(cause.flap));
  if (cause.undamped) parts.push(told(UNDAMPED, cause.undamped.why, cause.undamped));
  const asked = askedBy(cause);
  return asked ? [...parts, asked] : parts;
}

function refused({ address, suspicion, silent_ms: silent, intervals_ms: intervals }, at) {
  const tried = Object.hasOwn(SUSPICION, suspicion)
    ? SUSPICION[suspicion]
    : `tried because of ${unknown(suspicion)}`;
  const before = rhythm(intervals);
  return [
    `${address} refused a connection, so its process is gone`,
    ...(suspicion ? [tried] : []),
    `last beat ${lastBeat(at, silent)}`,
    ...(before ? [`intervals before it ${before}`] : []),
  ];
}

function closings({ hosts, silent, tolerated }) {
  return `the connections of ${silent} of ${hosts} sessions closed within a second, up to ${tolerated} are tolerated`;
}

function disconnected({ grace_ms: grace, closed_ms: closed, silent_ms: silent, guard }, at) {
  const waited = grace > 0 ? ` ${span(closed)} before, its grace was ${chosen(grace)}` : '';
  const word = guard ? said(guard) : null;
  return [
    `the connection of its session closed without a goodbye${waited}`,
    `last message ${lastBeat(at, silent)}`,
    ...(word === null ? [] : [word]),
  ];
}

function flapped(flap) {
  const losses = flap.losses === 1 ? 'the first time lately' : `${count(flap.losses, 'time')} lately`;
  return `it was lost ${losses}, which makes a penalty of ${flap.penalty}: ${told(OUTCOME, flap.outcome, flap)}`;
}

function told(words, word, details) {
  return Object.hasOwn(words, word) ? words[word](details) : unknown(word);
}
