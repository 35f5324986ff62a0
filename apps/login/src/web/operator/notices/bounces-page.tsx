import {
  Button,
  Chip,
  ErrorSummary,
  FileField,
  Form,
  FormActions,
  LinkButton,
  Literal,
  Name,
  Notice,
  Panel,
  Table,
  Text,
  TextLink,
} from '@hitokagi/design-system';
import { LARGEST_MAILBOX } from '#domain/notices/bounces/mailbox.ts';
import type { BounceOutcome, BounceResult } from '#domain/notices/bounces/take.ts';
import type { NotificationProblem } from '#domain/notices/bounces/parse.ts';
import type { WebContext } from '#web/http/context.ts';
import { noticePath, withQuery } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { grouped, shortened, WORDS } from '../words.ts';
import { bounceTexts } from './bounces-text.ts';
import { texts } from './text.ts';

export const BOUNCES = '/operator/notices/bounces';

/** Mails that are taken at once: so many have their report in some seconds. */
export const MOST_MAILS = 500;

export type BounceProblem = 'file-missing' | 'too-large' | 'too-many';

/** What became of one mail of a file: the `number`th of `of`. */
export type Read = { file: string; number: number; of: number; result: BounceResult };
export type Report = { read: readonly Read[]; loginIds: ReadonlyMap<string, string> };
export type Verdict = BounceOutcome | NotificationProblem;

const FIELD = 'mails';
const LIMIT = `${LARGEST_MAILBOX / 1024 / 1024} MB`;

/** In which order they are counted: what asks for something to be done first. */
const VERDICTS = [
  'bounced',
  'under-way',
  'no-returned-headers',
  'not-a-notification',
  'too-large',
  'not-ours',
  'delayed',
  'nothing-to-do',
  'known',
] as const satisfies readonly Verdict[];

const MARKS = {
  bounced: ['warning', 'triangle'],
  'under-way': ['warning', 'triangle'],
  'no-returned-headers': ['danger', 'cross'],
  'not-a-notification': ['danger', 'cross'],
  'too-large': ['danger', 'cross'],
  'not-ours': ['neutral', 'square'],
  delayed: ['neutral', 'ring'],
  'nothing-to-do': ['neutral', 'ring'],
  known: ['neutral', 'ring'],
} as const satisfies Record<Verdict, readonly [string, string]>;

/** Where mails that came back are handed in, and what became of those that were. */
export function bouncesPage(
  context: WebContext,
  visit: Visit,
  view: { problem?: BounceProblem; report?: Report },
): Promise<string> {
  const { locale } = visit.shell;
  const t = bounceTexts[locale];
  const { problem, report } = view;
  const error = problem && t.problemWords[problem](LIMIT, grouped(MOST_MAILS));
  return renderOperatorPage(context, visit, {
    title: t.title,
    job: 'notices',
    trail: [{ href: '/operator/notices', label: texts[locale].title }],
    lead: t.lead,
    children: (
      <>
        <ErrorSummary title={t.problems} errors={error ? [{ fieldId: FIELD, message: error }] : []} />
        {report ? <ReportPanels report={report} visit={visit} /> : null}
        <Panel width="reading" title={report ? t.more : undefined}>
          <Form action={BOUNCES} multipart>
            <FileField
              id={FIELD}
              name={FIELD}
              label={t.files}
              help={t.help(LIMIT, grouped(MOST_MAILS))}
              accept=".eml,.mbox,message/rfc822,application/mbox"
              multiple
              error={error}
            />
            <FormActions beside>
              <Button>{t.send}</Button>
              <LinkButton href="/operator/notices" kind="text">
                {t.back}
              </LinkButton>
            </FormActions>
          </Form>
          <Text quiet>{t.again}</Text>
        </Panel>
      </>
    ),
  });
}

function ReportPanels({ report, visit }: { report: Report; visit: Visit }) {
  const { locale } = visit.shell;
  const t = bounceTexts[locale];
  const { read } = report;
  const counts = VERDICTS.map((verdict) => ({
    verdict,
    count: read.filter(({ result }) => verdictOf(result) === verdict).length,
  })).filter(({ count }) => count > 0);
  const isAllWell = counts.every(({ verdict }) => MARKS[verdict][0] !== 'danger');
  return (
    <>
      <Notice
        tone={isAllWell ? 'success' : 'warning'}
        toneLabel={isAllWell ? WORDS[locale].done : WORDS[locale].pleaseNote}
        title={t.wasRead(grouped(read.length))}
        live
      >
        {isAllWell ? null : <Text>{t.someNot}</Text>}
      </Notice>
      <Panel title={t.summary}>
        <Table
          caption={t.summary}
          captionHidden
          narrow="stack"
          columns={[
            { label: t.result, rowHeader: true },
            { label: t.count, align: 'end' },
            { label: t.meaning },
          ]}
          rows={counts.map(({ verdict, count }) => ({
            key: verdict,
            cells: [<VerdictChip verdict={verdict} visit={visit} />, grouped(count), t.meanings[verdict]],
          }))}
        />
      </Panel>
      <Panel title={t.each}>
        <Table
          caption={t.each}
          captionHidden
          columns={[
            { label: t.mail, rowHeader: true },
            { label: t.result },
            { label: t.person },
            { label: t.todo },
          ]}
          rows={read.map((one, i) => ({ key: String(i), cells: cellsOf(one) }))}
        />
      </Panel>
    </>
  );

  function cellsOf({ file, number, of, result }: Read) {
    const verdict = verdictOf(result);
    const [person] = result.ok ? result.people : [];
    const loginId = person && report.loginIds.get(person.accountId);
    return [
      <>
        <Literal>{shortened(file)}</Literal>
        {of > 1 ? <Text quiet>{t.nth(grouped(number))}</Text> : null}
      </>,
      <VerdictChip verdict={verdict} visit={visit} />,
      person && loginId !== undefined ? (
        <>
          <TextLink href={withQuery(`${noticePath(person.noticeId)}/people`, { q: loginId })}>
            {loginId}
          </TextLink>
          {person.status === '' ? null : <Text quiet>{t.status(person.status)}</Text>}
        </>
      ) : (
        '–'
      ),
      verdict === 'bounced' && person ? (
        <Name>
          <TextLink
            href={`${noticePath(person.noticeId)}/people/${encodeURIComponent(person.accountId)}/settle`}
          >
            {t.settle}
          </TextLink>
        </Name>
      ) : (
        '–'
      ),
    ];
  }
}

function VerdictChip({ verdict, visit }: { verdict: Verdict; visit: Visit }) {
  const [tone, shape] = MARKS[verdict];
  return (
    <Chip tone={tone} shape={shape}>
      {bounceTexts[visit.shell.locale].verdicts[verdict]}
    </Chip>
  );
}

function verdictOf(result: BounceResult): Verdict {
  return result.ok ? result.outcome : result.problem;
}
