// A registry that is not there, or does not answer everybody.
'use strict';

const { expect } = require('../claims');

async function an_unreachable_registry_is_told_and_the_page_recovers(bed) {
  bed.expectNoise(/ERR_CONNECTION_REFUSED/);
  await bed.provider('orders', 'orders-1', { ttl: 600 });
  const page = await bed.at('');
  await bed.registry.kill();
  const alert = page.getByRole('alert');
  await alert.getByText('The registry cannot be reached.').waitFor();
  const told = await alert.innerText();
  expect(
    `how old the picture is, is told: ${told}`,
    /What you see is how it was at \d\d:\d\d:\d\d UTC\./.test(told),
  );
  await page
    .locator('#age')
    .getByText(/as of \d+ s ago/)
    .waitFor();
  expect(
    'what was seen is still there',
    (await page.getByRole('link', { name: 'orders', exact: true }).count()) === 1,
  );

  // Another place cannot be read now, and says so.
  await page.getByRole('link', { name: 'orders', exact: true }).click();
  await page.getByText('Nothing could be read yet.').waitFor();

  await bed.registry.start();
  await page.getByRole('link', { name: 'orders-1' }).waitFor();
  await alert.getByText('cannot be reached').waitFor({ state: 'detached' });
  await page
    .locator('#age')
    .getByText(/as of (now|[1-5] s ago)/)
    .waitFor();
}

async function a_registry_that_asks_for_a_token_is_looked_at_with_it(bed) {
  await bed.provider('orders', 'orders-1', { ttl: 600 });
  await bed.registry.kill();
  await bed.registry.start('--token-file', bed.file('token', 'a-token-of-this-case'));
  const refused = await fetch(`${bed.registry.url}/`, { headers: { accept: 'text/html' } });
  expect('a stranger sees nothing', refused.status === 401 && (await refused.text()) === '');
  // What a person types when the browser asks for a name and a password.
  const page = await bed.newPage({
    httpCredentials: { username: 'anybody', password: 'a-token-of-this-case' },
  });
  await bed.at('#/services/orders', page);
  await page.getByRole('link', { name: 'orders-1' }).waitFor();
}

module.exports = {
  an_unreachable_registry_is_told_and_the_page_recovers,
  a_registry_that_asks_for_a_token_is_looked_at_with_it,
};
