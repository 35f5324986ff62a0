import { afterAll, beforeAll, expect, it } from 'vitest';
import { logoutUrl, openTwoConsoles } from './two-consoles.ts';

type Consoles = Awaited<ReturnType<typeof openTwoConsoles>>;
let consoles: Consoles;
beforeAll(async () => {
  consoles = await openTwoConsoles();
});
afterAll(() => consoles.close());

it('L2: a console that hangs holds up nobody else’s deliveries, and takes no more than its own four places at the queue', async () => {
  const { inBoth, sms, mail } = consoles;
  const visits = [];
  for (let i = 0; i < 8; i++) visits.push(await inBoth());
  sms.answer = 'hang';
  await Promise.all(
    visits.map(({ browser, sms: entered }) =>
      browser.request('GET', logoutUrl({ id_token_hint: entered.tokens.id_token, client_id: 'sms' })),
    ),
  );
  await mail.until(8);
  // What the console that hangs has got by now are tries that are still under way.
  expect(sms.received.length).toBeLessThanOrEqual(4);
  const { db } = consoles.world.database;
  const states = await db
    .selectFrom('logout_delivery')
    .innerJoin('console', 'console.id', 'console_id')
    .select(['client_id', 'state'])
    .execute();
  await expect
    .poll(async () =>
      (
        await db
          .selectFrom('logout_delivery')
          .innerJoin('console', 'console.id', 'console_id')
          .select('state')
          .where('client_id', '=', 'mail')
          .execute()
      ).map(({ state }) => state),
    )
    .toEqual(Array.from({ length: 8 }, () => 'delivered'));
  expect(states.filter((one) => one.client_id === 'sms' && one.state === 'delivered')).toEqual([]);
});
