// One service: its instances, a page at a time.

import { element, link } from '../dom.js';
import * as place from '../place.js';
import { STATUSES, health, marks, readable, status } from '../parts/badge.js';
import { crumbs } from '../parts/crumbs.js';
import { lately } from '../parts/departed.js';
import { moment } from '../parts/facts.js';
import { table } from '../parts/table.js';
import { Refused, ask as asked } from '../registry.js';
import { ago } from '../words/clock.js';
import { count } from '../words/span.js';

const PAGE = 100;
const LATELY = 5;

export const title = ({ service }) => service;

export async function ask({ service, parameters }, signal, before) {
  const page = await instances(service, parameters, signal);
  if (before && before.page.revision === page.revision) return { ...before, page };
  const [list, left] = await Promise.all([
    asked('api/v1/services', { service }, signal),
    asked('api/v1/departures', { service, limit: LATELY }, signal),
  ]);
  return { page, told: list.services[0] ?? null, departures: left.departures };
}

/** The page that is asked for; the first where the registry was restarted and knows the others no more. */
async function instances(service, parameters, signal) {
  const wanted = { service, limit: PAGE, ...chosen(parameters) };
  const after = parameters.get('after');
  if (after !== null) {
    try {
      const page = await asked('api/v1/instances', { ...wanted, after }, signal);
      return { ...page, number: Number(parameters.get('page')) || 2 };
    } catch (fault) {
      if (!(fault instanceof Refused && fault.status === 400)) throw fault;
    }
  }
  return { ...(await asked('api/v1/instances', wanted, signal)), number: 1 };
}

/** Which of its instances are shown, in the words of the interface. */
function chosen(parameters) {
  return Object.fromEntries(
    ['status', 'health', 'held', 'damped'].map((name) => [name, parameters.get(name)]),
  );
}

export function draw({ page, told, departures }, { service, parameters }, { now, seen }) {
  const name = told?.name ?? service;
  return [
    crumbs(name),
    element('h1', { class: 'id' }, name),
    told ? choice(told, parameters) : null,
    page.instances.length > 0
      ? list(page, seen)
      : element(
          'p',
          { class: 'quiet' },
          told ? 'None of its instances is like that now.' : 'No instance of this service is registered.',
        ),
    pages(page, service, parameters),
    lately(departures, now, link(place.departures({ service: name }), {}, 'All departures of this service')),
  ];
}

/** Ways to see some of its instances only, each with how many these are. */
function choice(told, parameters) {
  const ways = [
    [{}, 'all', told.instances],
    ...STATUSES.map((word) => [{ status: word }, readable(word), told.statuses[word]]),
    ...['warning', 'critical'].map((word) => [{ health: word }, word, told.health[word]]),
    [{ held: 'true' }, 'held', told.held],
    [{ damped: 'true' }, 'damped', told.damped],
  ];
  const now = place.query(chosen(parameters));
  return element(
    'nav',
    { class: 'choice', 'aria-label': 'Which instances' },
    ways
      .filter(([, , number]) => number > 0)
      .map(([way, word, number]) =>
        link(
          place.service(told.name, way),
          { 'aria-current': place.query(way) === now && 'true' },
          element('b', {}, number),
          ` ${word}`,
        ),
      ),
  );
}

function list({ instances: shown, number }, seen) {
  const first = (number - 1) * PAGE + 1;
  const rows = shown.map((instance) => ({
    key: `${instance.id} ${instance.node ?? ''}`,
    cells: [
      link(place.instance(instance), {}, element('span', { class: 'id' }, instance.id)),
      [status(instance.status), marks(instance).map((mark) => [' ', mark])],
      health(instance.health),
      element('code', {}, instance.address),
      instance.zone,
      instance.version,
      lastBeat(instance.leases, seen),
    ],
  }));
  const caption =
    number === 1 ? count(shown.length, 'instance') : `Instances ${first} to ${first + shown.length - 1}`;
  return table(caption, ['Instance', 'Status', 'Health', 'Address', 'Zone', 'Version', 'Last beat'], rows);
}

/** As it was when it was seen: of beats that came since nothing is known yet. */
function lastBeat(leases, seen) {
  const beats = leases
    .map(({ last_beat: at }) => at)
    .filter((at) => at !== null)
    .map(Date.parse);
  if (beats.length === 0)
    return leases.length === 0 ? null : element('span', { class: 'quiet' }, 'not heard yet');
  const newest = Math.max(...beats);
  return moment(seen - newest < 1_000 ? 'just now' : ago(seen, newest), newest);
}

function pages({ next, number }, service, parameters) {
  if (next === null && number === 1) return null;
  const way = chosen(parameters);
  return element(
    'nav',
    { class: 'pages', 'aria-label': 'Pages of instances' },
    number === 1 ? null : link(place.service(service, way), {}, 'First page'),
    element('span', {}, `Page ${number}`),
    next === null
      ? null
      : link(place.service(service, { ...way, after: next, page: number + 1 }), { rel: 'next' }, 'Next page'),
  );
}
