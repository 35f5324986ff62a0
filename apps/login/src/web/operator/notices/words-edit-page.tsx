import {
  Button,
  DefinitionList,
  ErrorSummary,
  Form,
  FormActions,
  LinkButton,
  List,
  Literal,
  More,
  Notice,
  Panel,
  Table,
  Text,
  TextArea,
  TextField,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import { MAX_BODY, MAX_SUBJECT } from '#domain/notices/letter.ts';
import type { NoticeTexts } from '#domain/notices/kinds.ts';
import { PLACEHOLDERS } from '#domain/notices/placeholders.ts';
import type { NoticeWords } from '#domain/notices/words.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { LOCALES } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { actorWords } from '../actor.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import { texts } from './text.ts';
import { hiddenWords, type FieldError, type Typed } from './words-fields.ts';
import { MailsOf, RawWords, wordsPath, wordsTrail, type Mails } from './words-page.tsx';
import { wordsTexts } from './words-text.ts';

type View = {
  console: ConsoleRow;
  words: NoticeWords;
  typed: Typed;
  errors: readonly FieldError[];
  /** The mail as it would be; undefined where the words do not fit. */
  mails: Mails | undefined;
  actors: ReadonlyMap<string, string>;
};

/** Changing the words of a kind of notice, with the mail that they make below. */
export function wordsEditPage(
  context: WebContext,
  visit: Visit,
  view: View & { stale: boolean },
): Promise<string> {
  const { locale } = visit.shell;
  const t = wordsTexts[locale];
  const { console, words, typed, errors, mails } = view;
  const path = wordsPath(console, words.kind);
  const errorOf = (field: string) => errors.find((one) => one.field === field)?.message;
  return renderOperatorPage(context, visit, {
    title: t.editTitle(texts[locale].kinds[words.kind]),
    job: 'notices',
    console,
    trail: [...wordsTrail(console, locale), { href: path, label: texts[locale].kinds[words.kind] }],
    lead: t.editLead,
    children: (
      <>
        {view.stale && words.changedAt ? (
          <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} title={t.stale} live>
            <Text>
              {t.staleWords(
                actorWords(words.changedBy ?? '', view.actors, locale),
                japanTime(words.changedAt, locale),
              )}
            </Text>
          </Notice>
        ) : null}
        <ErrorSummary
          title={t.problems}
          errors={errors.map(({ field, message }) => ({ fieldId: field, message }))}
        />
        <Panel width="reading">
          <More summary={t.placeholders}>
            <Table
              caption={t.placeholders}
              captionHidden
              columns={[{ label: t.placeholder, rowHeader: true }, { label: t.meaning }]}
              rows={PLACEHOLDERS.map((name) => ({
                key: name,
                cells: [<Literal>{`{${name}}`}</Literal>, t.placeholderWords[name]],
              }))}
            />
          </More>
          <Form
            action={`${path}/edit`}
            hidden={[
              { name: 'step', value: 'check' },
              { name: 'revision', value: String(words.revision) },
            ]}
          >
            {LOCALES.map((language) => (
              <>
                <TextField
                  id={`${language}_subject`}
                  name={`${language}_subject`}
                  label={t.subjects[language]}
                  value={typed[`${language}_subject`]}
                  error={errorOf(`${language}_subject`)}
                  lang={language}
                  maxLength={MAX_SUBJECT}
                  autocomplete="off"
                />
                <TextArea
                  id={`${language}_body`}
                  name={`${language}_body`}
                  label={t.bodies[language]}
                  help={t.bodyHelp}
                  value={typed[`${language}_body`]}
                  error={errorOf(`${language}_body`)}
                  lang={language}
                  rows={18}
                  maxLength={MAX_BODY}
                />
              </>
            ))}
            <TextField
              id="reader"
              name="reader"
              label={t.readAs}
              help={t.readAsHelp}
              value={typed.reader}
              error={errorOf('reader')}
              width="medium"
              autocomplete="off"
            />
            <FormActions beside>
              <Button>{t.toConfirmation}</Button>
              <Button kind="secondary" name="preview" value="yes">
                {t.preview}
              </Button>
              <LinkButton href={path} kind="text">
                {t.leave}
              </LinkButton>
            </FormActions>
          </Form>
        </Panel>
        {mails ? (
          <Panel title={t.sample} id="sample">
            <Text quiet>{typed.reader === '' ? t.sampleLead : t.samplePerson(typed.reader)}</Text>
            <MailsOf mails={mails} locale={locale} />
          </Panel>
        ) : null}
        {view.stale ? (
          <Panel title={t.now}>
            <RawWords words={words} locale={locale} />
          </Panel>
        ) : null}
      </>
    ),
  });
}

/** Before words are saved: what will say them, the mails, and a test. */
export function wordsConfirmPage(
  context: WebContext,
  visit: Visit,
  view: View & {
    mails: Mails;
    /** What differs from the brand's words. */
    own: NoticeTexts;
    address: string;
    tested?: string | undefined;
  },
): Promise<string> {
  const { locale } = visit.shell;
  const t = wordsTexts[locale];
  const { console, words, typed, mails, own, errors } = view;
  const path = wordsPath(console, words.kind);
  const kind = texts[locale].kinds[words.kind];
  const hidden = (step: string) => [
    { name: 'step', value: step },
    { name: 'revision', value: String(words.revision) },
    ...hiddenWords(typed),
  ];
  const parts = LOCALES.flatMap((language) =>
    (['subject', 'body'] as const).flatMap((part) =>
      own[language]?.[part] === undefined ? [] : [t.partNames[language][part]],
    ),
  );
  const addressError = errors.find((one) => one.field === 'address')?.message;
  return renderOperatorPage(context, visit, {
    title: t.confirmTitle(kind),
    job: 'notices',
    console,
    trail: [...wordsTrail(console, locale), { href: path, label: kind }],
    lead: t.confirmLead,
    children: (
      <>
        <ErrorSummary
          title={t.problems}
          errors={addressError ? [{ fieldId: 'address', message: addressError }] : []}
        />
        {view.tested ? (
          <Notice tone="success" toneLabel={WORDS[locale].done} live>
            <Text>{t.tested(view.tested)}</Text>
          </Notice>
        ) : null}
        <Panel title={t.whatHappens} width="reading">
          <List items={t.happens(consoleName(console, locale), t.sent[words.kind])} />
          <DefinitionList
            items={[{ term: t.parts, description: parts.length > 0 ? parts.join(t.separator) : t.partsNone }]}
          />
        </Panel>
        <Panel title={t.sample}>
          <Text quiet>{typed.reader === '' ? t.sampleLead : t.samplePerson(typed.reader)}</Text>
          <MailsOf mails={mails} locale={locale} />
          <Form action={`${path}/edit`} hidden={hidden('test')}>
            <TextField
              id="address"
              name="address"
              inputMode="email"
              label={t.address}
              help={t.testHelp}
              value={view.address}
              error={addressError}
              width="medium"
              autocomplete="off"
            />
            <FormActions beside>
              <Button kind="secondary">{t.sendTest}</Button>
            </FormActions>
          </Form>
        </Panel>
        <Panel title={kind} width="reading">
          <Form action={`${path}/edit`} hidden={hidden('act')}>
            <FormActions beside>
              <Button>{t.save}</Button>
              <Button kind="secondary" name="back" value="yes">
                {t.back}
              </Button>
              <LinkButton href={path} kind="text">
                {t.leave}
              </LinkButton>
            </FormActions>
          </Form>
        </Panel>
      </>
    ),
  });
}
