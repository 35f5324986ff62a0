import {
  Chip,
  DefinitionList,
  Literal,
  Name,
  Table,
  Text,
  TextLink,
  type ShapeName,
  type Tone,
} from '@hitokagi/design-system';
import type { PersonLink } from '#domain/person/links.ts';
import type { PersonMail } from '#domain/person/mails.ts';
import type { RecordedEvent } from '#support/audit/read.ts';
import { browserName } from '#domain/sessions/browser-name.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { actorWords } from '../actor.ts';
import { eventSentence, reasonWords } from '../audit/words.ts';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import type { PersonView } from './person-view.ts';
import { personPath } from './search-page.tsx';
import { texts } from './text.ts';
import { noticePath, withQuery } from '../addresses.ts';

type Part = { view: PersonView; visit: Visit };

/** Who it is, and how the password stands; the password itself is nowhere. */
export function AccountPart({ view, visit }: Part) {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { account, password, role, delay } = view.facts;
  const at = timeIn(visit);
  return (
    <>
      <DefinitionList
        items={[
          { term: t.loginId, description: <Literal>{account.email_address}</Literal> },
          {
            term: t.password,
            description: !password
              ? t.passwordNone
              : password.firstSetAt.getTime() === password.setAt.getTime()
                ? t.passwordSet(at(password.setAt))
                : t.passwordSetAgain(at(password.setAt), at(password.firstSetAt)),
          },
          {
            term: t.wrongPasswords,
            description: delay?.attempts
              ? t.wrongCount(delay.attempts, delay.until && at(delay.until))
              : t.none,
          },
          {
            term: t.mailLanguage,
            description: account.locale ? t.languages[account.locale] : t.languageUnset,
          },
          { term: t.createdAt, description: at(account.created_at) },
          ...(role ? [{ term: t.operatorRole, description: WORDS[locale].roles[role] }] : []),
          { term: t.accountId, description: <Literal>{account.id}</Literal> },
        ]}
      />
      <Text quiet>{t.passwordNote}</Text>
    </>
  );
}

/** The consoles, each with its own id for the person. */
export function LinksPart({ view, visit }: Part) {
  const t = texts[visit.shell.locale];
  const at = timeIn(visit);
  return (
    <Table
      caption={t.linksTitle}
      captionHidden
      columns={[
        { label: t.console, rowHeader: true },
        { label: t.userId },
        { label: t.linkedAt },
        { label: t.lastLegacy },
        { label: t.lastUnified },
      ]}
      rows={view.facts.links.map((link) => ({
        key: link.consoleId,
        cells: [
          <>
            {view.consoleName(link.clientId)}
            {link.apiOnly ? (
              <>
                {' '}
                <Chip tone="neutral" shape="square">
                  {t.apiOnly}
                </Chip>
              </>
            ) : null}
            {link.drift ? (
              <Text quiet>
                <Literal>{t.otherAddress(link.drift.address)}</Literal>
              </Text>
            ) : null}
          </>,
          <Literal>{link.consoleUserId}</Literal>,
          at(link.linkedAt),
          <>
            {at(link.lastLegacyAt)}
            <Text quiet>{legacyEnd(link, visit)}</Text>
          </>,
          at(link.lastUnifiedAt),
        ],
      }))}
      empty={t.noLinks}
    />
  );
}

function legacyEnd({ cutOverAt, apiOnly }: PersonLink, visit: Visit): string {
  const { locale } = visit.shell;
  const t = texts[locale];
  if (apiOnly) return '–';
  if (!cutOverAt) return t.legacyOpen;
  return cutOverAt > visit.now
    ? t.legacyUntil(japanTime(cutOverAt, locale))
    : t.legacyEnded(japanTime(cutOverAt, locale));
}

/** Mails and what became of each, in the words of the mail server. */
export function MailsPart({ view, visit }: Part) {
  const t = texts[visit.shell.locale];
  const at = timeIn(visit);
  const nameOf = ({ template }: PersonMail): string =>
    (t.templates as Readonly<Record<string, string>>)[template] ?? template;
  return (
    <Table
      caption={t.mails}
      captionHidden
      columns={[{ label: t.sentAt, rowHeader: true }, { label: t.mail }, { label: t.to }, { label: t.fate }]}
      rows={view.facts.mails.map((mail) => ({
        key: mail.id,
        cells: [
          at(mail.createdAt),
          mail.noticeId ? <TextLink href={noticePath(mail.noticeId)}>{nameOf(mail)}</TextLink> : nameOf(mail),
          <Literal>{mail.recipient}</Literal>,
          <>
            <Chip {...FATES[mail.fate]}>{t.fates[mail.fate]}</Chip>
            {mail.response && mail.fate !== 'accepted' ? (
              <Text quiet>
                <Literal>{mail.response}</Literal>
              </Text>
            ) : null}
          </>,
        ],
      }))}
      empty={t.noMails}
    />
  );
}

const FATES: { readonly [F in PersonMail['fate']]: { tone: Tone; shape: ShapeName } } = {
  waiting: { tone: 'info', shape: 'clock' },
  deferred: { tone: 'warning', shape: 'clock' },
  accepted: { tone: 'success', shape: 'check' },
  refused: { tone: 'danger', shape: 'cross' },
  bounced: { tone: 'danger', shape: 'cross' },
  dropped: { tone: 'neutral', shape: 'square' },
};

/** Codes asked for; the code itself is nowhere. */
export function CodesPart({ view, visit }: Part) {
  const t = texts[visit.shell.locale];
  const { codes } = view.facts;
  const at = timeIn(visit);
  return (
    <>
      <DefinitionList
        items={[
          { term: t.codesAsked, description: t.codesAskedTimes(codes.asked) },
          { term: t.lastAsked, description: at(codes.last?.lastSentAt ?? null) },
          { term: t.nextCode, description: codes.nextSendAt ? at(codes.nextSendAt) : t.atOnce },
          { term: t.wrongCodes, description: t.codesAskedTimes(codes.guesses) },
        ]}
      />
      <Text quiet>{t.codeNote}</Text>
    </>
  );
}

/** Changes of the login ID, the newest first. */
export function ChangesPart({ view, visit }: Part) {
  const t = texts[visit.shell.locale];
  const at = timeIn(visit);
  return (
    <DefinitionList
      items={view.facts.changes.map((one) => ({
        term: at(one.requestedAt),
        description: (
          <>
            <Literal>{one.oldAddress}</Literal> → <Literal>{one.newAddress}</Literal>
            <br />
            {one.clientId === null ? t.byOperator : view.consoleName(one.clientId)}
            {'：'}
            {one.undoneAt
              ? t.undone(at(one.undoneAt))
              : one.confirmedAt
                ? [
                    t.changed(at(one.confirmedAt)),
                    ...(one.undoUntil && one.undoUntil > visit.now ? [t.undoable(at(one.undoUntil))] : []),
                  ].join(' / ')
                : t.pending}
          </>
        ),
      }))}
    />
  );
}

/** The browsers in which the person is signed in. */
export function BrowsersPart({ view, visit }: Part) {
  const { locale } = visit.shell;
  const t = texts[locale];
  const at = timeIn(visit);
  const { browsers, account } = view.facts;
  return (
    <Table
      caption={t.browsers}
      captionHidden
      columns={[
        { label: t.browser, rowHeader: true },
        { label: t.from },
        { label: t.since },
        { label: t.seen },
        { label: t.inConsoles },
        { label: t.signOut },
      ]}
      rows={browsers.map((one) => ({
        key: one.uid,
        cells: [
          <>
            {browserName(one.userAgent, locale)}
            {one.state === 'run-out' ? (
              <>
                {' '}
                <Chip tone="neutral" shape="ring">
                  {t.runOut}
                </Chip>
              </>
            ) : null}
          </>,
          <Name>{one.clientIp ?? '–'}</Name>,
          at(one.signedInAt),
          at(one.seenAt),
          one.clientIds.map(view.consoleName).join(', ') || '–',
          <Name>
            <TextLink href={withQuery(`${personPath(account.id)}/end-session`, { session: one.uid })}>
              {t.signOut}
            </TextLink>
          </Name>,
        ],
      }))}
      empty={t.noBrowsers}
    />
  );
}

/** What happened, the newest first: of a year, the last 50. */
export function EventsPart({ view, visit }: Part) {
  const { locale } = visit.shell;
  const t = texts[locale];
  const at = timeIn(visit);
  const { events, account } = view.facts;
  return (
    <Table
      caption={t.events}
      captionHidden
      columns={[{ label: t.when, rowHeader: true }, { label: t.what }, { label: t.who }, { label: t.from }]}
      rows={events.map((event) => ({
        key: event.id,
        cells: [at(event.at), what(event), actor(event.actor), event.clientIp ?? '–'],
      }))}
      empty={t.noEvents}
    />
  );

  function what(event: RecordedEvent): string {
    const { action, detail } = event;
    const why = typeof detail.reason === 'string' ? detail.reason : null;
    const sentence = eventSentence({ action, detail, reason: why }, locale);
    return why === null || why === '' ? sentence : t.because(sentence, reasonWords(why, locale));
  }

  function actor(who: string): string {
    if (who === account.id) return t.self;
    if (who === 'anonymous') return t.anonymous;
    const clientId = /^console:(.+)$/.exec(who)?.[1];
    return clientId === undefined ? actorWords(who, view.actors, locale) : view.consoleName(clientId);
  }
}

function timeIn(visit: Visit): (moment: Date | null) => string {
  return (moment) => (moment ? japanTime(moment, visit.shell.locale) : '–');
}
