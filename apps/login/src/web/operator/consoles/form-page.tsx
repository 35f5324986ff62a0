import {
  Button,
  Checkbox,
  CheckboxGroup,
  DefinitionList,
  ErrorSummary,
  Form,
  FormActions,
  LinkButton,
  Notice,
  Panel,
  SelectField,
  Text,
  TextArea,
  TextField,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import { CONSOLE_SCOPES } from '#domain/consoles/scopes.ts';
import type { SettingName } from '#domain/consoles/settings.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { consolePath } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import type { FieldName, Given } from './fields.ts';
import { texts } from './text.ts';
import { GROUP_NAMES, GROUPS } from './values.tsx';

export type FieldError = { field: FieldName; message: string };

/** What another operator changed while this one typed. */
export type Conflict = {
  who: string;
  at: string;
  /** Each setting with its value before and now; `yours`: this operator rewrote it too. */
  changes: readonly { name: SettingName; before: string; now: string; yours: boolean }[];
};

export type FormView = {
  /** The console that is changed; undefined for one that is to be registered. */
  console: ConsoleRow | undefined;
  form: Given;
  /** What the form begins with. */
  base: Given;
  errors: readonly FieldError[];
  conflict?: Conflict | undefined;
  /** Something that stands in the way and is about no field. */
  notice?: string | undefined;
};

/** Where registering or changing a console begins; sending it changes nothing yet. */
export function formPage(context: WebContext, visit: Visit, view: FormView): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { console, form, base, errors, conflict, notice } = view;
  const path = console ? consolePath(console) : '/operator/consoles';
  return renderOperatorPage(context, visit, {
    title: console ? t.editTitle : t.newTitle,
    job: 'consoles',
    console,
    trail: [
      { href: '/operator/consoles', label: t.title },
      ...(console ? [{ href: path, label: consoleName(console, locale) }] : []),
    ],
    lead: console ? t.editLead : t.newLead,
    children: (
      <>
        {conflict ? <ConflictNotice conflict={conflict} locale={locale} /> : null}
        {notice === undefined ? null : (
          <Notice tone="info" toneLabel={WORDS[locale].info} live>
            <Text>{notice}</Text>
          </Notice>
        )}
        <ErrorSummary
          title={t.problems}
          errors={errors.map(({ field, message }) => ({
            fieldId: field,
            message: `${field === 'clientId' ? t.clientId : t.settings[field]}: ${message}`,
          }))}
        />
        <Form
          action={console ? `${path}/edit` : '/operator/consoles/new'}
          hidden={[
            { name: 'step', value: 'check' },
            ...(console
              ? [
                  { name: 'revision', value: String(console.revision) },
                  { name: 'base', value: JSON.stringify(base) },
                  { name: 'clientId', value: console.client_id },
                ]
              : []),
          ]}
        >
          {GROUP_NAMES.map((group) => (
            <Panel key={group} title={t.groups[group]} width="reading">
              {group === 'names' && !console ? (
                <Field name="clientId" form={form} errors={errors} locale={locale} />
              ) : null}
              {GROUPS[group].map((name) => (
                <Field key={name} name={name} form={form} errors={errors} locale={locale} />
              ))}
            </Panel>
          ))}
          <FormActions beside>
            <Button>{t.toConfirmation}</Button>
            <LinkButton href={path} kind="text">
              {t.cancel}
            </LinkButton>
          </FormActions>
        </Form>
      </>
    ),
  });
}

const NEEDED: readonly FieldName[] = [
  'clientId',
  'nameJa',
  'nameEn',
  'homeUrl',
  'redirectUris',
  'idTokenAlg',
  'requirePkce',
];
const SHORT: readonly FieldName[] = [
  'clientId',
  'keyColour',
  'sessionIdleMinutes',
  'sessionAbsoluteMinutes',
  'signInMaxAgeMinutes',
  'checkUserId',
];

function Field({
  name,
  form,
  errors,
  locale,
}: {
  name: FieldName;
  form: Given;
  errors: readonly FieldError[];
  locale: Locale;
}) {
  const t = texts[locale];
  const wrong = errors.filter((error) => error.field === name).map((error) => error.message);
  const shared = {
    id: name,
    name,
    label: name === 'clientId' ? t.clientId : t.settings[name],
    help: helpOf(name, locale),
    error: wrong.length > 0 ? wrong.join(' ') : undefined,
    mark: NEEDED.includes(name) ? undefined : t.optional,
  };
  switch (CONTROLS[name] ?? 'line') {
    case 'lines':
      return <TextArea {...shared} value={form[name]} rows={3} />;
    case 'yes-no':
      return <Checkbox {...shared} checked={form[name] !== ''} />;
    case 'algorithm':
      return (
        <SelectField
          {...shared}
          value={form[name]}
          width="short"
          choices={[
            { value: 'ES256', label: 'ES256' },
            { value: 'RS256', label: 'RS256' },
          ]}
        />
      );
    case 'scopes':
      return (
        <CheckboxGroup
          {...shared}
          mark={undefined}
          value={form[name].split('\n')}
          choices={CONSOLE_SCOPES.map((scope) => ({ value: scope, label: scope, help: t.scopes[scope] }))}
        />
      );
    case 'line':
      return (
        <TextField
          {...shared}
          value={form[name]}
          width={SHORT.includes(name) ? 'medium' : 'full'}
          inputMode={/Url$|Uri$/.test(name) ? 'url' : /Minutes$/.test(name) ? 'numeric' : undefined}
          lang={/Ja$/.test(name) ? 'ja' : /En$/.test(name) ? 'en' : undefined}
          autocomplete="off"
        />
      );
  }
}

const CONTROLS: Readonly<Partial<Record<FieldName, 'lines' | 'yes-no' | 'algorithm' | 'scopes'>>> = {
  redirectUris: 'lines',
  postLogoutRedirectUris: 'lines',
  domains: 'lines',
  requirePkce: 'yes-no',
  idTokenAlg: 'algorithm',
  apiScopes: 'scopes',
};

function helpOf(name: FieldName, locale: Locale): string | undefined {
  const { help } = texts[locale];
  if (name === 'supportContactJa' || name === 'supportContactEn') return help.supportContact;
  if (name === 'sessionIdleMinutes' || name === 'sessionAbsoluteMinutes') return help.sessions;
  return (help as Readonly<Record<string, string>>)[name];
}

function ConflictNotice({ conflict, locale }: { conflict: Conflict; locale: Locale }) {
  const t = texts[locale];
  return (
    <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} title={t.conflictTitle} live>
      <Text>{t.conflict(conflict.who, conflict.at)}</Text>
      <DefinitionList
        compact
        items={conflict.changes.map(({ name, before, now, yours }) => ({
          term: t.settings[name],
          description: (
            <>
              {before || t.notSet} → {now || t.notSet}
              {yours ? <Text>{t.conflictYours}</Text> : null}
            </>
          ),
        }))}
      />
    </Notice>
  );
}
