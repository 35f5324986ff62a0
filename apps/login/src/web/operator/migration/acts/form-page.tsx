import {
  Button,
  Columns,
  DefinitionList,
  ErrorSummary,
  Form,
  FormActions,
  LinkButton,
  Literal,
  More,
  Notice,
  Panel,
  RadioGroup,
  Text,
  TextArea,
  TextField,
  TextLink,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import type { ActName } from '#domain/migration/acts.ts';
import type { PlanChange } from '#domain/migration/history.ts';
import type { PlanStanding } from '#domain/migration/plan-standing.ts';
import { PLACEHOLDERS } from '#domain/notices/placeholders.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { LOCALES, type Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { actorWords } from '../../actor.ts';
import { renderOperatorPage } from '../../shell.tsx';
import type { Visit } from '../../visit.ts';
import { WORDS } from '../../words.ts';
import { earliestWords } from '../earliest.ts';
import { texts as migrationTexts } from '../text.ts';
import { noticeOf, type FieldError, type FieldName, type Given } from './fields.ts';
import { texts } from './text.ts';
import { consolePath, movePath } from '../../addresses.ts';

export type FormView = {
  act: ActName;
  console: ConsoleRow;
  standing: PlanStanding;
  form: Given;
  errors: readonly FieldError[];
  /** Why it was refused, and whether that is because somebody changed the plan meanwhile. */
  refusal?: { sentence: string; stale: boolean } | undefined;
  /** What stands against the act whatever would be typed: then there is no form. */
  impossible: string | undefined;
  /** What the console's last check has against going on: then a reason is asked for. */
  check: string | undefined;
  lastChange: PlanChange | undefined;
  actors: ReadonlyMap<string, string>;
};

/** Where an act begins: what it does, how the plan stands, and what is to be said for it. Sending it changes nothing yet. */
export function formPage(context: WebContext, visit: Visit, view: FormView): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { act, console, standing, impossible, errors, refusal } = view;
  const path = movePath(console);
  return renderOperatorPage(context, visit, {
    title: actTitle(act, standing, locale),
    job: 'migration',
    console,
    trail: [
      { href: '/operator/migration', label: migrationTexts[locale].title },
      { href: path, label: consoleName(console, locale) },
    ],
    lead: impossible === undefined ? t.leads[act] : undefined,
    children: (
      <>
        {refusal?.stale ? (
          <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} title={t.staleTitle} live>
            <Text>{refusal.sentence}</Text>
          </Notice>
        ) : impossible === undefined ? (
          <ErrorSummary
            title={t.problems}
            errors={[
              ...(refusal ? [{ message: refusal.sentence }] : []),
              ...errors.map(({ field, message }) => ({ fieldId: field, message })),
            ]}
          />
        ) : null}
        {impossible === undefined ? null : (
          <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} title={WORDS[locale].notPossible} live>
            <Text>{impossible}</Text>
          </Notice>
        )}
        <Panel title={t.now} width="reading">
          <PlanNow {...view} now={visit.now} locale={locale} />
          {impossible === undefined ? null : <LinkButton href={path}>{t.toMove}</LinkButton>}
        </Panel>
        {impossible === undefined ? <ActForm {...view} locale={locale} /> : null}
      </>
    ),
  });
}

/** What is to be said for the act. */
function ActForm(view: FormView & { locale: Locale }) {
  const { act, console, standing, form, errors, locale } = view;
  const t = texts[locale];
  const path = movePath(console);
  const errorOf = (field: FieldName): string | undefined =>
    errors.find((error) => error.field === field)?.message;
  const text = (name: FieldName, label: string, help: string) => (
    <TextField
      id={name}
      name={name}
      label={label}
      help={help}
      value={form[name]}
      error={errorOf(name)}
      width="medium"
      autocomplete="off"
    />
  );
  return (
    <Panel width="reading">
      <Form
        action={`${path}/${act}`}
        hidden={[
          { name: 'step', value: 'check' },
          { name: 'revision', value: String(standing.revision) },
        ]}
      >
        {act === 'link-time' ? (
          <>
            <RadioGroup
              id="when"
              name="when"
              label={t.linkWhen}
              value={form.when}
              choices={[
                { value: 'at', label: t.linkAt },
                { value: 'now', label: t.linkNow },
                { value: 'none', label: t.linkNone },
              ]}
            />
            <Columns>
              {text('date', t.date, t.dateHelp)}
              {text('time', t.time, t.timeHelp)}
            </Columns>
          </>
        ) : null}
        {act === 'announce' || act === 'cut-over' ? (
          <Columns>
            {text('date', t.cutOverDate, t.dateHelp)}
            {text('time', t.cutOverTime, t.timeHelp)}
          </Columns>
        ) : null}
        {act === 'announce' ? (
          <>
            <RadioGroup
              id="send"
              name="send"
              label={t.send}
              value={form.send}
              choices={[
                { value: 'now', label: t.sendNow },
                { value: 'at', label: t.sendAt },
              ]}
            />
            <Columns>
              {text('send_date', t.sendDate, t.dateHelp)}
              {text('send_time', t.sendTime, t.timeHelp)}
            </Columns>
          </>
        ) : null}
        {act === 'roll-back' ? (
          <RadioGroup
            id="correction"
            name="correction"
            label={t.tell}
            value={form.correction}
            choices={[
              { value: 'yes', label: t.tellYes },
              { value: 'no', label: t.tellNo, help: t.tellNoHelp },
            ]}
          />
        ) : null}
        {noticeOf(act, 'yes') ? <OwnWords {...view} locale={locale} /> : null}
        <TextField
          id="note"
          name="note"
          label={t.note}
          help={t.noteHelp}
          mark={t.optional}
          value={form.note}
          error={errorOf('note')}
          autocomplete="off"
        />
        {view.check === undefined ? null : (
          <>
            <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} title={t.checkFails}>
              {/* A refusal has said it above. */}
              {view.refusal ? null : <Text>{view.check}</Text>}
              <Text>
                <TextLink href={`${consolePath(console)}/check`}>{t.toCheck}</TextLink>
              </Text>
            </Notice>
            <TextField
              id="override"
              name="override"
              label={t.override}
              help={t.overrideHelp}
              mark={t.optional}
              value={form.override}
              error={errorOf('override')}
              autocomplete="off"
            />
          </>
        )}
        <FormActions beside>
          <Button>{t.toConfirmation}</Button>
          <LinkButton href={path} kind="text">
            {t.cancel}
          </LinkButton>
        </FormActions>
      </Form>
    </Panel>
  );
}

/** What the act is called for a plan as it stands. */
export function actTitle(act: ActName, standing: PlanStanding, locale: Locale): string {
  const t = texts[locale];
  return act === 'cut-over' && standing.cutOverAt ? t.postpone : t.titles[act];
}

function PlanNow({ standing, lastChange, actors, now, locale }: FormView & { now: Date; locale: Locale }) {
  const t = texts[locale];
  const words = migrationTexts[locale];
  const moment = (at: Date | null) => (at ? japanTime(at, locale) : WORDS[locale].undetermined);
  return (
    <DefinitionList
      compact
      items={[
        { term: words.linkAt, description: moment(standing.linkAt) },
        {
          term: t.announced,
          description: standing.told ? moment(standing.told.cutOverAt) : t.notAnnounced,
        },
        { term: words.cutOverAt, description: moment(standing.cutOverAt) },
        {
          term: words.earliest,
          description: earliestWords(standing, now, locale),
        },
        ...(lastChange
          ? [
              {
                term: t.lastChange,
                description: t.lastChangeWords(
                  japanTime(lastChange.at, locale),
                  words.changes[lastChange.action],
                  actorWords(lastChange.actor, actors, locale),
                ),
              },
            ]
          : []),
      ]}
    />
  );
}

function OwnWords({ act, form, errors, locale }: FormView & { locale: Locale }) {
  const t = texts[locale];
  const error = (field: FieldName) => errors.find((one) => one.field === field)?.message;
  return (
    <More summary={t.words}>
      <Text quiet>
        {t.wordsHelp} {act === 'cut-over' ? t.wordsOnlyIfSent : null}
      </Text>
      <Text quiet>
        {PLACEHOLDERS.map((name) => (
          <>
            <Literal>{`{${name}}`}</Literal>{' '}
          </>
        ))}
      </Text>
      {LOCALES.map((language) => (
        <>
          <TextField
            id={`${language}_subject`}
            name={`${language}_subject`}
            label={t.subjects[language]}
            value={form[`${language}_subject`]}
            error={error(`${language}_subject`)}
            lang={language}
            autocomplete="off"
          />
          <TextArea
            id={`${language}_body`}
            name={`${language}_body`}
            label={t.bodies[language]}
            value={form[`${language}_body`]}
            error={error(`${language}_body`)}
            lang={language}
            rows={16}
          />
        </>
      ))}
    </More>
  );
}
