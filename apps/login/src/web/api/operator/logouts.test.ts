import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { HOUR } from '#support/primitives/durations.ts';
import { logoutUrl, openTwoConsoles } from '#test/two-consoles.ts';

type Consoles = Awaited<ReturnType<typeof openTwoConsoles>>;
let consoles: Consoles;
let token: string;
beforeAll(async () => {
  consoles = await openTwoConsoles();
  const by = { actor: 'operator:cli', now: consoles.world.now };
  ({ token } = await createOperatorToken(
    consoles.world.database.db,
    { name: 'support desk', role: 'support' },
    by,
  ));
});
afterAll(() => consoles.close());

const call = async (method: 'GET' | 'POST', path: string) => {
  const answer = await consoles.world.app.server.inject({
    method,
    url: `/api/operator/v1${path}`,
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}` },
  });
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json<never>() };
};
type Page = { items: { deliveryId: string; clientId: string; state: string }[]; next: string | null };

it('R9: the ledger says who was told when, page by page, and each delivery what was answered', async () => {
  const { inBoth, world, mail, sms } = consoles;
  for (let i = 0; i < 3; i++) {
    const { browser, sms: entered } = await inBoth();
    await browser.request('GET', logoutUrl({ id_token_hint: entered.tokens.id_token, client_id: 'sms' }));
    await Promise.all([sms.until(i + 1), mail.until(i + 1)]);
    world.pass(1 * HOUR);
  }
  const delivered = async (): Promise<number> =>
    ((await call('GET', '/logout-deliveries?state=delivered')).body as unknown as Page).items.length;
  await expect.poll(delivered).toBe(6);

  const seen: string[] = [];
  let after = '';
  do {
    const page = (await call('GET', `/logout-deliveries?limit=4${after}`)).body as unknown as Page;
    seen.push(...page.items.map(({ deliveryId }) => deliveryId));
    after = page.next ? `&cursor=${page.next}` : '';
  } while (after !== '');
  expect(seen).toHaveLength(6);
  expect(new Set(seen).size).toBe(6);

  const ofMail = (await call('GET', '/logout-deliveries?clientId=mail')).body as unknown as Page;
  expect(ofMail.items.map(({ clientId, state }) => [clientId, state])).toEqual(
    Array.from({ length: 3 }, () => ['mail', 'delivered']),
  );
  const one = await call('GET', `/logout-deliveries/${ofMail.items[0]?.deliveryId ?? ''}`);
  expect(one.body).toMatchObject({
    accountId: consoles.accountId,
    cause: 'logout',
    tries: 1,
    attempts: [{ number: 1, kind: 'timetable', status: 204, error: null }],
  });
  expect(((await call('GET', '/logout-health')).body as unknown as Page).items).toMatchObject([
    { clientId: 'mail', state: 'answering', waiting: 0 },
    { clientId: 'sms', state: 'answering', failed: 0 },
  ]);
});

it('what was given up is tried again by one call; everything else says why not', async () => {
  const { world, mail } = consoles;
  const { items } = (await call('GET', '/logout-deliveries?clientId=mail&limit=1')).body as unknown as Page;
  const id = items[0]?.deliveryId ?? '';
  expect(await call('POST', `/logout-deliveries/${id}/retry`)).toMatchObject({
    status: 409,
    body: { code: 'delivery-not-failed' },
  });
  await world.database.db
    .updateTable('logout_delivery')
    .set({ state: 'failed', ended_at: world.now })
    .where('id', '=', id)
    .execute();
  const before = mail.received.length;
  expect((await call('POST', `/logout-deliveries/${id}/retry`)).status).toBe(202);
  await mail.until(before + 1);
  expect(await call('POST', '/logout-deliveries/lod_none/retry')).toMatchObject({
    status: 404,
    body: { code: 'delivery-unknown' },
  });
  expect(await call('GET', '/logout-deliveries/lod_none')).toMatchObject({ status: 404 });
  expect(await call('GET', '/logout-deliveries?clientId=nobody')).toMatchObject({
    status: 404,
    body: { code: 'console-unknown' },
  });
  expect(await call('GET', '/logout-deliveries?state=lost')).toMatchObject({ status: 422 });
  const events = await world.database.db
    .selectFrom('audit_event')
    .select(['actor', 'detail'])
    .where('action', '=', 'logout.retried')
    .execute();
  expect(events).toMatchObject([
    { actor: expect.stringMatching(/^operator:opt_/) as string, detail: { deliveryId: id } },
  ]);
});
