import {
  Button,
  Checkbox,
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
  SelectField,
  Text,
  TextArea,
  TextField,
} from '@hitokagi/design-system';
import type { PersonFacts } from '#domain/person/facts.ts';
import { browserName } from '#domain/sessions/browser-name.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { WebContext } from '#web/http/context.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import type { ActField, ActName, ActRefusal, Given } from './acts.ts';
import { actTexts } from './act-text.ts';
import { personPath } from './search-page.tsx';
import { StateChip } from './state-chip.tsx';
import { texts } from './text.ts';

export type ActView = {
  act: ActName;
  fields: readonly ActField[];
  facts: PersonFacts;
  given: Given;
  refusal?: ActRefusal | undefined;
};

/** The page before an act: for whom, what will happen, and a way back without harm. */
export function actPage(context: WebContext, visit: Visit, view: ActView): Promise<string> {
  const { locale } = visit.shell;
  const t = actTexts[locale];
  const { act, facts, given, fields, refusal } = view;
  const { account } = facts;
  const path = personPath(account.id);
  const words = t.acts[act];
  const errors = Object.entries(refusal?.fieldErrors ?? {}).map(([id, reason]) => ({
    fieldId: id,
    message: refusalWords(reason, visit),
  }));
  const isDanger = act === 'close' || act === 'suspend';
  return renderOperatorPage(context, visit, {
    title: words.title,
    job: 'accounts',
    trail: [
      { href: '/operator/accounts', label: texts[locale].title },
      { href: path, label: account.name === '' ? account.email_address : account.name },
    ],
    lead: words.lead,
    children: (
      <Panel width="reading">
        <ErrorSummary title={t.problems} errors={errors} />
        {refusal && errors.length === 0 ? (
          <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} title={t.notDone} live>
            <Text>{refusalWords(refusal.reason, visit, refusal.retryAt)}</Text>
          </Notice>
        ) : null}
        <DefinitionList
          items={[
            { term: texts[locale].loginId, description: <Literal>{account.email_address}</Literal> },
            {
              term: texts[locale].person,
              description: (
                <Name>{[account.name, account.company].filter((one) => one !== '').join(' / ') || '–'}</Name>
              ),
            },
            { term: texts[locale].state, description: <StateChip state={account.state} locale={locale} /> },
            ...(act === 'end-session'
              ? [{ term: texts[locale].browser, description: browserOf(view, visit) }]
              : []),
          ]}
        />
        <Text>{t.whatHappens}</Text>
        <List items={words.happens} />
        <Form
          action={`${path}/${act}`}
          hidden={fields.includes('session') ? [{ name: 'session', value: given.session ?? '' }] : []}
        >
          {fields.map((name) => (
            <Field key={name} name={name} view={view} visit={visit} />
          ))}
          <FormActions beside>
            <Button kind={isDanger ? 'danger' : 'primary'}>{words.button}</Button>
            <LinkButton href={path} kind="secondary">
              {t.back}
            </LinkButton>
          </FormActions>
        </Form>
      </Panel>
    ),
  });
}

function Field({ name, view, visit }: { name: ActField; view: ActView; visit: Visit }) {
  const t = actTexts[visit.shell.locale];
  const { given, facts, refusal } = view;
  const reason = refusal?.fieldErrors?.[name];
  const error = reason === undefined ? undefined : refusalWords(reason, visit);
  switch (name) {
    case 'reason':
      return (
        <TextArea
          id="reason"
          name="reason"
          label={t.reason}
          help={t.reasonHelp}
          value={given.reason}
          error={error}
          rows={3}
          maxLength={1_000}
        />
      );
    case 'address':
      return (
        <TextField
          id="address"
          name="address"
          inputMode="email"
          label={t.address}
          help={t.addressHelp}
          value={given.address}
          error={error}
          autocomplete="off"
        />
      );
    case 'locale':
      return (
        <SelectField
          id="locale"
          name="locale"
          label={t.language}
          width="medium"
          value={given.locale ?? facts.account.locale ?? 'ja'}
          choices={[
            { value: 'ja', label: t.japanese },
            { value: 'en', label: t.english },
          ]}
        />
      );
    case 'hijacked':
      return (
        <Checkbox
          id="hijacked"
          name="hijacked"
          label={t.hijacked}
          help={t.hijackedHelp}
          checked={Boolean(given.hijacked)}
        />
      );
    case 'typed':
      return (
        <TextField
          id="typed"
          name="typed"
          inputMode="email"
          label={t.typed}
          help={t.typedHelp}
          value={given.typed}
          error={error}
          autocomplete="off"
        />
      );
    case 'session':
      return null;
  }
}

function browserOf({ facts, given }: ActView, visit: Visit): string {
  const { locale } = visit.shell;
  const browser = facts.browsers.find((one) => one.uid === given.session);
  return browser
    ? `${browserName(browser.userAgent, locale)} / ${browser.clientIp ?? '–'}`
    : actTexts[locale].browserGone;
}

function refusalWords(reason: string, visit: Visit, retryAt?: Date): string {
  const t = actTexts[visit.shell.locale];
  const words = (t.refusals as Readonly<Record<string, string>>)[reason] ?? t.refusals.other;
  return retryAt ? `${words}${t.again(japanTime(retryAt, visit.shell.locale))}` : words;
}
