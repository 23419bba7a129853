// The registry's own state: whether it is well, what it remembers, what it could not hear, what the guard does.

import { element } from '../dom.js';
import * as words from '../words/registry.js';
import { count } from '../words/span.js';
import { sentence } from '../words/story.js';
import { badge } from './badge.js';
import { facts } from './facts.js';

const READINESS = { ready: 'good', degraded: 'wary', stopping: 'bad' };
const GUARD = { holding: 'wary' };

/** As it was when it was `seen`. `held` and `damped` are how many instances are. */
export function state({ readiness, server, guard }, { held, damped }, seen) {
  const [whole] = guard.scopes;
  return element(
    'section',
    { class: 'state', 'aria-label': 'The registry itself' },
    readiness.warnings.map((warning) => element('p', { class: 'warning' }, sentence(warning))),
    facts([
      [
        'Condition',
        [badge(READINESS[readiness.status] ?? 'faint', readiness.status), ` lubdub ${server.version}`],
      ],
      ['Up', words.up(Date.parse(server.started_at), seen)],
      ['Revision', server.revision],
      ['Journal', words.journal(server.journal, seen)],
      ['Deaf time', words.deaf(server.deaf_last_hour_ms)],
      ['Beats', words.beats(guard.promised_per_minute, guard.heard_last_minute)],
      ['Held', held === 0 ? 'none' : count(held, 'instance')],
      ['Damped', damped === 0 ? 'none' : count(damped, 'instance')],
    ]),
    element(
      'div',
      {
        class: 'guard',
        'data-tone': guard.scopes.some(({ state: is }) => is === 'holding') ? 'wary' : 'good',
      },
      element(
        'h2',
        {},
        'Guard',
        ' ',
        whole ? badge(GUARD[whole.state] ?? 'faint', stateInWords(whole.state)) : null,
      ),
      guard.scopes.map((scope) => element('p', {}, sentence(scope.sentence))),
    ),
  );
}

function stateInWords(word) {
  return word.replaceAll('_', ' ');
}
