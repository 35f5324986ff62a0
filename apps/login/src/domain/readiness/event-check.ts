import { eventBody, EVENT_TYPES } from '#domain/events/event.ts';
import { authorizationOf } from '#domain/events/streams.ts';
import { signedToken } from '#domain/events/token.ts';
import { fault, noAnswer, notApplicable, pass, type Finding } from '#domain/consoles/findings.ts';
import { newId } from '#support/primitives/ids.ts';
import type { CheckRun } from './run.ts';

const TIME_LIMIT = 5_000;

/** R18: tells the console of its test user's login ID as it is: a change that changes nothing, and that must be taken (RFC 8935 §2.2). */
export async function eventCheck(run: CheckRun): Promise<Finding> {
  const check = 'login-id-event';
  const { tools, console, account } = run;
  const stream = await tools.db
    .selectFrom('event_stream')
    .select(['id', 'method', 'status', 'endpoint_url', 'sealed_authorization'])
    .where('console_id', '=', console.id)
    .executeTakeFirst();
  const address = console.event_uri;
  if (
    address === null ||
    stream?.method !== 'push' ||
    stream.status !== 'enabled' ||
    stream.endpoint_url !== address
  )
    return notApplicable(check);
  const now = tools.clock();
  const event = {
    kind: 'login-id-changed',
    accountId: account.id,
    detail: { emailAddress: account.emailAddress, previousEmailAddress: account.emailAddress, version: 1 },
  } as const;
  const token = await signedToken(tools.keys, tools.issuer, {
    id: newId('set', now),
    event_id: null,
    account_id: account.id,
    stream_id: stream.id,
    type: EVENT_TYPES[event.kind],
    event: eventBody(event, { consoleUserId: account.consoleUserId, sequence: 1, at: now }),
    created_at: now,
    client_id: console.client_id,
    id_token_alg: console.id_token_alg,
  });
  const authorization = await authorizationOf(tools.secrets, stream);
  const answer = await tools.outbound.postToken(address, token, {
    timeout: TIME_LIMIT,
    ...(authorization === null ? {} : { authorization }),
  });
  if (!answer.ok) return noAnswer(check, address, answer);
  return answer.status === 202 || answer.status === 200
    ? pass(check, address)
    : fault(check, 'event-refused', address, String(answer.status));
}
