import {
  Button,
  Form,
  FormActions,
  LinkButton,
  Literal,
  Notice,
  Panel,
  DefinitionList,
  Table,
  Text,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import { settingsOf, type ConsoleSettings, type SettingName } from '#domain/consoles/settings.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { WebContext } from '#web/http/context.ts';
import { consolePath } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import { hiddenValues, type Given } from './fields.ts';
import { texts } from './text.ts';
import { SettingsPanels, valueOf } from './values.tsx';

export type ConfirmView = {
  console: ConsoleRow | undefined;
  form: Given;
  base: Given;
  settings: ConsoleSettings;
  changed: readonly SettingName[];
};

/** The last page before a console is registered or changed: what will be. */
export function confirmPage(context: WebContext, visit: Visit, view: ConfirmView): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { console, form, base, settings, changed } = view;
  const path = console ? consolePath(console) : '/operator/consoles';
  return renderOperatorPage(context, visit, {
    title: console ? t.confirmEdit : t.confirmNew,
    job: 'consoles',
    console,
    trail: [
      { href: '/operator/consoles', label: t.title },
      ...(console ? [{ href: path, label: consoleName(console, locale) }] : []),
    ],
    lead: console ? t.confirmEditLead : t.confirmNewLead,
    children: (
      <>
        {console ? (
          <Panel>
            <Table
              caption={t.confirmEdit}
              captionHidden
              columns={[{ label: t.setting, rowHeader: true }, { label: t.before }, { label: t.after }]}
              rows={changed.map((name) => ({
                key: name,
                cells: [
                  t.settings[name],
                  valueOf(settingsOf(console), name, locale),
                  valueOf(settings, name, locale),
                ],
              }))}
            />
            {takesAway(console, settings) ? (
              <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote}>
                <Text>{t.removedRedirect}</Text>
              </Notice>
            ) : null}
          </Panel>
        ) : (
          <>
            <Panel>
              <DefinitionList
                items={[{ term: t.clientId, description: <Literal>{form.clientId.trim()}</Literal> }]}
              />
            </Panel>
            <SettingsPanels settings={settings} locale={locale} />
          </>
        )}
        <Form
          action={console ? `${path}/edit` : '/operator/consoles/new'}
          hidden={[
            { name: 'step', value: 'act' },
            ...hiddenValues(form),
            ...(console
              ? [
                  { name: 'revision', value: String(console.revision) },
                  { name: 'base', value: JSON.stringify(base) },
                ]
              : []),
          ]}
        >
          <FormActions beside>
            <Button>{console ? t.doChange : t.doRegister}</Button>
            <Button kind="secondary" name="back" value="yes">
              {t.back}
            </Button>
            <LinkButton href={path} kind="text">
              {t.cancel}
            </LinkButton>
          </FormActions>
        </Form>
      </>
    ),
  });
}

function takesAway(console: ConsoleRow, settings: ConsoleSettings): boolean {
  return console.redirect_uris.some((uri) => !settings.redirectUris.includes(uri));
}
