import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { endSession } from '#domain/logout/end-session.ts';
import { sessionUidOfSid } from '#domain/sessions/sessions.ts';
import { newSecret } from '#support/primitives/secrets.ts';
import type { WebContext } from '#web/http/context.ts';
import { query } from '#web/http/request.ts';
import { authenticatedConsole, consoleIn } from '../console-auth.ts';
import {
  dropSession,
  keepPending,
  keepSession,
  PENDING_LIFETIME,
  sessionOf,
  takePending,
  type ConsoleSession,
} from './cookies.ts';
import { sendFailure, sendSignInNeeded } from './failure-page.ts';
import { frontOf, header, targetOf, type Front } from './front.ts';
import { livingPerson, usedNow } from './living.ts';
import { redeem } from './redeem.ts';

/** Sign-in for consoles behind nginx's `auth_request` and the like (R33, decision 0047). */
export async function registerForwardAuth(root: FastifyInstance, context: WebContext): Promise<void> {
  const key = context.forwardAuthKey;
  await root.register(
    async (app) => {
      app.decorateRequest('console', null);
      app.decorateRequest('front', null);
      app.addHook('onRequest', async (request, reply) => {
        // What is said here is between us and the console's host: no rule about transport for that host is ours to make.
        reply.header('cache-control', 'no-store').raw.removeHeader('strict-transport-security');
        const console = await authenticatedConsole(context, request);
        // Not 401: nginx would send the browser to sign in, in circles, and a browser would ask its person for a password.
        if (!console) return reply.code(403).type('text/plain; charset=utf-8').send(PROXY_REFUSED);
        request.console = console;
        request.front = frontOf(console, request) ?? null;
        if (!request.front) {
          request.log.error(
            { clientId: console.client_id },
            'forward-auth: no redirect URI …/_hitokagi/callback is registered for this host',
          );
          return sendFailure(request, reply, 'host-unknown');
        }
        return undefined;
      });

      app.get('/check', ONLY_GET, async (request, reply) => {
        const front = frontIn(request);
        const session = await sessionOf(key, front, request);
        const person = session && (await livingPerson(context, front.console, session));
        if (!person) return reply.code(401).send();
        const used = usedNow(context, front.console, session);
        if (used) await keepSession(key, front, used, reply);
        return reply
          .code(204)
          .header('x-hitokagi-user', printable(person.consoleUserId))
          .header('x-hitokagi-email', printable(person.emailAddress))
          .header('x-hitokagi-name', printable(person.name))
          .header('x-hitokagi-sub', printable(session.accountId))
          .header('x-hitokagi-session', printable(session.sid))
          .send();
      });

      app.get('/start', ONLY_GET, async (request, reply) => {
        const front = frontIn(request);
        if (!isNavigation(request)) return sendSignInNeeded(request, reply);
        const iss = query(request, 'iss');
        if (iss !== undefined && iss.replace(/\/$/, '') !== context.issuer)
          return sendFailure(request, reply, 'foreign-issuer');
        const pending = {
          consoleId: front.console.id,
          ...{ state: newSecret(), nonce: newSecret(), verifier: newSecret() },
          target: targetOf(front, request),
          startedAt: context.clock().getTime(),
        };
        await keepPending(key, front, pending, request, reply);
        const authorize = new URL('/authorize', context.pagesUrl);
        authorize.search = new URLSearchParams({
          client_id: front.console.client_id,
          response_type: 'code',
          redirect_uri: front.redirectUri,
          scope: 'openid email profile',
          // Named by itself, because a console without a logout address gets no `sid` otherwise.
          claims: JSON.stringify({ id_token: { sid: { essential: true } } }),
          state: pending.state,
          nonce: pending.nonce,
          code_challenge: createHash('sha256').update(pending.verifier).digest('base64url'),
          code_challenge_method: 'S256',
          ...passedOn(request, 'login_hint'),
          ...passedOn(request, 'ui_locales'),
        }).toString();
        return reply.redirect(authorize.href, 303);
      });

      app.get('/callback', ONLY_GET, async (request, reply) => {
        const front = frontIn(request);
        const pending = await takePending(key, front, query(request, 'state') ?? '', request, reply);
        if (!pending) {
          // Opened a second time, by a reload or the back button: who is in stays in.
          const session = await sessionOf(key, front, request);
          if (session && (await livingPerson(context, front.console, session)))
            return reply.redirect(`${front.origin}/`, 303);
          return sendFailure(request, reply, 'not-begun-here');
        }
        if (context.clock().getTime() - pending.startedAt > PENDING_LIFETIME)
          return sendFailure(request, reply, 'expired');
        // RFC 9207: the answer is of this login server and no other.
        if (query(request, 'iss') !== context.issuer) return sendFailure(request, reply, 'foreign-issuer');
        const code = query(request, 'code');
        const session =
          code === undefined ? undefined : await redeem(root, context, front, request, { code, pending });
        if (!session) return sendFailure(request, reply, 'not-completed');
        await keepSession(key, front, session, reply);
        return reply.redirect(front.origin + pending.target, 303);
      });

      for (const method of ['GET', 'POST'] as const)
        app.route({
          method,
          url: '/sign-out',
          ...ONLY_GET,
          handler: (request, reply) => signOut(request, reply),
        });

      async function signOut(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
        const front = frontIn(request);
        const session = await sessionOf(key, front, request);
        // A link on a foreign page gets the page with a button, as everywhere (L5): nothing has ended then.
        if (!isFromConsole(front, request)) {
          const ask = new URLSearchParams({ client_id: front.console.client_id });
          return reply.redirect(`${context.pagesUrl}/logout?${ask.toString()}`, 303);
        }
        dropSession(front, reply);
        const logout = session && (await endedBy(front, session));
        return reply.redirect(
          `${context.pagesUrl}/signed-out${logout === undefined ? '' : `/${logout}`}`,
          303,
        );
      }

      /** Ends the SSO session, also when the console's own time-outs have passed: whoever leaves leaves everything (R9). */
      async function endedBy(front: Front, { accountId, sid }: ConsoleSession): Promise<string | undefined> {
        const { db, jobs, clock } = context;
        const uid = await sessionUidOfSid(db, accountId, front.console.client_id, sid);
        if (uid === undefined) return undefined;
        return db.transaction().execute((trx) => endSession(trx, jobs, uid, 'logout', clock()));
      }
    },
    { prefix: '/forward-auth' },
  );
}

const PROXY_REFUSED =
  'The proxy of this console did not authenticate with its client ID and client secret (Authorization: Basic …). See docs/consoles/nginx.md.\n';

/** HEAD would redeem a code, or begin a sign-in that nobody sees. */
const ONLY_GET = { exposeHeadRoute: false, config: { fromAnywhere: true } };

declare module 'fastify' {
  interface FastifyRequest {
    front: Front | null;
  }
}

function frontIn(request: FastifyRequest): Front {
  if (!request.front || consoleIn(request) !== request.front.console)
    throw new Error('The route is not behind the authentication of the proxy.');
  return request.front;
}

/** As header values are ASCII (RFC 9110 §5.5): what is not printable, and %, is percent-encoded as UTF-8. */
function printable(text: string): string {
  return text.toWellFormed().replace(/[^\x21-\x7e]|%/gu, (one) => encodeURIComponent(one));
}

/** Whether a person waits for a page: what fetches in the background cannot be led to the sign-in page. */
function isNavigation(request: FastifyRequest): boolean {
  const method = header(request, 'x-hitokagi-method') ?? 'GET';
  if (method !== 'GET' && method !== 'HEAD') return header(request, 'sec-fetch-mode') === 'navigate';
  const mode = header(request, 'sec-fetch-mode');
  if (mode !== undefined) return mode === 'navigate';
  return header(request, 'x-requested-with') === undefined;
}

/** Whether a page of the console's own host asks, by Fetch Metadata, or by Origin or Referer where a browser does not send that (OWASP CSRF Prevention). */
function isFromConsole({ origin }: Front, request: FastifyRequest): boolean {
  const site = header(request, 'sec-fetch-site');
  if (site !== undefined) return site === 'same-origin';
  const from = header(request, 'origin') ?? header(request, 'referer');
  return from !== undefined && URL.canParse(from) && new URL(from).origin === origin;
}

const LONGEST_PASSED_ON = 320;

function passedOn(request: FastifyRequest, name: string): Record<string, string> {
  const value = query(request, name);
  return value === undefined || value === '' || value.length > LONGEST_PASSED_ON ? {} : { [name]: value };
}
