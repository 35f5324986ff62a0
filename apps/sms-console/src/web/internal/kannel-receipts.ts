import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { routes } from '#app/routes.ts';
import type { GatewaySettings } from '#domain/delivery/gateway-settings.ts';
import { readKannelReceipt } from '#domain/delivery/kannel-answers.ts';
import type { Receipt } from '#domain/delivery/read-receipt.ts';

const PARAMETERS = z.object({
  gateway: z.string(),
  secret: z.string(),
  message: z.string().regex(/^[A-Za-z0-9_]{1,64}$/),
});
const REPORT = z.object({
  type: z.string().regex(/^\d{1,3}$/),
  answer: z.string().max(2_000).default(''),
});

/**
 * Where Kannel fetches the dlr-url of a message: the secret of its gateway opens it, for that gateway's messages only. What is not stored is
 * answered with 503, and Kannel asks again if its `http-request-retry` says so. Neither the log nor an answer has the secret.
 */
export function kannelReceipts(
  app: FastifyInstance,
  {
    gateways,
    store,
  }: {
    gateways: readonly GatewaySettings[];
    store: (gateway: GatewaySettings, receipt: Receipt) => Promise<boolean>;
  },
): void {
  const known = gateways.flatMap((gateway) =>
    gateway.kind === 'kannel' ? [{ gateway, expected: hash(gateway.receiptSecret) }] : [],
  );
  app.get(routes.kannelReceipt, { exposeHeadRoute: false, logLevel: 'warn' }, async (request, reply) => {
    reply.header('cache-control', 'no-store').type('text/plain');
    const parameters = PARAMETERS.safeParse(request.params);
    if (!parameters.success) return reply.code(404).send('unknown');
    const { gateway: name, secret, message } = parameters.data;
    const given = hash(secret);
    const found = known.find(
      ({ gateway, expected }) => timingSafeEqual(given, expected) && gateway.name === name,
    );
    if (found === undefined) return reply.code(404).send('unknown');
    const report = REPORT.safeParse(request.query);
    if (!report.success) return reply.code(400).send('not a delivery report');
    const receipt = readKannelReceipt(Number(report.data.type), report.data.answer, message);
    if (receipt !== null && !(await store(found.gateway, receipt))) return reply.code(503).send('later');
    return reply.send('ok');
  });
}

function hash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
