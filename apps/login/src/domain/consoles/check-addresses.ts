import type { Db } from '#support/db/database.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import type { Outbound, OutboundLook } from '#support/primitives/outbound.ts';
import { fault, noAnswer, notApplicable, pass, type CheckName, type Finding } from './findings.ts';

const TIME_LIMIT = 5_000;
/** Who is told so early renews in time. */
const CERTIFICATE_LEFT = 14 * DAY;
/** Not a token at all: whoever takes it checks nothing. */
const BAD_TOKEN = 'this-is-a-readiness-check-and-not-a-token';

/** Asks every other registered address: pages whether they are there, back channels whether they refuse a token that is none. */
export async function checkAddresses(
  { db, outbound }: { db: Db; outbound: Outbound },
  console: ConsoleRow,
  now: Date,
): Promise<readonly Finding[]> {
  const looks: { url: string; answer: OutboundLook }[] = [];
  // Where the console wants an Authorization header with each event, it may refuse whoever sends none before it reads a token.
  const guarded = await db
    .selectFrom('event_stream')
    .select('id')
    .where('console_id', '=', console.id)
    .where('sealed_authorization', 'is not', null)
    .executeTakeFirst();
  const [pages, logout, events] = await Promise.all([
    Promise.all([
      page('home', [console.home_url]),
      page('redirect', console.redirect_uris),
      page('post-logout', console.post_logout_redirect_uris),
      page('legacy-login', console.legacy_login_url === null ? [] : [console.legacy_login_url]),
    ]),
    refusal('logout', console.backchannel_logout_uri, (url) =>
      outbound.postForm(url, { logout_token: BAD_TOKEN }, { timeout: TIME_LIMIT }),
    ),
    refusal('events', console.event_uri, (url) =>
      outbound.postToken(url, BAD_TOKEN, { timeout: TIME_LIMIT }),
    ),
  ]);
  return [...pages.flat(), logout, events, ...certificateFindings(looks, now)];

  /** A page that the browser is sent to; without what would come with it, it may well refuse, but it must be there. */
  async function page(check: CheckName, urls: readonly string[]): Promise<readonly Finding[]> {
    if (urls.length === 0) return [notApplicable(check)];
    return Promise.all(
      urls.map(async (url) => {
        const answer = await outbound.look(url, { timeout: TIME_LIMIT });
        looks.push({ url, answer });
        if (!answer.ok) return noAnswer(check, url, answer);
        if (answer.status === 404 || answer.status === 405 || answer.status === 410)
          return fault(check, 'not-found', url, String(answer.status));
        return answer.status >= 500
          ? fault(check, 'answers-error', url, String(answer.status))
          : pass(check, url);
      }),
    );
  }

  /** OpenID Back-Channel Logout §2.8, RFC 8935 §2.3: what is no valid token gets 400. */
  async function refusal(
    check: CheckName,
    url: string | null,
    ask: (url: string) => ReturnType<typeof outbound.postForm>,
  ): Promise<Finding> {
    if (url === null) return notApplicable(check);
    const answer = await ask(url);
    if (!answer.ok) return noAnswer(check, url, answer);
    const { status } = answer;
    if (status === 400 || (check === 'events' && guarded && status === 401)) return pass(check, url);
    if (status >= 200 && status < 300) return fault(check, 'takes-bad-token', url, String(status));
    if (status === 404 || status === 405) return fault(check, 'not-found', url, String(status));
    if (status >= 500) return fault(check, 'answers-error', url, String(status));
    return fault(check, 'refuses-otherwise', url, String(status));
  }
}

/** One finding an origin: its certificate holds for a while. That it is trusted, an answer has shown. */
function certificateFindings(
  looks: readonly { url: string; answer: OutboundLook }[],
  now: Date,
): readonly Finding[] {
  const ends = new Map<string, Date>();
  for (const { url, answer } of looks)
    if (answer.ok && answer.certificateEndsAt) ends.set(new URL(url).origin, answer.certificateEndsAt);
  if (ends.size === 0) return [notApplicable('certificate')];
  return [...ends].map(([origin, end]) =>
    end > after(now, CERTIFICATE_LEFT)
      ? pass('certificate', origin)
      : fault('certificate', 'certificate-ends', origin, end.toISOString().slice(0, 10)),
  );
}
