// Other ways to read the page: by keyboard, by ear, on a phone, in the dark.
'use strict';

const { expect, until } = require('../claims');

async function an_instance_is_reached_by_keyboard_alone(bed) {
  await bed.provider('orders', 'orders-1');
  const page = await bed.at('');
  const focused = () =>
    page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.name);
  const tabTo = (text) =>
    until(`the focus comes to ${text}`, async () => {
      await page.keyboard.press('Tab');
      return (await focused()) === text;
    });
  await page.keyboard.press('Tab');
  expect('the first stop skips what is on every page', (await focused()) === 'Skip to the content');
  await page.keyboard.press('Enter');
  await tabTo('orders');
  // The page looks again and draws anew: the focus stays where it is.
  await bed.provider('stock', 'stock-1');
  await page.getByRole('link', { name: 'stock', exact: true }).waitFor();
  expect('the focus stays', (await focused()) === 'orders');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'orders' }).waitFor();
  await until('reading goes on in the new place', () =>
    page.evaluate(() => document.activeElement.id === 'main'),
  );
  await tabTo('orders-1');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'orders-1' }).waitFor();
  expect(
    'the focus is seen',
    await page.evaluate(() => {
      document.querySelector('.crumbs a').focus({ focusVisible: true });
      return getComputedStyle(document.activeElement).outlineStyle !== 'none';
    }),
  );
}

/** Every view, with something to tell. */
async function everywhere(bed) {
  const long =
    'a-very-long-host-name.with-many-parts.in-a-region.of-some-provider.example.internal:orders:8080';
  await bed.provider('orders', long, {
    metadata: { 'a-name-without-any-place-to-break-a-line-at-all': 'x'.repeat(200) },
  });
  await bed.provider('orders', 'orders-2', { status: 'OUT_OF_SERVICE' });
  const gone = await bed.provider('orders', `gone.${long}`, { ttl: 2, beat: 0.4 });
  const own = `#/services/orders/instances/${encodeURIComponent(long)}`;
  const left = `#/services/orders/instances/${encodeURIComponent(`gone.${long}`)}`;
  await until(
    'it beat for a while',
    async () =>
      (await bed.registry.ask(`/api/v1/services/orders/instances/${encodeURIComponent(`gone.${long}`)}`))
        .leases[0].intervals_ms.length > 3,
  );
  gone.kill();
  await until('it left', async () => (await bed.registry.ask('/api/v1/departures')).departures.length === 1);
  return ['#/', '#/services/orders', own, left, '#/departures'];
}

async function nothing_is_wider_than_a_phone(bed) {
  const places = await everywhere(bed);
  const page = await bed.newPage({ viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });
  for (const place of places) {
    await bed.at(place, page);
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(`${place} is ${wide} wide on ${room}`, wide <= 320 && room === 320);
  }
}

async function assistive_programs_find_everything(bed) {
  const axe = require('axe-core');
  const places = await everywhere(bed);
  for (const settings of [
    { colorScheme: 'light' },
    { colorScheme: 'dark' },
    { colorScheme: 'light', viewport: { width: 360, height: 640 } },
  ]) {
    const page = await bed.newPage(settings);
    for (const place of places) {
      await bed.at(place, page);
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      const told = violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes[0].html})`);
      expect(`${place} ${JSON.stringify(settings)}: ${told.join('; ')}`, told.length === 0);
    }
  }
}

module.exports = {
  an_instance_is_reached_by_keyboard_alone,
  nothing_is_wider_than_a_phone,
  assistive_programs_find_everything,
};
