// All services, the registry's own state, and services with very many instances.
'use strict';

const { expect, until } = require('../claims');

async function services_and_the_registry_itself_are_told(bed) {
  await bed.provider('orders', 'orders-1');
  await bed.provider('orders', 'orders-2', { status: 'DOWN' });
  await bed.provider('stock', 'stock-1');
  const page = await bed.at('');
  const row = page.getByRole('row', { name: 'orders' });
  expect('counts by status are told', /^orders\s+2\s+1 UP 1 DOWN/.test(await row.innerText()));
  const state = (await page.locator('.state').innerText()).replaceAll('\u00a0', ' ');
  const { revision } = await bed.registry.ask('/api/v1/server');
  for (const part of [
    'Condition\nready',
    `Revision\n${revision}`,
    'Journal\ndurable: on disk before it is answered',
    'Deaf time\nnever in the last hour',
    'Guard too few hosts',
    '1 host is too few to be guarded.',
  ]) {
    expect(`"${part}" is in ${JSON.stringify(state)}`, state.includes(part));
  }

  await page.getByLabel('Find a service').fill('STO');
  await page.getByText('1 of 2 services').waitFor();
  expect('others are hidden', (await row.count()) === 0);
  expect('the address says so', page.url().endsWith('#/?find=STO'));
  await page.reload();
  await page.getByText('1 of 2 services').waitFor();
  await page.getByLabel('Find a service').fill('');
  await page.getByLabel('only those with something that is not well').check();
  await page.getByText('1 of 2 services').waitFor();
  expect('that is the one with one that is down', (await row.count()) === 1);

  // Somebody comes and somebody goes: nobody has to reload for it.
  await page.getByLabel('only those with something that is not well').uncheck();
  const mail = await bed.provider('mail', 'mail-1');
  await page.getByRole('link', { name: 'mail', exact: true }).waitFor();
  await mail.leave();
  await page.getByRole('link', { name: 'mail/mail-1' }).waitFor();
}

async function what_the_guard_holds_is_marked(bed) {
  const fleet = Array.from({ length: 12 }, (_, number) =>
    bed.provider('orders', `orders-${number}`, { ttl: 3, beat: 0.5, host: `10.0.0.${number + 1}` }),
  );
  const providers = await Promise.all(fleet);
  const page = await bed.at('');
  await page.locator('.guard').getByText('open', { exact: true }).waitFor();
  await until(
    'everybody was heard',
    async () => (await bed.registry.ask('/api/v1/server')).counters.renewals > 30,
  );
  for (const provider of providers.slice(2)) provider.kill();
  await page.locator('.guard').getByText('holding', { exact: true }).waitFor();
  expect('its arithmetic is told', /of 12 hosts fell silent/.test(await page.locator('.guard').innerText()));
  await page
    .getByRole('row', { name: 'orders' })
    .getByText(/\d+ held/)
    .waitFor();
  await page.getByRole('link', { name: 'orders', exact: true }).click();
  await page.getByRole('navigation', { name: 'Which instances' }).getByRole('link', { name: /held/ }).click();
  await page.getByRole('row').getByText('held').first().waitFor();
  await page.getByRole('rowheader').getByRole('link').first().click();
  await page.getByText('its lease is over, but the guard holds it').waitFor();
  await page
    .getByText(/By the guard of .*: \d+ of 12 hosts fell silent within one lease time/)
    .first()
    .waitFor();
}

async function thousands_are_shown_a_page_at_a_time(bed) {
  for (let first = 0; first < 2000; first += 50) {
    await Promise.all(
      Array.from({ length: 50 }, (_, at) => bed.provider(`service-${first + at}`, 'one', { ttl: 600 })),
    );
  }
  for (let first = 0; first < 1000; first += 50) {
    await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        bed.provider('crowd', `crowd-${String(first + at).padStart(3, '0')}`, { ttl: 600 }),
      ),
    );
  }
  const page = await bed.at('');
  await page.getByText('2001 services').waitFor();
  expect('a part of them is drawn', (await page.locator('tbody tr').count()) === 200);
  await page.getByRole('button', { name: 'Show 200 more of 2001' }).click();
  await until('more are drawn', async () => (await page.locator('tbody tr').count()) === 400);
  await page.getByLabel('Find a service').fill('crowd');
  await page.getByRole('link', { name: 'crowd', exact: true }).click();
  const first = page.getByRole('rowheader').first();
  for (let number = 1; number <= 10; number += 1) {
    const from = String((number - 1) * 100).padStart(3, '0');
    await until(
      `page ${number} begins with crowd-${from}`,
      async () => (await first.innerText()) === `crowd-${from}`,
    );
    const next = page.getByRole('link', { name: 'Next page' });
    if (number < 10) await next.click();
    else expect('the last page has no next', (await next.count()) === 0);
  }
  await page.goBack();
  await until('going back goes back a page', async () => (await first.innerText()) === 'crowd-800');

  // Places of pages are good until the registry is restarted; then it is the first page again.
  await bed.registry.kill();
  await bed.registry.start();
  bed.expectNoise(/ERR_CONNECTION_REFUSED|status of 400/);
  await until('the first page is shown', async () => (await first.innerText()) === 'crowd-000');
}

module.exports = {
  services_and_the_registry_itself_are_told,
  what_the_guard_holds_is_marked,
  thousands_are_shown_a_page_at_a_time,
};
