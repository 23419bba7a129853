// One instance: how it is, and the life that led there; also when it is gone.

import { element, link } from '../dom.js';
import * as place from '../place.js';
import { health, status, toneOf } from '../parts/badge.js';
import { crumbs } from '../parts/crumbs.js';
import { facts, moment } from '../parts/facts.js';
import { picture } from '../parts/rhythm.js';
import { timeline } from '../parts/timeline.js';
import { askIfAny, isAskable, pathOf } from '../registry.js';
import { agoAndWhen } from '../words/clock.js';
import { condition, leaseSentence, unbroken } from '../words/story.js';

/** Between two looks, in milliseconds: whoever looks at one instance wants to see it beat. */
export const pace = 2_000;

export const title = ({ service, id }) => `${service}/${id}`;

export async function ask(named, signal) {
  if (!isAskable(named)) return { known: false };
  const { node } = named;
  // The history knows whether it is there, and asking for what is not there would be an error.
  const told = await askIfAny(`${pathOf(named)}/history`, { node }, signal);
  const instance = told?.registered ? await askIfAny(pathOf(named), { node }, signal) : null;
  return { instance, history: told?.history ?? [], known: told !== null };
}

export function draw({ instance, history, known }, { service, id }, { now, seen }) {
  if (!isAskable({ service, id })) return unaskable(service, id);
  if (!known) return unheardOf(service, id);
  const name = instance?.service ?? service;
  return [
    crumbs(name, id),
    element('h1', { class: 'id' }, id),
    element(
      'p',
      { class: 'lead', 'data-tone': tone(instance) },
      element('span', { class: 'id' }, `${name}/${id}`),
      ` ${unbroken(condition(instance, history, now))}`,
    ),
    instance ? heartbeat(instance, seen) : null,
    element(
      'section',
      { 'aria-labelledby': 'life' },
      element('h2', { id: 'life' }, 'Its life, newest first'),
      history.length === 0
        ? element('p', { class: 'quiet' }, 'What happened to it is not remembered any more.')
        : timeline(history, now),
    ),
    instance ? about(instance, now) : null,
  ];
}

function tone(instance) {
  if (!instance) return 'bad';
  return instance.held || instance.damped ? 'wary' : toneOf(instance.status);
}

/** What is told where there is nothing to show. */
function nothing(service, id, ...words) {
  return [
    crumbs(service, id),
    element('h1', { class: 'id' }, id),
    element('p', { class: 'lead' }, ...words),
  ];
}

function unaskable(service, id) {
  return nothing(
    service,
    id,
    'A browser cannot ask for this name: it takes it for a step in a path. A terminal can: ',
    element('code', {}, `lubdub why ${service}/${id}`),
  );
}

function unheardOf(service, id) {
  return [
    ...nothing(
      service,
      id,
      element('span', { class: 'id' }, `${service}/${id}`),
      ' is not registered, and nothing is remembered of it.',
    ),
    element('p', {}, link(place.departures({ service }), {}, 'Who left this service')),
  ];
}

/** What keeps it, as it was when it was seen: beats that came since are not known yet, and are no silence. */
function heartbeat({ leases }, seen) {
  return element(
    'section',
    { 'aria-labelledby': 'heartbeat' },
    element('h2', { id: 'heartbeat' }, 'Heartbeat'),
    leases.map((lease) =>
      element(
        'div',
        { class: 'lease' },
        element(
          'p',
          {},
          lease.check ? [health(lease.health), ' '] : null,
          unbroken(leaseSentence(lease, seen)),
        ),
        lease.last_beat === null || lease.unconfirmed ? null : beats(lease, seen),
      ),
    ),
  );
}

function beats(lease, seen) {
  const { intervals_ms: intervals, interval_ms: interval, last_beat: last } = lease;
  const ttl = lease.allowed_ms ?? lease.ttl_ms;
  return picture({ intervals, interval, ttl, silent: Math.max(0, seen - Date.parse(last)), ended: false });
}

function about(instance, now) {
  const code = (text) => (text === null || text === undefined ? null : element('code', {}, text));
  const when = (text) => (text === null ? null : moment(agoAndWhen(now, Date.parse(text)), Date.parse(text)));
  return element(
    'section',
    { 'aria-labelledby': 'facts' },
    element('h2', { id: 'facts' }, 'Facts'),
    facts([
      ['Service', link(place.service(instance.service), {}, instance.service)],
      ['Id', code(instance.id)],
      ['Node', code(instance.node)],
      ['Address', code(instance.address)],
      ['Secure port', instance.secure_port],
      ['Reports', status(instance.reported)],
      ['Health', health(instance.health)],
      ['Version', instance.version],
      ['Zone', instance.zone],
      ['Group', instance.group],
      ['Weight', instance.weight],
      ['Tags', instance.tags.join(', ')],
      ['Registered', when(instance.registered_at)],
      ['Up', when(instance.up_at)],
      ['Changed', when(instance.updated_at)],
      ['Revision', instance.revision],
      ['Incarnation', instance.generation],
      ['Registered through', instance.origin],
    ]),
    metadata(Object.entries(instance.metadata)),
  );
}

function metadata(entries) {
  if (entries.length === 0) return null;
  return [
    element('h3', {}, 'Metadata'),
    facts(entries.map(([name, value]) => [name, element('code', {}, value)])),
  ];
}
