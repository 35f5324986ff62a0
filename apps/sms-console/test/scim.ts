import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TestAccount } from './console-api.ts';

/** As much of `{issuer}/scim/v2/Users` as the console kit asks: found by externalId, created, let in and shut out. */
export async function answerScim(
  accounts: TestAccount[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? '', 'http://x');
  const send = (status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/scim+json' });
    response.end(JSON.stringify(body));
  };
  if (request.method === 'GET') {
    const id = /^externalId eq "(.*)"$/.exec(url.searchParams.get('filter') ?? '')?.[1];
    const found = accounts.filter((account) => account.consoleUserId === id);
    return send(200, {
      Resources: found.map(({ sub, active }) => ({ id: sub, active: active !== false })),
    });
  }
  const sent = JSON.parse(Buffer.concat(chunks).toString()) as {
    externalId: string;
    userName: string;
    displayName: string;
    Operations?: { value: boolean }[];
  };
  if (request.method === 'PATCH') {
    const account = accounts.find(({ sub }) => url.pathname.endsWith(`/${sub}`));
    if (account) account.active = sent.Operations?.[0]?.value ?? true;
    return send(account ? 200 : 404, {});
  }
  if (accounts.some(({ emailAddress }) => emailAddress === sent.userName))
    return send(409, { scimType: 'uniqueness' });
  accounts.push({
    sub: `acc_added_${sent.externalId}`,
    emailAddress: sent.userName,
    name: sent.displayName,
    consoleUserId: sent.externalId,
  });
  return send(201, {});
}
