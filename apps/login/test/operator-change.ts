import { createOperatorToken } from '#domain/operators/tokens.ts';
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

const tokens = new WeakMap<World, Promise<string>>();
/** One for each world, valid for all the days of a test. */
function tokenOf(world: World): Promise<string> {
  let known = tokens.get(world);
  if (!known) {
    known = createOperatorToken(
      world.database.db,
      { name: 'desk', role: 'support' },
      { actor: 'operator:cli', now: world.now },
    ).then(({ token }) => token);
    tokens.set(world, known);
  }
  return known;
}
