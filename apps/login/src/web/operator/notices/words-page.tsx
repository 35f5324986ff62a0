import {
  Button,
  Chip,
  Columns,
  Form,
  FormActions,
  Letter,
  LinkButton,
  Notice,
  Panel,
  SelectField,
  Table,
  Text,
  TextLink,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import { wholeWords, type NoticeWords } from '#domain/notices/words.ts';
import type { WordsKind } from '#domain/notices/kinds.ts';
import { includesRole } from '#domain/operators/rights.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { RenderedMail } from '#support/mail/mail.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { LOCALES, type Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { actorWords } from '../actor.ts';
import { withQuery } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import { texts } from './text.ts';
import { wordsTexts } from './words-text.ts';

export type Mails = { readonly [L in Locale]: RenderedMail };

/** Where a console's words for a kind of notice stand. */
export function wordsPath(console: Pick<ConsoleRow, 'client_id'>, kind: WordsKind): string {
  return `/operator/notices/words/${encodeURIComponent(console.client_id)}/${kind}`;
}

/** The kinds of notices of one console, and which of them have words of its own. */
export function wordsIndexPage(
  context: WebContext,
  visit: Visit,
  view: {
    consoles: readonly ConsoleRow[];
    console: ConsoleRow | undefined;
    words: readonly NoticeWords[];
    actors: ReadonlyMap<string, string>;
  },
): Promise<string> {
  const { locale } = visit.shell;
  const t = wordsTexts[locale];
  const { console, consoles } = view;
  return renderOperatorPage(context, visit, {
    title: t.title,
    job: 'notices',
    console,
    trail: [{ href: '/operator/notices', label: texts[locale].title }],
    lead: t.lead,
    children: console ? (
      <Panel>
        {consoles.length > 1 ? (
          <Form action="/operator/notices/words" method="get" label={t.console}>
            <SelectField
              id="console"
              name="console"
              label={t.console}
              width="medium"
              value={console.client_id}
              choices={consoles.map((one) => ({ value: one.client_id, label: consoleName(one, locale) }))}
            />
            <FormActions beside>
              <Button kind="secondary">{t.show}</Button>
            </FormActions>
          </Form>
        ) : null}
        <Table
          caption={t.title}
          captionHidden
          columns={[
            { label: t.kind, rowHeader: true },
            { label: t.whenSent },
            { label: t.words },
            { label: t.changed },
          ]}
          rows={view.words.map((one) => ({
            key: one.kind,
            cells: [
              <TextLink href={wordsPath(console, one.kind)}>{texts[locale].kinds[one.kind]}</TextLink>,
              t.sent[one.kind],
              <WordsChip words={one} locale={locale} />,
              changeWords(one, view.actors, locale),
            ],
          }))}
        />
      </Panel>
    ) : (
      <Panel>
        <Text>{t.noConsoles}</Text>
      </Panel>
    ),
  });
}

/** The words for one kind of notice, and the mail that they make. */
export function wordsPage(
  context: WebContext,
  visit: Visit,
  view: {
    console: ConsoleRow;
    words: NoticeWords;
    mails: Mails;
    actors: ReadonlyMap<string, string>;
    saved: boolean;
  },
): Promise<string> {
  const { locale } = visit.shell;
  const t = wordsTexts[locale];
  const { console, words } = view;
  const mayEdit = includesRole(visit.operator.role, 'administrator');
  return renderOperatorPage(context, visit, {
    title: texts[locale].kinds[words.kind],
    job: 'notices',
    console,
    trail: wordsTrail(console, locale),
    lead: (
      <>
        <WordsChip words={words} locale={locale} /> {consoleName(console, locale)}
      </>
    ),
    actions: mayEdit ? (
      <LinkButton href={`${wordsPath(console, words.kind)}/edit`} kind="primary">
        {t.edit}
      </LinkButton>
    ) : undefined,
    children: (
      <>
        {view.saved ? (
          <Notice tone="success" toneLabel={WORDS[locale].done} title={t.saved} live>
            <Text>{t.savedWords}</Text>
          </Notice>
        ) : null}
        <Panel title={t.now}>
          <Text>
            {t.whenSent}: {t.sent[words.kind]}
          </Text>
          <Text quiet>
            {t.changed}: {changeWords(words, view.actors, locale)}
            {mayEdit ? null : (
              <>
                <br />
                {t.onlyAdministrators}
              </>
            )}
          </Text>
          <Text quiet>{t.nowHelp}</Text>
          <RawWords words={words} locale={locale} />
        </Panel>
        <Panel title={t.sample}>
          <Text quiet>{t.sampleLead}</Text>
          <MailsOf mails={view.mails} locale={locale} />
        </Panel>
      </>
    ),
  });
}

export function wordsTrail(console: ConsoleRow, locale: Locale) {
  return [
    { href: '/operator/notices', label: texts[locale].title },
    {
      href: withQuery('/operator/notices/words', { console: console.client_id }),
      label: wordsTexts[locale].title,
    },
  ];
}

/** The words with their placeholders, in both languages. */
export function RawWords({ words, locale }: { words: NoticeWords; locale: Locale }) {
  const whole = wholeWords(words.kind, words.texts);
  return (
    <Columns>
      {LOCALES.map((language) => (
        <Letter
          key={language}
          label={wordsTexts[locale].wordsOf[language]}
          lang={language}
          subject={whole[language].subject}
          text={whole[language].body}
        />
      ))}
    </Columns>
  );
}

/** The mail in both languages. */
export function MailsOf({ mails, locale }: { mails: Mails; locale: Locale }) {
  return (
    <Columns>
      {LOCALES.map((language) => (
        <Letter
          key={language}
          label={wordsTexts[locale].letterOf[language]}
          lang={language}
          subject={mails[language].subject}
          text={mails[language].text}
        />
      ))}
    </Columns>
  );
}

function WordsChip({ words, locale }: { words: NoticeWords; locale: Locale }) {
  const t = wordsTexts[locale];
  const isOwn = Object.keys(words.texts).length > 0;
  return (
    <Chip tone={isOwn ? 'info' : 'neutral'} shape={isOwn ? 'diamond' : 'ring'}>
      {isOwn ? t.own : t.standard}
    </Chip>
  );
}

function changeWords(words: NoticeWords, actors: ReadonlyMap<string, string>, locale: Locale): string {
  const t = wordsTexts[locale];
  return words.changedAt
    ? t.changedWords(japanTime(words.changedAt, locale), actorWords(words.changedBy ?? '', actors, locale))
    : t.never;
}
