import {
  Button,
  DefinitionList,
  Form,
  FormActions,
  LinkButton,
  Literal,
  Notice,
  Panel,
  RefreshRegion,
  Text,
  Timeline,
} from '@hitokagi/design-system';
import { consoleEntrance, consoleName } from '#domain/consoles/consoles.ts';
import type { Trace, TraceStep } from '#domain/consoles/trace.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { consolePath } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import { texts } from './text.ts';

type View = { console: ConsoleRow; trace: Trace | undefined };

/** A sign-in of the operator at a console, as the login server saw it. */
export function testPage(context: WebContext, visit: Visit, { console, trace }: View): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const path = consolePath(console);
  const isRunning = trace !== undefined && !trace.ended;
  return renderOperatorPage(context, visit, {
    title: t.testTitle,
    job: 'consoles',
    console,
    trail: [
      { href: '/operator/consoles', label: t.title },
      { href: path, label: consoleName(console, locale) },
    ],
    lead: t.testLead,
    children: (
      <>
        <Panel width="reading">
          {isRunning ? (
            <>
              <Text>{console.initiate_login_uri === null ? t.testNoEntrance : t.testOpenHelp}</Text>
              <FormActions beside>
                <LinkButton href={consoleEntrance(console, context.issuer)} newTab>
                  {t.testOpen}
                </LinkButton>
                <LinkButton href={`${path}/test`} kind="secondary">
                  {t.testReload}
                </LinkButton>
              </FormActions>
            </>
          ) : null}
          <Form action={`${path}/test`} hidden={[{ name: 'step', value: 'start' }]}>
            <FormActions beside>
              <Button kind={isRunning ? 'secondary' : 'primary'}>{trace ? t.testAgain : t.doTest}</Button>
            </FormActions>
          </Form>
        </Panel>
        {trace ? (
          <Panel title={t.testStartedAt(japanTime(trace.startedAt, locale))}>
            <RefreshRegion id="trace" url={`${path}/test`} seconds={isRunning ? 3 : undefined} live>
              <Outcome trace={trace} locale={locale} />
              <Timeline
                label={t.testTitle}
                items={trace.steps.map(({ step, at, detail }) => ({
                  time: japanTime(at, locale),
                  dateTime: at.toISOString(),
                  title: t.steps[step],
                  ...SIGNS[step],
                  children: <StepFacts detail={detail} locale={locale} />,
                }))}
              />
              <Text quiet>{isRunning ? t.testRunning : t.testEnded}</Text>
            </RefreshRegion>
          </Panel>
        ) : null}
      </>
    ),
  });
}

const SIGNS = {
  'code-issued': { tone: 'success', shape: 'check' },
  'person-asked': { tone: 'info', shape: 'info' },
  'request-refused': { tone: 'danger', shape: 'cross' },
  'code-redeemed': { tone: 'success', shape: 'check' },
  'token-refused': { tone: 'danger', shape: 'cross' },
} as const satisfies Readonly<Record<TraceStep, object>>;

/** How far the sign-in came, and what to do when it came no further. */
function Outcome({ trace, locale }: { trace: Trace; locale: Locale }) {
  const t = texts[locale];
  const last = trace.steps.at(-1);
  switch (last?.step) {
    case undefined:
      return said('info', t.testNothing, t.testNothingCure);
    case 'person-asked':
      return last.detail.prompt === 'console_link'
        ? said('danger', t.notLinked, t.errors.interaction_required)
        : said('info', t.steps['person-asked'], t.testOpenHelp);
    case 'code-issued':
      return said('warning', t.testCodeWaiting, t.testCodeWaitingCure);
    case 'code-redeemed':
      return said('success', t.testDone, t.testDoneCure);
    case 'request-refused':
    case 'token-refused': {
      const error = typeof last.detail.error === 'string' ? last.detail.error : '';
      const cure =
        (t.errors as Readonly<Record<string, string>>)[error] ?? `${error} ${text(last.detail.description)}`;
      return said('danger', t.steps[last.step], cure);
    }
  }

  function said(tone: 'info' | 'success' | 'warning' | 'danger', title: string, cure: string) {
    const words = WORDS[locale];
    const toneLabel = {
      info: words.info,
      success: words.done,
      warning: words.pleaseNote,
      danger: words.error,
    }[tone];
    return (
      <Notice tone={tone} toneLabel={toneLabel} title={title}>
        <Text>{cure}</Text>
      </Notice>
    );
  }
}

function StepFacts({ detail, locale }: { detail: Readonly<Record<string, unknown>>; locale: Locale }) {
  const t = texts[locale];
  return (
    <DefinitionList
      compact
      items={Object.entries(t.details).flatMap(([key, term]) => {
        const value = detail[key];
        if (value === undefined || value === null) return [];
        const shown = typeof value === 'boolean' ? (value ? t.there : t.missing) : text(value);
        return shown === '' ? [] : [{ term, description: <Literal>{shown}</Literal> }];
      })}
    />
  );
}

function text(value: unknown): string {
  if (Array.isArray(value)) return value.map(text).join(', ');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
