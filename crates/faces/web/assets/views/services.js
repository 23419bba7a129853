// All services, and how the registry itself is.

import { element, link } from '../dom.js';
import * as place from '../place.js';
import { STATUSES, badge, status } from '../parts/badge.js';
import { lately } from '../parts/departed.js';
import { state } from '../parts/state.js';
import { table } from '../parts/table.js';
import { ask as asked, readiness } from '../registry.js';
import { count } from '../words/span.js';

/** So many rows at first, and so many more each time. */
const STEP = 200;

/** Who left lately: so many here, the others in a place of their own. */
const LATELY = 5;

let most = STEP;

export const title = () => 'Services';

export async function ask(_, signal, before) {
  const [ready, server, guard] = await Promise.all([
    readiness(signal),
    asked('api/v1/server', {}, signal),
    asked('api/v1/guard', {}, signal),
  ]);
  const state = { readiness: ready, server, guard };
  // Where nothing changed, nothing large is asked for again.
  if (before && before.revision === server.revision) return { ...before, state };
  const [list, left] = await Promise.all([
    asked('api/v1/services', {}, signal),
    asked('api/v1/departures', { limit: LATELY }, signal),
  ]);
  return {
    state,
    services: list.services,
    departures: left.departures,
    revision: Math.min(list.revision, left.revision),
  };
}

export function draw({ state: itself, services, departures }, { parameters }, { now, seen }) {
  const find = parameters.get('find') ?? '';
  const standing = parameters.has('standing');
  const passing = services.filter((service) => named(service, find) && (!standing || standsOut(service)));
  return [
    element('h1', {}, 'Registry'),
    state(itself, { held: sum(services, 'held'), damped: sum(services, 'damped') }, seen),
    element(
      'section',
      { 'aria-labelledby': 'services' },
      element('h2', { id: 'services' }, 'Services'),
      services.length === 0
        ? empty()
        : [filter(find, standing), list(passing, services.length), more(passing.length)],
    ),
    lately(departures, now, link(place.departures(), {}, 'All departures')),
  ];
}

/** Shows some more rows. */
export function showMore() {
  most += STEP;
}

/** The place that the filter leads to. */
export function placeOf(form) {
  most = STEP;
  return place.services({ find: form.get('find'), standing: form.get('standing') });
}

function named({ name }, find) {
  return name.toLowerCase().includes(find.trim().toLowerCase());
}

function standsOut({ statuses, instances, health, held, damped }) {
  return statuses.UP !== instances || health.passing !== instances || held > 0 || damped > 0;
}

function sum(services, member) {
  return services.reduce((total, service) => total + service[member], 0);
}

function empty() {
  return element(
    'p',
    { class: 'quiet' },
    'Nobody has registered yet. Eureka clients do at ',
    element('code', {}, '/eureka/'),
    '.',
  );
}

function filter(find, standing) {
  return element(
    'form',
    { class: 'filter', role: 'search', 'data-do': 'find' },
    element(
      'label',
      {},
      'Find a service ',
      element('input', {
        type: 'search',
        name: 'find',
        value: find,
        autocomplete: 'off',
        spellcheck: 'false',
      }),
    ),
    element(
      'label',
      {},
      element('input', { type: 'checkbox', name: 'standing', value: 'out', checked: standing }),
      ' only those with something that is not well',
    ),
  );
}

function list(passing, all) {
  const told =
    passing.length === all ? count(all, 'service') : `${passing.length} of ${count(all, 'service')}`;
  const rows = passing.slice(0, most).map((service) => ({
    key: service.name,
    cells: [
      link(place.service(service.name), {}, element('span', { class: 'id' }, service.name)),
      element('span', { class: 'number' }, service.instances),
      STATUSES.filter((name) => service.statuses[name]).map((name) => [
        status(name, service.statuses[name]),
        ' ',
      ]),
      notices(service),
    ],
  }));
  return table(told, ['Service', 'Instances', 'Status', 'Marks'], rows);
}

function notices({ health, held, damped }) {
  const told = [
    ['bad', 'critical', health.critical],
    ['wary', 'warning', health.warning],
    ['wary', 'held', held],
    ['wary', 'damped', damped],
  ];
  return told
    .filter(([, , number]) => number > 0)
    .map(([tone, word, number]) => [badge(tone, word, number), ' ']);
}

function more(passing) {
  if (passing <= most) return null;
  return element(
    'button',
    { type: 'button', 'data-do': 'more' },
    `Show ${Math.min(STEP, passing - most)} more of ${passing}`,
  );
}
