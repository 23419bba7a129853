// The life of an instance: each change with its cause and the beats before it, the newest first.

import { element } from '../dom.js';
import { because, tone, what } from '../words/change.js';
import { ago, timeSeenFrom } from '../words/clock.js';
import { sentence, withSeats } from '../words/story.js';
import { status } from './badge.js';
import { moment } from './facts.js';
import { picture } from './rhythm.js';

/** `history` is oldest first, as the registry tells it. */
export function timeline(history, now) {
  const told = withSeats(history).map((entry, place) => change(entry, place, now));
  return element('ol', { class: 'life', reversed: true }, told.reverse());
}

function change(entry, place, now) {
  const at = Date.parse(entry.at);
  return element(
    'li',
    { 'data-key': `${entry.revision} ${place}`, 'data-tone': tone(entry.cause) },
    element(
      'p',
      { class: 'what' },
      element('strong', {}, what(entry.cause)),
      moment([element('span', {}, ago(now, at)), ', at ', timeSeenFrom(now, at)], at),
    ),
    so(entry),
    reasons(because(entry.cause, at, entry.seat)),
    beats(entry.cause),
  );
}

/** How it was from then on; nothing of one that left. */
function so({ status: shown, address }) {
  if (shown == null) return null;
  return element(
    'p',
    { class: 'so' },
    status(shown),
    address == null ? null : [' at ', element('code', {}, address)],
  );
}

function reasons(parts) {
  if (parts.length === 0) return null;
  return element(
    'p',
    { class: 'why' },
    parts.map((part) => [element('span', {}, sentence(part)), ' ']),
  );
}

/** The beats before a silence. Of one that was never heard there are none. */
function beats({ name, silence, refusal }) {
  const quiet = silence ?? refusal;
  if (!quiet || quiet.unconfirmed) return null;
  const { intervals_ms: intervals, silent_ms: silent, interval_ms: interval } = quiet;
  const ttl = quiet.learnt?.allowed_ms ?? quiet.ttl_ms;
  return picture({ intervals, silent, interval, ttl, ended: name !== 'held' });
}
