// What must hold, and waiting for what must come.
'use strict';

/** Milliseconds; only a fault waits as long. */
const PATIENCE = 15_000;

function expect(claim, holds) {
  if (!holds) throw new Error(`not so: ${claim}`);
}

/** Looks until something true is seen, and returns it. */
async function until(claim, look, patience = PATIENCE) {
  const deadline = Date.now() + patience;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > deadline)
      throw new Error(`not within ${patience / 1000} s: ${claim} (last seen: ${JSON.stringify(seen)})`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

module.exports = { expect, until };
