import {
  Button,
  Columns,
  DefinitionList,
  Form,
  FormActions,
  Letter,
  LinkButton,
  Panel,
} from '@hitokagi/design-system';
import type { DomainChanges } from '#domain/domain-lists/entries.ts';
import type { RenderedMail } from '#support/mail/mail.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanDate } from '#support/primitives/japan-time.ts';
import { LOCALES, type Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { grouped } from '../words.ts';
import type { Typed } from './form-page.tsx';
import { about, Changes, domainsPath } from './parts.tsx';
import { texts } from './text.ts';

type View = {
  console: ConsoleRow;
  typed: Typed;
  changes: DomainChanges;
  validFrom: Date;
  /** Undefined: nobody is told. */
  mails: { readonly [L in Locale]: RenderedMail } | undefined;
  people: number;
};

/** The last page before a version is published: what changes, from when, and which mail goes to how many people. */
export function confirmPage(context: WebContext, visit: Visit, view: View): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { console, typed, changes, validFrom, mails, people } = view;
  const path = domainsPath(console);
  return renderOperatorPage(context, visit, {
    ...about(console, locale, true),
    title: t.confirm(typed.version + 1),
    lead: t.confirmLead,
    children: (
      <>
        <Panel title={t.change} width="reading">
          <Changes changes={changes} locale={locale} />
          <DefinitionList
            items={[
              { term: t.validFrom, description: japanDate(validFrom, locale) },
              { term: t.mail, description: mails ? t.mailTo(grouped(people)) : t.noMail },
            ]}
          />
        </Panel>
        {mails ? (
          <Panel title={t.mail}>
            <Columns>
              {LOCALES.map((language) => (
                <Letter
                  key={language}
                  label={t.previewOf[language]}
                  lang={language}
                  subject={mails[language].subject}
                  text={mails[language].text}
                />
              ))}
            </Columns>
          </Panel>
        ) : null}
        <Panel width="reading">
          <Form
            action={`${path}/publish`}
            hidden={[
              { name: 'step', value: 'act' },
              { name: 'version', value: String(typed.version) },
              { name: 'date', value: typed.date },
              ...(typed.tell ? [{ name: 'tell', value: 'yes' }] : []),
            ]}
          >
            <FormActions beside>
              <Button>{t.act}</Button>
              <Button kind="secondary" name="back" value="yes">
                {t.back}
              </Button>
              <LinkButton href={path} kind="text">
                {t.cancel}
              </LinkButton>
            </FormActions>
          </Form>
        </Panel>
      </>
    ),
  });
}
