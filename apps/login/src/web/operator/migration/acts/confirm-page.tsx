import {
  Button,
  Columns,
  DefinitionList,
  ErrorSummary,
  Form,
  FormActions,
  Letter,
  LinkButton,
  List,
  Notice,
  Panel,
  SentenceWith,
  Text,
  TextField,
  TextLink,
} from '@hitokagi/design-system';
import { consoleName } from '#domain/consoles/consoles.ts';
import type { Foreseen, PlanAct } from '#domain/migration/acts.ts';
import type { RenderedMail } from '#support/mail/mail.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { fullMinute, japanTime } from '#support/primitives/japan-time.ts';
import { LOCALES, type Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { renderOperatorPage } from '../../shell.tsx';
import type { Visit } from '../../visit.ts';
import { grouped, WORDS } from '../../words.ts';
import { texts as migrationTexts } from '../text.ts';
import { hiddenValues, type Given } from './fields.ts';
import { actTitle } from './form-page.tsx';
import { texts } from './text.ts';
import { movePath } from '../../addresses.ts';

export type ConfirmView = {
  console: ConsoleRow;
  wanted: PlanAct;
  foreseen: Foreseen;
  /** The mail in both languages, where there is one. */
  previews: { readonly [L in Locale]: RenderedMail } | undefined;
  form: Given;
  /** What was typed as the console's name and is not. */
  wrongName?: string | undefined;
  testedWith?: string | undefined;
};

/** The last page before an act: what will happen, to how many people, by what mail, and whether it can be taken back. */
export function confirmPage(context: WebContext, visit: Visit, view: ConfirmView): Promise<string> {
  const { locale } = visit.shell;
  const t = texts[locale];
  const { console, wanted, foreseen, previews, form } = view;
  const { act } = wanted;
  const path = movePath(console);
  const name = consoleName(console, locale);
  const title = actTitle(act, foreseen.standing, locale);
  const hidden = (step: string) => [
    { name: 'step', value: step },
    { name: 'revision', value: String(foreseen.standing.revision) },
    ...hiddenValues(form),
  ];
  const nameError = view.wrongName === undefined ? undefined : t.nameWrong(name);
  const address = visit.operator.emailAddress;
  return renderOperatorPage(context, visit, {
    title: t.confirmTitle(title),
    job: 'migration',
    console,
    trail: [
      { href: '/operator/migration', label: migrationTexts[locale].title },
      { href: path, label: name },
    ],
    lead: t.confirmLead,
    children: (
      <>
        {nameError ? (
          <ErrorSummary title={t.problems} errors={[{ fieldId: 'name', message: nameError }]} />
        ) : null}
        {view.testedWith ? (
          <Notice tone="success" toneLabel={WORDS[locale].done} live>
            <Text>{t.tested(view.testedWith)}</Text>
          </Notice>
        ) : null}
        <Panel title={t.whatHappens} width="reading">
          <Facts {...view} path={path} locale={locale} />
        </Panel>
        {previews ? (
          <Panel title={t.previews}>
            <Text quiet>{t.previewLead}</Text>
            <Columns>
              {LOCALES.map((language) => (
                <Letter
                  key={language}
                  label={t.previewOf[language]}
                  lang={language}
                  subject={previews[language].subject}
                  text={previews[language].text}
                />
              ))}
            </Columns>
            <Form action={`${path}/${act}`} hidden={hidden('test')}>
              <Text quiet>
                <SentenceWith text={t.testHelp('{}')} literal={address} />
              </Text>
              <FormActions beside>
                <Button kind="secondary">{t.test}</Button>
              </FormActions>
            </Form>
          </Panel>
        ) : null}
        <Panel title={title} width="reading">
          <Form action={`${path}/${act}`} hidden={hidden('act')}>
            {foreseen.grave ? (
              <TextField
                id="name"
                name="name"
                label={t.name}
                help={act === 'cut-over' ? t.nameHelpSoon(name) : t.nameHelp(name)}
                value={view.wrongName ?? ''}
                error={nameError}
                width="medium"
                autocomplete="off"
              />
            ) : null}
            <FormActions beside>
              <Button kind={foreseen.grave ? 'danger' : 'primary'}>
                {foreseen.postpones ? t.actPostpone : t.act[act]}
              </Button>
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

function Facts({ wanted, foreseen, form, path, locale }: ConfirmView & { path: string; locale: Locale }) {
  const t = texts[locale];
  const { standing, mail, unreachable, stopped } = foreseen;
  const people = grouped(standing.audience);
  const kind = mail && (mail.kind === 'correction' && !mail.cutOverAt ? 'withdrawn' : mail.kind);
  const isNow = wanted.act !== 'announce' || wanted.sendAt === null;
  return (
    <DefinitionList
      items={[
        { term: t.happens, description: <List items={happenings(wanted, foreseen, locale)} /> },
        { term: t.affected, description: t.people(people) },
        {
          term: t.mail,
          description:
            mail && kind
              ? t.mailWords(
                  t.mailKinds[kind],
                  people,
                  isNow ? t.sendsNow : t.sendsAt(japanTime(mail.sendAt, locale)),
                )
              : t.noMail,
        },
        ...(mail
          ? [
              {
                term: t.unreachable,
                description:
                  unreachable === 0 ? (
                    t.unreachableNobody
                  ) : (
                    <TextLink href={`${path}/people?state=unreachable`}>
                      {t.unreachableWords(grouped(unreachable))}
                    </TextLink>
                  ),
              },
            ]
          : []),
        ...(wanted.act === 'roll-back' || wanted.act === 'close'
          ? []
          : [{ term: t.checkTerm, description: checkWords(foreseen.check, form.override, locale) }]),
        ...(stopped > 0 ? [{ term: t.stopped, description: t.stoppedWords(grouped(stopped)) }] : []),
        { term: t.undo, description: t.undoing[wanted.act] },
      ]}
    />
  );
}

function checkWords(check: Foreseen['check'], override: string, locale: Locale): string {
  const t = texts[locale];
  if (!check) return t.checkNever;
  if (check.required === 0) return t.checkPassed(japanTime(check.at, locale));
  return override.trim() === '' ? t.checkFails : t.checkOverridden(override.trim());
}

function happenings(wanted: PlanAct, foreseen: Foreseen, locale: Locale): string[] {
  const t = texts[locale].happening;
  const { standing, phaseAfter, notBefore, mail } = foreseen;
  const at = (moment: Date): string => japanTime(moment, locale);
  switch (wanted.act) {
    case 'link-time': {
      const isGone = standing.phase === 'parallel' && phaseAfter === 'prepared' ? [t.linkGone] : [];
      if (!wanted.linkAt) return [t.linkNone, ...isGone];
      return phaseAfter === 'parallel' ? [t.linkNow] : [t.linkAt(at(wanted.linkAt)), ...isGone];
    }
    case 'announce':
      return [
        t.announce(grouped(standing.audience), at(wanted.cutOverAt)),
        ...(notBefore ? [t.announceThen(at(fullMinute(notBefore)))] : []),
      ];
    case 'cut-over':
      return standing.cutOverAt
        ? [t.postponed(at(standing.cutOverAt), at(wanted.cutOverAt)), t.cutOverKeeps, t.reminders]
        : [t.cutOver(at(wanted.cutOverAt)), t.cutOverKeeps, t.reminders];
    case 'roll-back': {
      if (standing.phase === 'unified') return [t.restored, t.passwordsStay];
      const date = standing.cutOverAt ?? standing.told?.cutOverAt ?? mail?.cutOverAt;
      if (!date) return [t.passwordsStay];
      return [
        standing.cutOverAt ? t.takenBack(at(date)) : t.announcementTakenBack(at(date)),
        t.passwordsStay,
      ];
    }
    case 'close':
      return [t.closed];
  }
}
