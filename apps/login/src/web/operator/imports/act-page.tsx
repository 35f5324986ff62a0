import {
  Button,
  DefinitionList,
  ErrorSummary,
  Form,
  FormActions,
  LinkButton,
  List,
  Notice,
  Panel,
  Text,
  TextField,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import type { ImportEntry } from '#domain/consoles/import/history.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { WebContext } from '#web/http/context.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { grouped, WORDS } from '../words.ts';
import { ImportChip, importPath } from './parts.tsx';
import { texts } from './text.ts';

export type ImportAct = 'start' | 'cancel';
export type ActProblem = 'name-wrong' | 'import-unknown' | 'import-not-checked' | 'import-ended';

export type ActView = {
  act: ImportAct;
  entry: ImportEntry;
  console: ConsoleRow;
  problem: ActProblem | undefined;
  /** It was asked for and not done. */
  refused: boolean;
  /** What was typed as the console's name before. */
  typedName: string;
  /** The cut-over was announced: who is new is told of it by mail. */
  tellsNewcomers: boolean;
};

/** The page before an import is started or cancelled: what will happen, and a way back without harm. */
export function actPage(context: WebContext, visit: Visit, view: ActView): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { act, entry, console, problem, refused } = view;
  const path = importPath(entry.id);
  const name = consoleName(console, locale);
  const isWrongName = problem === 'name-wrong';
  const isImpossible = problem !== undefined && !isWrongName;
  return renderOperatorPage(context, visit, {
    title: act === 'start' ? t.startTitle : t.cancelTitle,
    job: 'imports',
    console,
    trail: [
      { href: '/operator/imports', label: t.title },
      { href: path, label: entry.fileName },
    ],
    lead: isImpossible ? undefined : act === 'start' ? t.startLead : t.cancelLead,
    children: (
      <Panel width="reading">
        <ErrorSummary
          title={t.notDone}
          errors={isWrongName ? [{ fieldId: 'name', message: t.nameWrong }] : []}
        />
        {isImpossible ? (
          <Notice
            tone="warning"
            toneLabel={WORDS[locale].pleaseNote}
            title={refused ? t.notDone : WORDS[locale].notPossible}
            live
          >
            <Text>{entry.byCommand ? t.insteadByCommand : t.instead[entry.state]}</Text>
          </Notice>
        ) : null}
        <DefinitionList
          items={[
            { term: t.file, description: entry.fileName },
            { term: t.console, description: name },
            { term: t.handedIn, description: japanTime(entry.at, locale) },
            { term: t.state, description: <ImportChip state={entry.state} locale={locale} /> },
          ]}
        />
        {isImpossible ? (
          <LinkButton href={path}>{t.toImport}</LinkButton>
        ) : (
          <ActForm {...view} visit={visit} />
        )}
      </Panel>
    ),
  });
}

function ActForm({ visit, ...view }: ActView & { visit: Visit }) {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { act, entry, console, problem } = view;
  const path = importPath(entry.id);
  const name = consoleName(console, locale);
  const isWrongName = problem === 'name-wrong';
  return (
    <>
      <Text>{t.whatHappens}</Text>
      <List items={happens(view, visit)} />
      <Form action={`${path}/${act}`}>
        {act === 'start' ? (
          <TextField
            id="name"
            name="name"
            label={t.confirmName(name)}
            value={view.typedName}
            error={isWrongName ? t.nameWrong : undefined}
            autocomplete="off"
            width="medium"
          />
        ) : null}
        <FormActions beside>
          <Button kind={act === 'start' ? 'primary' : 'danger'}>
            {act === 'start' ? t.startButton : t.cancelButton}
          </Button>
          <LinkButton href={path} kind="secondary">
            {t.back}
          </LinkButton>
        </FormActions>
      </Form>
    </>
  );
}

function happens({ act, entry, tellsNewcomers }: ActView, visit: Visit): string[] {
  const t = texts[visit.shell.locale];
  if (act === 'cancel') return [t.happensStay, t.happensGone];
  const counts = entry.foreseen;
  const some = (count: number | undefined, words: (text: string) => string): string[] =>
    count ? [words(grouped(count))] : [];
  return [
    t.happensCreated(grouped(counts?.created ?? 0)),
    ...some(counts?.linked, t.happensLinked),
    ...some(counts?.filled, t.happensFilled),
    ...some(counts?.refused, t.happensRefused),
    t.happensMail,
    ...(tellsNewcomers ? [t.happensNotice] : []),
  ];
}
