import {
  Button,
  Form,
  FormActions,
  LinkButton,
  Name,
  Pager,
  Panel,
  SelectField,
  Table,
  TextLink,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import type { ImportEntry } from '#domain/consoles/import/history.ts';
import { includesRole } from '#domain/operators/rights.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { WebContext } from '#web/http/context.ts';
import { withQuery } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { figuresWords, ImportChip, importPath, whoWords } from './parts.tsx';
import { texts } from './text.ts';

export type ListView = {
  entries: readonly ImportEntry[];
  actors: ReadonlyMap<string, string>;
  /** The only console whose imports are listed. */
  console: ConsoleRow | undefined;
  consoles: readonly ConsoleRow[];
  next: string | null;
  isFirst: boolean;
};

/** All imports, the newest first, and where a new one begins. */
export function listPage(context: WebContext, visit: Visit, view: ListView): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const wanted = { console: view.console?.client_id };
  const nameOf = (id: string): string => {
    const found = view.consoles.find((one) => one.id === id);
    return found ? consoleName(found, locale) : id;
  };
  return renderOperatorPage(context, visit, {
    title: t.title,
    job: 'imports',
    console: view.console,
    lead: t.lead,
    actions: includesRole(visit.operator.role, 'administrator') ? (
      <LinkButton href={withQuery('/operator/imports/new', wanted)}>{t.upload}</LinkButton>
    ) : undefined,
    children: (
      <Panel>
        <Form action="/operator/imports" method="get" role="search" label={t.filter}>
          <SelectField
            id="console"
            name="console"
            label={t.console}
            width="medium"
            value={view.console?.client_id ?? ''}
            choices={[
              { value: '', label: t.all },
              ...view.consoles.map((one) => ({ value: one.client_id, label: consoleName(one, locale) })),
            ]}
          />
          <FormActions beside>
            <Button kind="secondary">{t.show}</Button>
          </FormActions>
        </Form>
        <Table
          caption={t.title}
          captionHidden
          narrow="stack"
          columns={[
            { label: t.at, sorted: 'descending' },
            { label: t.file, rowHeader: true },
            { label: t.console },
            { label: t.state },
            { label: t.figures },
            { label: t.who },
          ]}
          rows={view.entries.map((one) => ({
            key: one.id,
            cells: [
              japanTime(one.at, locale),
              <TextLink href={importPath(one.id)}>{one.fileName}</TextLink>,
              nameOf(one.consoleId),
              <ImportChip state={one.state} locale={locale} />,
              figuresWords(one, locale),
              <Name>{whoWords(one.actor, view.actors, locale)}</Name>,
            ],
          }))}
          empty={view.console ? t.nothingHere : t.nothing}
        />
        <Pager
          label={t.pages}
          position={t.shown(view.entries.length)}
          previous={
            view.isFirst ? undefined : { href: withQuery('/operator/imports', wanted), label: t.newest }
          }
          next={
            view.next === null
              ? undefined
              : { href: withQuery('/operator/imports', { ...wanted, after: view.next }), label: t.older }
          }
        />
      </Panel>
    ),
  });
}
