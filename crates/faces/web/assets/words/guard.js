// The guard: its scopes, its arithmetic, and its word about one lease.

import { askedBy, unknown } from './sender.js';
import { span } from './span.js';

/** `the registry`, `zone eu-1`, `service orders`. */
export function scope({ kind, name }) {
  if (kind === 'registry' && name == null) return 'the registry';
  return name == null ? unknown(kind) : `${unknown(kind)} ${name}`;
}

/** What made the guard hold: `12 of 40 hosts fell silent within one lease time, …`. */
export function arithmetic({ hosts, silent, tolerated }) {
  return `${silent} of ${hosts} hosts fell silent within one lease time, up to ${tolerated} are tolerated`;
}

/** What the guard says of a lease that was lost, for each of its words; none where it was not asked. */
export const SAID = {
  off: () => null,
  unheard: () => 'the guard does not hold what was not heard since the registry started',
  too_few_hosts: ({ hosts }) => `not guarded (${hosts === 1 ? '1 host is' : `${hosts} hosts are`} too few)`,
  open: ({ hosts, silent, tolerated }) =>
    `guard open (${silent} of ${hosts} hosts silent, up to ${tolerated} tolerated)`,
  released,
};

/** Until when a lease was held, for each reason of its release. */
export const UNTIL = {
  others_heard: ({ kept_percent: kept }) =>
    `until it was clear that the others are heard well${kept == null ? '' : ` (${kept} % of their beats came)`}`,
  held_long_enough: () => 'which is as long as its rules allow',
  by_hand: ({ by }) => {
    const who = by ? askedBy(by) : '';
    return who ? `until it was released ${who}` : 'until an operator released it';
  },
};

/** What the guard said when a lease was lost; null where it said nothing. */
export function said(guard) {
  if (!guard.word) return null;
  const words = Object.hasOwn(SAID, guard.word) ? SAID[guard.word] : ({ word }) => `guard: ${unknown(word)}`;
  return words(guard);
}

function released(guard) {
  const place = guard.scope ? ` of ${scope(guard.scope)}` : '';
  const long = guard.held_ms == null ? '' : ` for ${span(guard.held_ms)}`;
  const held = `the guard${place} held it${long}`;
  if (guard.reason == null) return held;
  const until = Object.hasOwn(UNTIL, guard.reason)
    ? UNTIL[guard.reason]
    : ({ reason }) => `until ${unknown(reason)}`;
  return `${held}, ${until(guard)}`;
}
