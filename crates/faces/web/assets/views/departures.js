// Who left lately, and the question why somebody did.

import { element, link } from '../dom.js';
import * as place from '../place.js';
import { departed, nobody } from '../parts/departed.js';
import { ask as asked } from '../registry.js';
import { count } from '../words/span.js';

const MOST = 100;

export const title = ({ parameters }) =>
  parameters.get('service') ? `Departures of ${parameters.get('service')}` : 'Departures';

export function ask({ parameters }, signal) {
  return asked('api/v1/departures', { service: parameters.get('service'), limit: MOST }, signal);
}

export function draw({ departures }, { parameters }, { now }) {
  const service = parameters.get('service');
  return [
    element('h1', {}, 'Departures'),
    question(service),
    element(
      'section',
      { 'aria-labelledby': 'lately' },
      element(
        'h2',
        { id: 'lately' },
        service ? ['Left ', element('span', { class: 'id' }, service), ' lately'] : 'Left lately',
      ),
      service ? element('p', {}, link(place.departures(), {}, 'Those of all services')) : null,
      departures.length === 0
        ? nobody()
        : [
            departures.length < MOST
              ? null
              : element('p', { class: 'quiet' }, `The newest ${count(MOST, 'departure')}.`),
            departed(departures, now),
          ],
    ),
  ];
}

/** The place that the question leads to: the life of the instance that it names. */
export function placeOf(form) {
  return place.instance({ service: form.get('service').trim(), id: form.get('id').trim() });
}

function question(service) {
  const field = (label, name, value) =>
    element(
      'label',
      {},
      `${label} `,
      element('input', { name, value, required: true, autocomplete: 'off', spellcheck: 'false' }),
    );
  return element(
    'form',
    { class: 'filter', 'data-do': 'why', 'aria-label': 'Why did it leave?' },
    element('p', {}, 'Why did it leave?'),
    field('Service', 'service', service ?? ''),
    field('Id', 'id', ''),
    element('button', {}, 'Tell its life'),
  );
}
