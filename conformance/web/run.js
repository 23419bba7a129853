#!/usr/bin/env node
// Runs the cases of the page: a real browser against the real binary.
//
// Prints a line for each case, `ok - name` or `not ok - name: reason`, and ends with `N passed, M failed`.
// `cargo xtask conformance web` builds and installs what is needed, sets the environment and calls this.
'use strict';

const { Bed } = require('./bed');

const CASES = {
  ...require('./cases/life'),
  ...require('./cases/services'),
  ...require('./cases/strangers'),
  ...require('./cases/access'),
  ...require('./cases/reading'),
  ...require('./cases/words'),
};

/** Milliseconds that a case may take; the longest takes about ten seconds. */
const PATIENCE = 90_000;

async function main(names) {
  if (names[0] === '--list') {
    console.log(Object.keys(CASES).join('\n'));
    return 0;
  }
  const unknown = names.filter((name) => !Object.hasOwn(CASES, name));
  if (unknown.length > 0) {
    console.error(`there is no case ${unknown.join(', ')}; --list shows them`);
    return 2;
  }
  let failed = 0;
  const chosen = names.length > 0 ? names : Object.keys(CASES);
  for (const name of chosen) {
    const began = performance.now();
    const fault = await faultOf(CASES[name]);
    if (fault) failed += 1;
    console.log(fault ? `not ok - ${name}: ${fault}` : `ok - ${name}`);
    console.log(`  (${name} took ${((performance.now() - began) / 1000).toFixed(1)} s)`);
  }
  console.log(`${chosen.length - failed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

/** What was wrong in a case; null if nothing was. */
async function faultOf(play) {
  const bed = new Bed();
  let timer;
  try {
    const late = new Promise((_, fail) => {
      timer = setTimeout(() => fail(new Error(`not done after ${PATIENCE / 1000} s`)), PATIENCE);
    });
    await Promise.race([
      bed
        .open()
        .then(() => play(bed))
        .then(() => bed.mustBeQuiet()),
      late,
    ]);
    return null;
  } catch (fault) {
    console.log(fault.stack);
    await bed.tell();
    return String(fault.message).split('\n')[0];
  } finally {
    clearTimeout(timer);
    await bed.close();
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (fault) => {
    console.error(fault);
    process.exit(1);
  },
);
