// The life of an instance, while it is there and when it is gone.
'use strict';

const { expect, until } = require('../claims');

/** The address of an instance's place. */
const placeOf = (service, id) =>
  `#/services/${encodeURIComponent(service)}/instances/${encodeURIComponent(id)}`;

async function the_life_of_an_evicted_instance_is_told_after_it_is_gone(bed) {
  const provider = await bed.provider('orders', 'orders-1', { ttl: 2, beat: 0.4 });
  const page = await bed.at(placeOf('orders', 'orders-1'));
  const fourIntervals = /intervals before it ([\d.]+, ){3}[\d.]+\s(ms|s)\./i;
  await until('its beats are told', async () => fourIntervals.test(await page.locator('.lease').innerText()));
  provider.kill();
  // Nobody touches the page from here on: it looks by itself.
  const newest = page.locator('.life li').first();
  await newest.getByText('left', { exact: true }).waitFor();
  const told = await newest.innerText();
  for (const part of [
    /No renewal for 2\.0\ss\./,
    /Its lease allows 2\ss, a beat was promised every 1\ss\./,
    /Last beat \d\d:\d\d:\d\d\.\d{3} at 127\.0\.0\.1:8080\./,
    fourIntervals,
    /Not guarded \(1 host is too few\)\./,
    /(ago|just now), at \d\d:\d\d:\d\d\.\d{3}/,
  ]) {
    expect(`${part} is told: ${told}`, part.test(told.replaceAll('\u00a0', ' ')));
  }
  expect('each beat is drawn', (await newest.locator('svg .blip').count()) === 5);
  expect('and the end', (await newest.locator('svg .end').count()) === 1);
  expect(
    'that it is gone is said first',
    /is not registered; it left /.test(await page.locator('.lead').innerText()),
  );

  // The same is there for whoever comes later, also by the list of those who left, and after a restart.
  await bed.registry.kill();
  await bed.registry.start();
  await bed.at('#/departures');
  await page.getByRole('link', { name: 'orders/orders-1' }).click();
  await page.locator('.life li').nth(1).waitFor();
  expect('registered comes last', /^registered/.test(await page.locator('.life li').last().innerText()));
  bed.expectNoise(/ERR_CONNECTION_REFUSED/);
}

async function what_the_page_tells_is_what_the_command_line_tells(bed) {
  const provider = await bed.provider('orders', 'orders-1', { ttl: 1, beat: 0.3 });
  await until(
    'it beat for a while',
    async () =>
      (await bed.registry.ask('/api/v1/services/orders/instances/orders-1')).leases[0].intervals_ms.length >=
      2,
  );
  provider.kill();
  await until('it left', async () => (await bed.registry.ask('/api/v1/departures')).departures.length === 1);
  const page = await bed.at(placeOf('orders', 'orders-1'));
  const [line] = bed.registry.why('orders/orders-1').filter((told) => /^ +left /.test(told));
  const reasons = line.replace(/^.*?, at [\d:.]+: /, '').split('; ');
  const shown = (await page.locator('.life li').first().locator('.why').innerText()).replaceAll(
    '\u00a0',
    ' ',
  );
  expect(`more than one reason: ${line}`, reasons.length > 3);
  for (const reason of reasons) {
    expect(`"${reason}" is in "${shown}"`, shown.toLowerCase().includes(`${reason.toLowerCase()}.`));
  }
}

async function a_listed_instance_is_told_with_its_heartbeat_and_its_facts(bed) {
  await bed.provider('orders', 'orders-1', { ttl: 3, beat: 0.5, metadata: { rack: '7', zone: 'eu-1' } });
  const page = await bed.at(placeOf('ORDERS', 'orders-1'));
  expect('its title names it', (await page.title()) === 'ORDERS/orders-1 · lubdub');
  expect(
    'it is up',
    /orders\/orders-1 is UP at 127\.0\.0\.1:8080\./.test(await page.locator('.lead').innerText()),
  );
  const lease = page.locator('.lease');
  await until('its lease and its beats are told', async () =>
    /^Its lease allows 3\ss of silence, a beat is promised every 1\ss; the last came .* ago, at .*; intervals before it .*\./.test(
      await lease.innerText(),
    ),
  );
  expect('its deadline is drawn', (await lease.locator('svg .deadline').count()) === 1);
  const facts = await page.locator('.facts').allInnerTexts();
  for (const [name, value] of [
    ['Zone', 'eu-1'],
    ['rack', '7'],
    ['Health', 'passing'],
    ['Registered through', 'eureka'],
  ]) {
    expect(
      `${name} is ${value}: ${facts}`,
      facts.some((told) => told.includes(`${name}\n${value}`)),
    );
  }
  expect('its life has begun', /^registered/.test(await page.locator('.life li').first().innerText()));
}

async function a_question_for_one_that_left_is_answered(bed) {
  const provider = await bed.provider('mail', 'mail 1/a', { ttl: 30 });
  await provider.leave();
  const page = await bed.at('#/departures');
  await page.getByLabel('Service').fill('mail');
  // What was typed stays while the page looks again.
  await page.getByLabel('Id', { exact: true }).pressSequentially('mail 1/a', { delay: 150 });
  await page.getByRole('button', { name: 'Tell its life' }).click();
  const newest = page.locator('.life li').first();
  await newest.getByText('deregistered').waitFor();
  expect('whose word it was is told', /Through eureka from 127\.0\.0\.1\./.test(await newest.innerText()));
}

async function one_that_never_was_is_told_so(bed) {
  bed.expectNoise(/status of 404/);
  const page = await bed.at(placeOf('orders', 'nobody'));
  await page.getByText('is not registered, and nothing is remembered of it').waitFor();
  await bed.at('#/services/nobody');
  await page.getByText('No instance of this service is registered.').waitFor();
  await bed.at('#/somewhere/else');
  await page.getByText('There is no such place').waitFor();
}

module.exports = {
  the_life_of_an_evicted_instance_is_told_after_it_is_gone,
  what_the_page_tells_is_what_the_command_line_tells,
  a_listed_instance_is_told_with_its_heartbeat_and_its_facts,
  a_question_for_one_that_left_is_answered,
  one_that_never_was_is_told_so,
};
