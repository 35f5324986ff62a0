import {
  Button,
  DefinitionList,
  ErrorSummary,
  Form,
  FormActions,
  LinkButton,
  List,
  Literal,
  Name,
  Notice,
  Panel,
  RadioGroup,
  Text,
  TextArea,
} from '@hitokagi/design-system';
import { causeOf } from '#domain/notices/cause.ts';
import type { NoticeProgress } from '#domain/notices/progress.ts';
import type { Recipient } from '#domain/notices/recipients.ts';
import { MAX_NOTE, type SettleRefusal, type Settlement } from '#domain/notices/settle.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { noticePath } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import { actTexts } from './act-text.ts';
import { noticeName, VerdictChip } from './marks.tsx';
import { texts } from './text.ts';

export type Kind = Settlement['kind'];

/** What was typed. */
export type Given = { kind: Kind | ''; note: string; address: string };

type View = {
  notice: NoticeProgress;
  console: ConsoleRow;
  person: Recipient;
  given: Given;
  step: 'form' | 'confirm';
  refusal: SettleRefusal | 'choose' | undefined;
};

/** Settling one person whom a notice did not reach: a form, and before the act what will happen. */
export function settlePage(context: WebContext, visit: Visit, view: View): Promise<string> {
  const { locale } = visit.shell;
  const t = actTexts[locale].settle;
  const { notice, console, step } = view;
  const path = noticePath(notice.id);
  return renderOperatorPage(context, visit, {
    title: step === 'form' ? t.title : t.confirmTitle,
    job: 'notices',
    console,
    trail: [
      { href: '/operator/notices', label: texts[locale].title },
      { href: path, label: noticeName(notice, locale) },
      { href: `${path}/people?state=unreached`, label: texts[locale].peopleTitle },
    ],
    lead: step === 'form' ? t.lead : t.confirmLead,
    children:
      step === 'form' ? <SettleForm view={view} locale={locale} /> : <Confirm view={view} locale={locale} />,
  });
}

function actionOf({ notice, person }: View): string {
  return `${noticePath(notice.id)}/people/${encodeURIComponent(person.accountId)}/settle`;
}

function Person({ person, locale }: { person: Recipient; locale: Locale }) {
  const t = actTexts[locale].settle;
  const cause = causeOf(person);
  return (
    <DefinitionList
      items={[
        {
          term: t.person,
          description: (
            <Name>{[person.company, person.name].filter((part) => part !== '').join(' ') || '–'}</Name>
          ),
        },
        { term: t.loginId, description: <Literal>{person.emailAddress}</Literal> },
        {
          term: t.sentTo,
          description: (
            <>
              <Literal>{person.recipient ?? '–'}</Literal> <VerdictChip one={person} locale={locale} />
            </>
          ),
        },
        ...(person.response === null ? [] : [{ term: t.said, description: person.response }]),
        ...(cause === null ? [] : [{ term: t.cause, description: texts[locale].causes[cause] }]),
      ]}
    />
  );
}

function SettleForm({ view, locale }: { view: View; locale: Locale }) {
  const words = actTexts[locale];
  const t = words.settle;
  const { person, given, refusal, notice } = view;
  const field = refusal === 'note-missing' ? 'note' : refusal === 'choose' ? 'kind' : undefined;
  const message = refusal && (refusal === 'choose' ? t.choose : words.refusals[refusal]);
  return (
    <Panel width="reading">
      <ErrorSummary title={words.problems} errors={field && message ? [{ fieldId: field, message }] : []} />
      {message && !field ? (
        <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} title={words.notDone} live>
          <Text>{message}</Text>
        </Notice>
      ) : null}
      <Person person={person} locale={locale} />
      <Form
        action={actionOf(view)}
        hidden={[
          { name: 'step', value: 'check' },
          { name: 'address', value: person.emailAddress },
        ]}
      >
        <RadioGroup
          id="kind"
          name="kind"
          label={t.how}
          value={given.kind}
          error={field === 'kind' ? message : undefined}
          choices={[
            { value: 'new-address', label: t.again(person.emailAddress), help: t.againHelp },
            { value: 'told-otherwise', label: t.otherwise, help: t.otherwiseHelp },
            { value: 'api-only', label: t.apiOnly, help: t.apiOnlyHelp },
          ]}
        />
        <TextArea
          id="note"
          name="note"
          label={t.note}
          help={t.noteHelp}
          value={given.note}
          error={field === 'note' ? message : undefined}
          rows={3}
          maxLength={MAX_NOTE}
        />
        <FormActions beside>
          <Button>{t.toConfirmation}</Button>
          <LinkButton href={`${noticePath(notice.id)}/people?state=unreached`} kind="text">
            {words.back}
          </LinkButton>
        </FormActions>
      </Form>
    </Panel>
  );
}

function Confirm({ view, locale }: { view: View; locale: Locale }) {
  const words = actTexts[locale];
  const t = words.settle;
  const { person, given, notice } = view;
  if (given.kind === '') return null;
  return (
    <Panel width="reading">
      <Person person={person} locale={locale} />
      <Text>{words.whatHappens}</Text>
      <List items={t.happens[given.kind](given.address)} />
      {given.note === '' ? null : <DefinitionList items={[{ term: t.note, description: given.note }]} />}
      <Form
        action={actionOf(view)}
        hidden={[
          { name: 'step', value: 'act' },
          { name: 'kind', value: given.kind },
          { name: 'note', value: given.note },
          { name: 'address', value: given.address },
        ]}
      >
        <FormActions beside>
          <Button>{given.kind === 'new-address' ? t.buttonAgain : t.button}</Button>
          <Button kind="secondary" name="back" value="yes">
            {t.back}
          </Button>
          <LinkButton href={`${noticePath(notice.id)}/people?state=unreached`} kind="text">
            {words.back}
          </LinkButton>
        </FormActions>
      </Form>
    </Panel>
  );
}
