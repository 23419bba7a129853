// The life of one instance in whole sentences.

import { agoAndWhen, timeSeenFrom } from './clock.js';
import { hundredths, rhythm } from './silence.js';
import { chosen, span } from './span.js';

/** How an instance is, or when it left: the end of a sentence that begins with its name. */
export function condition(instance, history, now) {
  if (!instance) {
    const last = history.at(-1);
    return `is not registered${last ? `; it left ${agoAndWhen(now, Date.parse(last.at))}` : ''}.`;
  }
  const own = `; it reports ${instance.reported} itself`;
  let because = '';
  if (instance.status_override != null) because = `, because an operator said so${own}`;
  else if (instance.damped) because = `, because damping keeps it out${own}`;
  const held = instance.held ? '; its lease is over, but the guard holds it' : '';
  return `is ${instance.status} at ${instance.address}${because}${held}.`;
}

/** What a lease promises, and what came. */
export function leaseSentence(lease, now) {
  const adaptive = lease.phi != null;
  const kind = adaptive ? 'adaptive lease' : 'lease';
  const name = lease.check ? `The ${kind} of its check ${lease.check}` : `Its ${kind}`;
  const allowed = adaptive
    ? `(phi ${lease.phi}) allows ${hundredths(lease.allowed_ms)} s of silence now`
    : `allows ${chosen(lease.ttl_ms)} of silence`;
  const terms = `${name} ${allowed}, a beat is promised every ${chosen(lease.interval_ms)}`;
  if (lease.last_beat == null || lease.unconfirmed) {
    return `${terms}; nothing was heard from it since the registry started.`;
  }
  const beat = Date.parse(lease.last_beat);
  const last = `the last came ${span(Math.max(0, now - beat))} ago, at ${timeSeenFrom(now, beat)}`;
  const before = lease.intervals_ms.length > 0 ? `; intervals before it ${rhythm(lease.intervals_ms)}` : '';
  const due =
    adaptive && lease.due_at != null
      ? `; without another it is due at ${timeSeenFrom(now, Date.parse(lease.due_at))}`
      : '';
  const refused =
    lease.state === 'refused' ? '; until it registers again its renewals are answered as unknown' : '';
  return `${terms}; ${last}${before}${due}${refused}.`;
}

/** Each entry of a history with where its instance was by then: one that left has no address any more. */
export function withSeats(history) {
  let seat = null;
  return history.map((entry) => {
    seat = entry.address ?? seat;
    return { ...entry, seat };
  });
}

/** A part of a sentence as a sentence of its own. */
export function sentence(part) {
  return unbroken(`${part.charAt(0).toUpperCase()}${part.slice(1)}.`);
}

/** A number stays on one line with its unit. */
export function unbroken(text) {
  return text.replace(/(\d) (ms|s|min|h|d|%)(?![\w])/g, '$1\u00a0$2');
}
