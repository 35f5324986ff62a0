import {
  Button,
  Form,
  FormActions,
  LinkButton,
  Literal,
  Notice,
  Panel,
  StatusList,
  Text,
} from '@hitokagi/design-system';
import type { ConsoleCheck } from '#domain/consoles/check.ts';
import { consoleName } from '#domain/consoles/consoles.ts';
import {
  checkTitle,
  findingWords,
  meantWords,
  uncheckedTogether,
} from '#domain/consoles/finding-sentence.ts';
import { CHECKS, isRequired, type Finding } from '#domain/consoles/findings.ts';
import { includesRole } from '#domain/operators/rights.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { actorWords } from '../actor.ts';
import { consolePath } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { WORDS } from '../words.ts';
import { texts } from './text.ts';

type View = { console: ConsoleRow; check: ConsoleCheck | undefined; actors: ReadonlyMap<string, string> };

/** What the last check found: first what is to be put right, each with its cure, then what was looked at. */
export function checkPage(
  context: WebContext,
  visit: Visit,
  { console, check, actors }: View,
): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const path = consolePath(console);
  const inOrder = (check?.findings ?? []).toSorted(
    (a, b) => CHECKS.indexOf(a.check) - CHECKS.indexOf(b.check),
  );
  const faults = inOrder.filter((one) => one.result === 'fault');
  const unchecked = uncheckedTogether(inOrder, locale);
  const others = inOrder.filter((one) => one.result === 'pass' || one.result === 'not-applicable');
  return renderOperatorPage(context, visit, {
    title: t.checkTitle,
    job: 'consoles',
    console,
    trail: [
      { href: '/operator/consoles', label: t.title },
      { href: path, label: consoleName(console, locale) },
    ],
    lead: t.checkLead,
    children: (
      <>
        <Panel>
          {check ? (
            <Notice
              tone={faults.length > 0 ? 'warning' : 'success'}
              toneLabel={faults.length > 0 ? WORDS[locale].pleaseNote : WORDS[locale].done}
              title={faults.length > 0 ? t.checkFaults(String(faults.length)) : t.checkPassed}
            >
              <Text>{t.checkAt(japanTime(check.at, locale), actorWords(check.actor, actors, locale))}</Text>
              {check.required > 0 ? <Text>{t.checkBlocks(String(check.required))}</Text> : null}
            </Notice>
          ) : (
            <Text>{t.checkNone}</Text>
          )}
          {includesRole(visit.operator.role, 'support') ? (
            <Form action={`${path}/check`} hidden={[{ name: 'step', value: 'run' }]}>
              <FormActions beside>
                <Button kind={check ? 'secondary' : 'primary'}>{check ? t.checkAgain : t.doCheck}</Button>
                <LinkButton href={`${path}/test`} kind="text">
                  {t.test}
                </LinkButton>
              </FormActions>
            </Form>
          ) : null}
        </Panel>
        {faults.length > 0 ? (
          <Panel title={t.faultList}>
            <StatusList label={t.faultList} items={faults.map((one) => itemOf(one, locale))} />
          </Panel>
        ) : null}
        {unchecked.length > 0 ? (
          <Panel title={t.uncheckedList}>
            <StatusList
              label={t.uncheckedList}
              items={unchecked.map(({ titles, fault, cure }) => ({
                name: titles.length === 1 ? titles.join('') : t.uncheckedItems(String(titles.length)),
                state: { ...STATES['not-checked'], label: t.results['not-checked'] },
                detail: (
                  <>
                    {titles.length === 1 ? null : <Text>{titles.join(t.comma)}</Text>}
                    <Told fault={fault} cure={cure} cureLabel={t.cure} />
                  </>
                ),
              }))}
            />
          </Panel>
        ) : null}
        {others.length > 0 ? (
          <Panel title={t.passList}>
            <StatusList label={t.passList} items={others.map((one) => itemOf(one, locale))} />
          </Panel>
        ) : null}
      </>
    ),
  });
}

const STATES = {
  pass: { tone: 'success', shape: 'check' },
  fault: { tone: 'warning', shape: 'triangle' },
  'not-applicable': { tone: 'neutral', shape: 'dash' },
  'not-checked': { tone: 'neutral', shape: 'dash' },
} as const;

function Told({ fault, cure, cureLabel }: { fault: string; cure: string; cureLabel: string }) {
  return (
    <>
      <Text>{fault}</Text>
      <Text>
        <strong>{cureLabel}:</strong> {cure}
      </Text>
    </>
  );
}

function itemOf(finding: Finding, locale: Locale) {
  const t = texts[locale];
  const words = findingWords(finding, locale);
  return {
    name: checkTitle(finding.check, locale),
    state: {
      ...STATES[finding.result],
      label:
        finding.result === 'fault' && isRequired(finding.check)
          ? `${t.results.fault} (${t.required})`
          : t.results[finding.result],
    },
    detail: words ? (
      <Told {...words} cureLabel={t.cure} />
    ) : finding.value === '' ? undefined : (
      <Literal>{meantWords(finding, locale)}</Literal>
    ),
  };
}
