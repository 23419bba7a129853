// The page's words: the same as the command line's, and one for everything that the interface may tell.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { expect } = require('../claims');

const WORDS = JSON.parse(
  fs.readFileSync(path.join(__dirname, '../../../crates/faces/web/words.json'), 'utf8'),
);

/** The tests of the command line hold its words to the same file. */
async function the_page_says_what_the_command_line_says(bed) {
  const page = await bed.at('');
  const said = await page.evaluate(async ({ changes, lives }) => {
    const { because, what } = await import(new URL('web/words/change.js', document.baseURI));
    const { condition, leaseSentence } = await import(new URL('web/words/story.js', document.baseURI));
    return {
      changes: changes.map(({ at, seat, cause }) => [
        what(cause),
        because(cause, Date.parse(at), seat).join('; '),
      ]),
      lives: lives.map(({ now, instance, history }) => [
        condition(instance, history, Date.parse(now)),
        ...(instance?.leases ?? []).map((lease) => leaseSentence(lease, Date.parse(now))),
      ]),
    };
  }, WORDS);
  WORDS.changes.forEach(({ what, because }, at) => {
    const told = `${said.changes[at].join(': ')}`;
    expect(`"${told}" is "${what}: ${because}"`, told === `${what}: ${because}`);
  });
  WORDS.lives.forEach(({ told }, at) => {
    expect(
      `"${said.lives[at].join(' ')}" is "${told.join(' ')}"`,
      said.lives[at].join('\n') === told.join('\n'),
    );
  });
}

async function everything_that_the_interface_may_tell_has_words(bed) {
  const page = await bed.at('');
  const known = await page.evaluate(async () => {
    const change = await import(new URL('web/words/change.js', document.baseURI));
    const guard = await import(new URL('web/words/guard.js', document.baseURI));
    const registry = await import(new URL('web/words/registry.js', document.baseURI));
    const badge = await import(new URL('web/parts/badge.js', document.baseURI));
    return {
      CauseName: Object.keys(change.WHAT),
      Suspicion: Object.keys(change.SUSPICION),
      FlapOutcome: Object.keys(change.OUTCOME),
      UndampedWhy: Object.keys(change.UNDAMPED),
      GuardWord: Object.keys(guard.SAID),
      ReleaseReason: Object.keys(guard.UNTIL),
      JournalState: Object.keys(registry.JOURNAL),
      Status: badge.STATUSES,
    };
  });
  const {
    components: { schemas },
  } = await bed.registry.ask('/api/v1/openapi.json');
  const shown = JSON.stringify(WORDS);
  for (const [schema, words] of Object.entries(known)) {
    expect(
      `the page knows each ${schema}: ${words}`,
      [...schemas[schema].enum].sort().join() === [...words].sort().join(),
    );
    if (schema === 'JournalState' || schema === 'Status') continue;
    for (const word of words)
      expect(`${schema} ${word} is among the words that are compared`, shown.includes(`"${word}"`));
  }
}

module.exports = {
  the_page_says_what_the_command_line_says,
  everything_that_the_interface_may_tell_has_words,
};
