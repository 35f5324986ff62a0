import {
  Button,
  ErrorSummary,
  Form,
  FormActions,
  LinkButton,
  Literal,
  Notice,
  Panel,
  RadioGroup,
  Text,
  TextArea,
  TextField,
} from '@hitokagi/design-system';
import type { StoredSettings } from '#domain/settings/change.ts';
import type { SettingProblem } from '#domain/settings/check.ts';
import { SETTING_NAMES } from '#domain/settings/names.ts';
import { settingProblemSentence } from '#domain/settings/problem-sentence.ts';
import { isSettingKey, settingOf, type SettingGroup, type SettingKey } from '#domain/settings/table.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import { keysOf, type Given } from './keys-of.ts';
import { texts } from './text.ts';
import { valueWords } from './value-words.ts';

export type FormView = {
  group: SettingGroup;
  stored: StoredSettings;
  form: Given;
  problems?: readonly SettingProblem[];
  /** Somebody else has changed the settings since the form was opened. */
  isStale?: boolean;
};

/** The settings of one group, to be changed. Sending it changes nothing yet. */
export function formPage(context: WebContext, visit: Visit, view: FormView): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { group, stored, form, problems = [] } = view;
  const names = SETTING_NAMES[locale];
  return renderOperatorPage(context, visit, {
    title: names.groups[group].name,
    job: 'settings',
    trail: [{ href: '/operator/settings', label: t.title }],
    lead: t.formLead(names.groups[group].lead),
    children: (
      <>
        {view.isStale ? (
          <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} title={t.staleTitle} live>
            <Text>{t.stale}</Text>
          </Notice>
        ) : (
          <ErrorSummary
            title={t.problems}
            errors={problems.map((problem) => ({
              fieldId: problem.key,
              message: `${nameOf(problem, locale)}${settingProblemSentence(problem, locale)}`,
            }))}
          />
        )}
        <Panel width="reading">
          <Form
            action={`/operator/settings/${group}`}
            hidden={[
              { name: 'step', value: 'check' },
              { name: 'revision', value: String(stored.revision) },
            ]}
          >
            {keysOf(group).map((key) => {
              const problem = problems.find((one) => one.key === key);
              return (
                <SettingField
                  key={key}
                  settingKey={key}
                  value={form[key] ?? ''}
                  standard={stored.defaults[key]}
                  error={problem && settingProblemSentence(problem, locale)}
                  locale={locale}
                />
              );
            })}
            <FormActions beside>
              <Button>{t.toConfirmation}</Button>
              <LinkButton href="/operator/settings" kind="text">
                {t.cancel}
              </LinkButton>
            </FormActions>
          </Form>
        </Panel>
      </>
    ),
  });
}

/** Which field a problem is about, for the list of all of them. */
function nameOf({ key }: SettingProblem, locale: Locale): string {
  if (!isSettingKey(key)) return '';
  return SETTING_NAMES[locale].settings[key].name + (locale === 'ja' ? '：' : ': ');
}

type FieldView = {
  settingKey: SettingKey;
  value: string;
  standard: string | number;
  error: string | undefined;
  locale: Locale;
};

function SettingField({ settingKey, value, standard, error, locale }: FieldView) {
  const t = texts[locale];
  const setting = settingOf(settingKey);
  const { name, help } = SETTING_NAMES[locale].settings[settingKey];
  const language = settingKey.endsWith('Ja') ? 'ja' : settingKey.endsWith('En') ? 'en' : undefined;
  const common = {
    id: settingKey,
    name: settingKey,
    label: name,
    mark: 'optional' in setting && setting.optional ? t.optional : undefined,
    error,
    help: (
      <>
        {help} {setting.form === 'number' ? t.bounds(String(setting.least), String(setting.most)) : null}
        {setting.form === 'text' ? <Placeholders names={setting.placeholders} locale={locale} /> : null}
        {standard === '' || setting.form === 'choice' ? null : (
          <> {t.standardIs(valueWords(settingKey, standard, locale))}</>
        )}
      </>
    ),
  };
  switch (setting.form) {
    case 'choice':
      return (
        <RadioGroup
          {...common}
          value={value}
          choices={setting.choices.map((choice) => ({
            value: choice,
            label: valueWords(settingKey, choice, locale),
          }))}
        />
      );
    case 'text':
      return <TextArea {...common} value={value} rows={setting.lines ? 4 : 2} lang={language} />;
    case 'number':
      return (
        <TextField
          {...common}
          value={value}
          width="short"
          inputMode={setting.whole ? 'numeric' : 'decimal'}
          autocomplete="off"
        />
      );
    case 'colour':
    case 'address':
    case 'line':
      return (
        <TextField
          {...common}
          value={value}
          width={setting.form === 'colour' ? 'short' : 'full'}
          inputMode={setting.form === 'address' ? 'email' : undefined}
          lang={language}
          autocomplete="off"
        />
      );
  }
}

function Placeholders({ names, locale }: { names: readonly string[]; locale: Locale }) {
  return (
    <>
      {texts[locale].placeholders('')}
      {names.map((name) => (
        <>
          <Literal>{`{${name}}`}</Literal>{' '}
        </>
      ))}
    </>
  );
}
