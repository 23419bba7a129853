// What stands around each view: which page this is, how old the picture is, and what is wrong.

import { element } from './dom.js';
import { morphChildren } from './morph.js';
import { Unreachable } from './registry.js';
import { timeOfDay } from './words/clock.js';
import { rough } from './words/span.js';

const age = document.getElementById('age');
const trouble = document.getElementById('trouble');

/** Which view each entry of the navigation stands for, itself and what is below it. */
const BELOW = { '#/': ['services', 'service', 'instance'], '#/departures': ['departures'] };

export function frame({ seen, now, fault, data }, place) {
  for (const entry of document.querySelectorAll('nav a')) {
    const here = BELOW[entry.getAttribute('href')]?.includes(place.view);
    if (here) entry.setAttribute('aria-current', location.hash.startsWith('#/services/') ? 'true' : 'page');
    else entry.removeAttribute('aria-current');
  }
  const old = seen === null ? null : now - seen;
  age.textContent = ageInWords(old, fault);
  age.className = fault ? 'age stale' : 'age';
  morphChildren(trouble, element('div', {}, fault ? troubled(fault, data === null ? null : seen) : []));
  document.body.classList.toggle('stale', Boolean(fault));
}

function ageInWords(old, fault) {
  if (old === null) return fault ? 'no picture yet' : 'asking …';
  return old < 1_000 ? 'as of now' : `as of ${rough(old)} ago`;
}

/** What is wrong, without its age, which changes each second: this is read aloud when it changes. */
function troubled(fault, seen) {
  const said =
    fault instanceof Unreachable
      ? 'The registry cannot be reached.'
      : `The registry did not answer as it should: ${fault.message}.`;
  const since = seen === null ? '' : ` What you see is how it was at ${timeOfDay(seen).slice(0, 8)} UTC.`;
  return element('p', {}, element('strong', {}, said), since, ' This page tries again by itself.');
}
