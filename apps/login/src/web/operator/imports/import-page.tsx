import {
  Columns,
  DefinitionList,
  FormActions,
  LinkButton,
  Literal,
  Notice,
  Panel,
  Progress,
  RefreshRegion,
  Table,
  Text,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import type { ImportEntry } from '#domain/consoles/import/history.ts';
import type { ColumnName, Refusal } from '#domain/consoles/import/refusals.ts';
import { UPLOAD_KEPT } from '#domain/consoles/import/retention.ts';
import type { Counts } from '#domain/consoles/import/run.ts';
import { columnLabel, refusalText } from '#domain/consoles/import/texts.ts';
import { uploadRefusalText } from '#domain/consoles/import/upload-texts.ts';
import { includesRole } from '#domain/operators/rights.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { after } from '#support/primitives/durations.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { withQuery } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { grouped, percent, WORDS } from '../words.ts';
import { ImportChip, importPath, sizeWords, whoWords } from './parts.tsx';
import { texts } from './text.ts';

export type ImportView = {
  entry: ImportEntry;
  console: ConsoleRow;
  /** The first refused rows; undefined for whom they are not shown. */
  refusals: readonly Refusal[] | undefined;
  actors: ReadonlyMap<string, string>;
};

/** Seconds between two looks at an import that is under way, with script and without. */
const WATCH_EVERY = 2;
const RELOAD_EVERY = 5;

/** One import: how far it has come, what is foreseen, what was done, and the rows that cannot be taken. */
export function importPage(context: WebContext, visit: Visit, view: ImportView): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { entry, console } = view;
  const isUnderWay = ['checking', 'importing'].includes(entry.state) && !entry.byCommand;
  return renderOperatorPage(context, visit, {
    title: entry.fileName,
    job: 'imports',
    console,
    trail: [{ href: '/operator/imports', label: t.title }],
    lead: consoleName(console, locale),
    reloadSeconds: isUnderWay ? RELOAD_EVERY : undefined,
    children: (
      <RefreshRegion id="import" url={importPath(entry.id)} seconds={isUnderWay ? WATCH_EVERY : undefined}>
        <Standing view={view} visit={visit} />
        <Columns>
          {entry.state === 'unusable' ? null : (
            <Panel title={t.resultTitle}>
              <Figures entry={entry} locale={locale} />
            </Panel>
          )}
          <Panel title={t.layoutTitle}>
            <DefinitionList compact items={[...whoAndWhen(view, locale), ...layoutItems(entry, locale)]} />
          </Panel>
        </Columns>
        <Refused view={view} locale={locale} />
      </RefreshRegion>
    ),
  });
}

/** How it stands in one sentence, and what can be done now. */
function Standing({ view: { entry, console }, visit }: { view: ImportView; visit: Visit }) {
  const { locale } = visit.shell;
  const t = texts[locale];
  const words = WORDS[locale];
  const mayAct = includesRole(visit.operator.role, 'administrator');
  const path = importPath(entry.id);
  const cancel = (
    <LinkButton href={`${path}/cancel`} kind="text">
      {t.toCancel}
    </LinkButton>
  );
  const again = (
    <LinkButton href={withQuery('/operator/imports/new', { console: console.client_id })} kind="secondary">
      {t.again}
    </LinkButton>
  );
  const note = (
    tone: 'info' | 'success' | 'warning' | 'danger',
    title: string,
    text: string,
    action?: object,
  ) => (
    <Notice tone={tone} toneLabel={toneLabel(tone, locale)} title={title}>
      <Text>{text}</Text>
      {mayAct && action ? <Text>{action as never}</Text> : null}
    </Notice>
  );
  if (entry.byCommand && entry.state === 'importing') return note('info', t.commandTitle, t.commandWords);
  switch (entry.state) {
    case 'checking':
    case 'importing':
      return (
        <Panel>
          <HowFar entry={entry} locale={locale} />
          <Text quiet>{t.progressNote}</Text>
          {mayAct ? <Text>{cancel}</Text> : null}
        </Panel>
      );
    case 'checked':
      return (
        <Notice tone="warning" toneLabel={words.pleaseNote} title={t.checkedTitle}>
          <Text>{t.checkedWords(japanTime(after(entry.at, UPLOAD_KEPT), locale))}</Text>
          {mayAct ? (
            <Text>
              <LinkButton href={`${path}/start`}>{t.toStart}</LinkButton> {cancel}
            </Text>
          ) : (
            <Text>{t.checkedForOthers}</Text>
          )}
        </Notice>
      );
    case 'imported':
      return note('success', t.importedTitle, t.importedWords, entry.done?.refused ? again : undefined);
    case 'unusable':
      return note(
        'danger',
        t.unusableTitle,
        entry.refusal ? uploadRefusalText(entry.refusal, locale) : '',
        again,
      );
    case 'cancelled':
      return note('info', t.cancelledTitle, entry.done ? t.cancelledWords : t.cancelledBefore);
    case 'failed':
      return note('danger', t.failedTitle, t.failedWords, again);
    case 'expired':
      return note('info', t.expiredTitle, t.expiredWords, again);
    case 'replaced':
      return note('info', t.replacedTitle, t.replacedWords);
  }
}

function HowFar({ entry, locale }: { entry: ImportEntry; locale: Locale }) {
  const t = texts[locale];
  const { size, bytesRead, stage, state } = entry;
  const counts = state === 'importing' ? entry.done : entry.foreseen;
  const label =
    bytesRead === 0 && !counts
      ? t.progress.waiting
      : stage === 'checking'
        ? t.progress.reading
        : state === 'checking'
          ? t.progress.checking
          : t.progress.importing;
  const share = size === null || stage === 'checking' ? 0 : Math.min(bytesRead, size);
  return (
    <Progress
      label={label}
      value={size === null || stage === 'checking' ? undefined : Math.floor((share / size) * 100)}
      valueText={t.progressValue(percent(share, size ?? 0), grouped(counts?.rowsRead ?? 0))}
    />
  );
}

function Figures({ entry, locale }: { entry: ImportEntry; locale: Locale }) {
  const t = texts[locale];
  const { done, foreseen, layout } = entry;
  const withHashes = layout?.columns.passwordHash !== undefined || (done?.legacyPasswords ?? 0) > 0;
  const keys = (Object.keys(t.counts) as (keyof Counts)[]).filter(
    (key) => withHashes || !key.startsWith('legacy'),
  );
  const figure = (counts: Counts | null, key: keyof Counts): string =>
    // A dry run keeps nothing, hashes among it.
    !counts || (counts === foreseen && key === 'legacyPasswords') ? '–' : grouped(counts[key]);
  return (
    <Table
      caption={t.resultTitle}
      captionHidden
      narrow="scroll"
      columns={[
        { label: t.item, rowHeader: true },
        ...(entry.byCommand ? [] : [{ label: t.foreseen, align: 'end' as const }]),
        { label: t.done, align: 'end' },
      ]}
      rows={keys.map((key) => ({
        key,
        cells: [t.counts[key], ...(entry.byCommand ? [] : [figure(foreseen, key)]), figure(done, key)],
      }))}
    />
  );
}

function whoAndWhen({ entry, actors }: ImportView, locale: Locale) {
  const t = texts[locale];
  const by = (actor: string | null, at: Date): string =>
    t.by(whoWords(actor, actors, locale), japanTime(at, locale));
  return [
    { term: t.state, description: <ImportChip state={entry.state} locale={locale} /> },
    { term: t.handedIn, description: by(entry.actor, entry.at) },
    ...(entry.startedAt && !entry.byCommand
      ? [{ term: t.started, description: by(entry.startedBy, entry.startedAt) }]
      : []),
    ...(entry.endedAt ? [{ term: t.ended, description: japanTime(entry.endedAt, locale) }] : []),
    ...(entry.size === null
      ? [{ term: t.file, description: t.byCommand }]
      : [{ term: t.size, description: sizeWords(entry.size) }]),
  ];
}

function layoutItems({ layout }: ImportEntry, locale: Locale) {
  if (!layout) return [];
  const t = texts[locale];
  const columns = Object.entries(layout.columns) as [ColumnName, number][];
  const taken = new Set(columns.map(([, index]) => index));
  const ignored = layout.names.filter((name, index) => name !== '' && !taken.has(index));
  return [
    { term: t.encoding, description: layout.encoding === 'utf-8' ? 'UTF-8' : 'Shift_JIS' },
    { term: t.separator, description: t.separators[layout.separator] },
    ...columns.map(([column, index]) => ({
      term: columnLabel(column, locale),
      description: t.takenFor(layout.names[index] ?? ''),
    })),
    ...(ignored.length === 0
      ? []
      : [{ term: t.ignored, description: <Literal>{ignored.slice(0, 30).join(', ')}</Literal> }]),
  ];
}

function Refused({ view: { entry, refusals }, locale }: { view: ImportView; locale: Locale }) {
  const t = texts[locale];
  const counts = entry.done ?? entry.foreseen;
  if (!counts || entry.state === 'checking') return null;
  if (refusals === undefined)
    return (
      <Panel title={t.refusedTitle}>
        <Text>{counts.refused === 0 ? t.refusedNone : t.refusedRole}</Text>
      </Panel>
    );
  const path = `${importPath(entry.id)}/refused.csv`;
  return (
    <Panel title={t.refusedTitle} id="refused">
      {refusals.length === 0 ? null : (
        <>
          <FormActions beside>
            <LinkButton href={path} kind="secondary">
              {t.saveUtf8}
            </LinkButton>
            <LinkButton href={`${path}?encoding=shift_jis`} kind="secondary">
              {t.saveShiftJis}
            </LinkButton>
          </FormActions>
          <Text quiet>
            {t.refusedFirst(grouped(refusals.length))}
            {t.refusedKept}
          </Text>
        </>
      )}
      <Table
        caption={t.refusedTitle}
        captionHidden
        narrow="stack"
        columns={[{ label: t.line, align: 'end' }, { label: t.userId, rowHeader: true }, { label: t.reason }]}
        rows={refusals.map((one) => ({
          key: `${one.line} ${one.reason}`,
          cells: [
            one.lastLine > one.line ? `${one.line}–${one.lastLine}` : String(one.line),
            <Literal>{one.id ?? '–'}</Literal>,
            refusalText(one, locale),
          ],
        }))}
        empty={t.refusedNone}
      />
    </Panel>
  );
}

function toneLabel(tone: 'info' | 'success' | 'warning' | 'danger', locale: Locale): string {
  const words = WORDS[locale];
  return { info: words.info, success: words.done, warning: words.pleaseNote, danger: words.error }[tone];
}
