import {
  Button,
  DefinitionList,
  Form,
  FormActions,
  LinkButton,
  List,
  Literal,
  Notice,
  Panel,
  Text,
  TextLink,
} from '@hitokagi/design-system';
import type { MailActResult } from '#domain/person/mail-acts.ts';
import type { MailEntry } from '#domain/person/mail-ledger.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { personPath } from '../accounts/search-page.tsx';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import { FateChip, kindWords, mailPath } from './parts.tsx';
import { texts } from './text.ts';

export type MailAct = 'retry' | 'give-up';

/** One mail: what became of it and what the mail server said; never what it says itself. */
export function mailPage(
  context: WebContext,
  visit: Visit,
  { entry, names }: { entry: MailEntry; names: ReadonlyMap<string, { emailAddress: string; name: string }> },
): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const path = mailPath(entry.id);
  const waits = entry.fate === 'waiting' || entry.fate === 'deferred';
  const account = entry.accountId === null ? undefined : names.get(entry.accountId);
  return renderOperatorPage(context, visit, {
    title: t.mailTitle(kindWords(entry.template, locale)),
    job: 'mail',
    trail: [{ href: '/operator/mail', label: t.title }],
    lead: t.fates[entry.fate],
    children: (
      <Panel width="reading">
        <DefinitionList
          items={[
            ...facts(entry, locale),
            {
              term: t.account,
              description: account ? account.name || account.emailAddress : t.noAccount,
              ...(entry.accountId !== null && account
                ? { action: <TextLink href={personPath(entry.accountId)}>{t.openAccount}</TextLink> }
                : {}),
            },
            { term: t.language, description: t.languages[entry.locale] },
            { term: t.bulk, description: entry.bulk ? t.bulkWords : t.promptWords },
            { term: t.tries, description: t.triesCount(entry.tries) },
            ...(entry.unconfirmed > 0
              ? [{ term: t.unconfirmed, description: t.triesCount(entry.unconfirmed) }]
              : []),
            ...(entry.endedAt ? [{ term: t.ended, description: japanTime(entry.endedAt, locale) }] : []),
            {
              term: t.response,
              description: entry.response === null ? '–' : <Literal>{entry.response}</Literal>,
            },
          ]}
        />
        {waits ? (
          <FormActions beside>
            <LinkButton href={`${path}/retry`} kind="secondary">
              {t.retry}
            </LinkButton>
            <LinkButton href={`${path}/give-up`} kind="text">
              {t.giveUp}
            </LinkButton>
          </FormActions>
        ) : null}
      </Panel>
    ),
  });
}

/** The page before something is done with a mail that waits. */
export function actPage(
  context: WebContext,
  visit: Visit,
  view: {
    act: MailAct;
    entry: MailEntry;
    /** Why it was not done (`refused`), or cannot be. */
    problem: Extract<MailActResult, { ok: false }>['reason'] | undefined;
    refused: boolean;
  },
): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { act, entry, problem, refused } = view;
  const path = mailPath(entry.id);
  const isRetry = act === 'retry';
  const title = isRetry ? t.retry : t.giveUp;
  return renderOperatorPage(context, visit, {
    title,
    job: 'mail',
    trail: [
      { href: '/operator/mail', label: t.title },
      { href: path, label: kindWords(entry.template, locale) },
    ],
    lead: problem ? undefined : isRetry ? t.retryLead : t.giveUpLead,
    children: (
      <Panel width="reading">
        {problem === undefined ? null : (
          <Notice
            tone="warning"
            toneLabel={WORDS[locale].pleaseNote}
            title={refused ? t.notDone : WORDS[locale].notPossible}
            live
          >
            <Text>{t.problems[problem]}</Text>
          </Notice>
        )}
        <DefinitionList items={facts(entry, locale)} />
        {problem === undefined ? (
          <>
            <Text>{t.whatHappens}</Text>
            <List items={isRetry ? t.retryHappens : t.giveUpHappens} />
            <Form action={`${path}/${act}`}>
              <FormActions beside>
                <Button kind={isRetry ? 'primary' : 'danger'}>{title}</Button>
                <LinkButton href={path} kind="secondary">
                  {t.back}
                </LinkButton>
              </FormActions>
            </Form>
          </>
        ) : (
          <LinkButton href={path}>{t.toMail}</LinkButton>
        )}
      </Panel>
    ),
  });
}

function facts(entry: MailEntry, locale: Locale) {
  const t = texts[locale];
  return [
    { term: t.recipient, description: <Literal>{entry.recipient}</Literal> },
    { term: t.kind, description: kindWords(entry.template, locale) },
    { term: t.fate, description: <FateChip fate={entry.fate} locale={locale} /> },
    { term: t.created, description: japanTime(entry.createdAt, locale) },
  ];
}
