// Who left, each with a way to its whole life.

import { element, link } from '../dom.js';
import * as place from '../place.js';
import { because, tone, what } from '../words/change.js';
import { ago, timeSeenFrom } from '../words/clock.js';
import { sentence } from '../words/story.js';
import { badge } from './badge.js';
import { moment } from './facts.js';

/** As the registry tells them, the newest first. */
export function departed(departures, now) {
  return element(
    'ol',
    { class: 'news' },
    departures.map((departure) => line(departure, now)),
  );
}

/** A section with the newest of them, and a way to the others. */
export function lately(departures, now, others) {
  return element(
    'section',
    { 'aria-labelledby': 'lately' },
    element('h2', { id: 'lately' }, 'Left lately'),
    departures.length === 0 ? nobody() : [departed(departures, now), element('p', {}, others)],
  );
}

export function nobody() {
  return element('p', { class: 'quiet' }, 'Nobody, as far back as is remembered.');
}

function line(departure, now) {
  const { service, id, revision, cause, registered } = departure;
  const at = Date.parse(departure.at);
  const [first] = because(cause, at, null);
  return element(
    'li',
    { 'data-key': `${revision} ${service}/${id}`, 'data-tone': tone(cause) },
    element(
      'p',
      {},
      link(place.instance(departure), {}, element('span', { class: 'id' }, `${service}/${id}`)),
      ' ',
      element('span', {}, what(cause)),
      ' ',
      moment([ago(now, at), ', at ', timeSeenFrom(now, at)], at),
      registered ? [' ', badge('good', 'is there again')] : null,
    ),
    first ? element('p', { class: 'why' }, sentence(first)) : null,
  );
}
