import { createOperatorToken } from '#domain/operators/tokens.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import type { World } from './world.ts';

/** An operator asks for the change of an account's address (R18); the body may say more, or something else. */
export async function askByOperator(
  world: World,
  accountId: string,
  newEmailAddress: unknown,
  more: Record<string, unknown> = {},
) {
  const token = await tokenOf(world);
  return world.app.server.inject({
    method: 'POST',
    url: `/api/operator/v1/accounts/${accountId}/login-id-changes`,
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}` },
    payload: { newEmailAddress, locale: 'ja', reason: '本人確認済み（見本 1）', ...more },
  });
}

const tokens = new WeakMap<World, { madeAt: Date; token: Promise<string> }>();
/** One for each world, and another one before it ends: some tests go through years. */
function tokenOf(world: World): Promise<string> {
  let known = tokens.get(world);
  if (!known || world.now >= after(known.madeAt, 30 * DAY)) {
    const by = { actor: 'operator:cli', now: world.now };
    const made = createOperatorToken(world.database.db, { name: 'desk', role: 'support' }, by);
    known = { madeAt: world.now, token: made.then(({ token }) => token) };
    tokens.set(world, known);
  }
  return known.token;
}
