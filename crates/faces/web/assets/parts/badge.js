// Small marks: a status, a health, what stands out. Each is a word; its colour only repeats it.

import { element } from '../dom.js';
import { unknown } from '../words/sender.js';

/** In the order in which they are told. */
export const STATUSES = ['UP', 'STARTING', 'DOWN', 'OUT_OF_SERVICE', 'UNKNOWN'];

const TONES = {
  UP: 'good',
  STARTING: 'info',
  DOWN: 'bad',
  OUT_OF_SERVICE: 'wary',
  passing: 'good',
  warning: 'wary',
  critical: 'bad',
};

/** How a status or a health is to be taken. */
export function toneOf(word) {
  return Object.hasOwn(TONES, word) ? TONES[word] : 'faint';
}

/** A status in a word; with how many have it, if given. */
export function status(name, count) {
  return badge(toneOf(name), readable(name), count);
}

export function health(name) {
  return badge(toneOf(name), name);
}

/** `HELD` and the like, with why one would want to know. */
export function marks({ held, damped, status_override: override }) {
  return [
    held && badge('wary', 'held', undefined, 'its lease is over, but the guard holds it'),
    damped && badge('wary', 'damped', undefined, 'kept out for its losses'),
    override != null && badge('wary', 'overridden', undefined, 'an operator said its status'),
  ].filter(Boolean);
}

export function badge(tone, word, count, title) {
  const number = count === undefined ? null : element('b', {}, count, ' ');
  return element('span', { class: 'badge', 'data-tone': tone, title }, number, word);
}

/** `OUT_OF_SERVICE` as it is read: underscores let no line break. */
export function readable(name) {
  return unknown(name);
}
