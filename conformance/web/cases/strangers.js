// What strangers send: names, ids and metadata that would like to be more than text.
'use strict';

const { expect, until } = require('../claims');

const MARKUP = '<img src=x onerror="alert(1)">';

const IDS = [
  MARKUP,
  '"><script>alert(2)</script>',
  "it's/a/../path?with=query#and%20fragment%2F",
  'javascript:alert(3)',
  '部署-Ünïcode-🫀-\u202egnp.exe',
  '${7*7}{{7*7}}',
  '%',
];

async function what_strangers_send_is_text_and_its_links_work(bed) {
  const service = `shop & <b>${MARKUP}</b>/"quoted"`;
  for (const id of IDS) {
    await bed.provider(service, id, {
      metadata: { [MARKUP]: MARKUP, '</dd><script>alert(4)</script>': 'javascript:alert(5)' },
    });
  }
  const page = await bed.at('');
  await page.getByRole('link', { name: service, exact: true }).click();
  const rows = page.getByRole('rowheader');
  await until('all are listed', async () => (await rows.count()) === IDS.length);
  const shown = await rows.evaluateAll((cells) => cells.map((cell) => cell.textContent));
  expect(
    `ids are shown as they are: ${JSON.stringify(shown)}`,
    [...IDS].sort().join('\n') === [...shown].sort().join('\n'),
  );

  for (const id of IDS) {
    const place = shown.indexOf(id);
    await rows.nth(place).getByRole('link').click();
    await until(
      `the page of ${JSON.stringify(id)} is shown`,
      async () => (await page.locator('h1').evaluate((heading) => heading.textContent)) === id,
    );
    expect(`${JSON.stringify(id)} is found`, /is UP at/.test(await page.locator('.lead').innerText()));
    const told = await page
      .locator('.facts')
      .last()
      .evaluate((facts) => facts.textContent);
    expect(
      `metadata is text: ${told}`,
      told.includes(`${MARKUP}${MARKUP}`) && told.includes('javascript:alert(5)'),
    );
    // A link that is sent to somebody else leads there too.
    await page.reload();
    await page.locator('.lead').getByText('is UP at').waitFor();
    await page.goBack();
    await until('the list is back', async () => (await rows.count()) === IDS.length);
  }

  // No browser can ask for this one, whose name is a step in a path; the page does not pretend to.
  await bed.provider('dots', '..');
  await bed.at('#/services/dots');
  await page.getByRole('link', { name: '..', exact: true }).click();
  await page.getByText('lubdub why').waitFor();
  const [told] = bed.registry.why('dots/..');
  expect(`a terminal can: ${told}`, told.includes('is UP at'));

  const [made, foreign] = await page.evaluate(() => [
    document.querySelectorAll('main img, main script, main b > b, iframe').length,
    [...document.querySelectorAll('a')].filter((link) => !link.getAttribute('href').startsWith('#')).length,
  ]);
  expect('nothing of it became an element', made === 0);
  expect('no link leads elsewhere', foreign === 0);
}

async function markup_would_not_run_even_if_it_were_put_in(bed) {
  const page = await bed.at('');
  const refused = await page.evaluate(() => {
    const tried = document.createElement('div');
    try {
      tried.innerHTML = '<b>bold</b>';
      return 'it was taken';
    } catch (fault) {
      return fault.name;
    }
  });
  expect(`text is never made to markup: ${refused}`, refused === 'TypeError');
  const violated = await page.evaluate(
    () =>
      new Promise((done) => {
        document.addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective));
        const style = document.createElement('style');
        style.textContent = 'body { background: red }';
        document.head.append(style);
        setTimeout(() => done('nothing'), 5_000);
      }),
  );
  expect(`inline style is refused: ${violated}`, violated === 'style-src-elem');
  bed.expectNoise(/TrustedHTML|Content Security Policy/);
}

module.exports = {
  what_strangers_send_is_text_and_its_links_work,
  markup_would_not_run_even_if_it_were_put_in,
};
