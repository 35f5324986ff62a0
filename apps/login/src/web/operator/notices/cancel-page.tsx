import {
  Button,
  DefinitionList,
  Form,
  FormActions,
  LinkButton,
  List,
  Notice,
  Panel,
  Text,
} from '@hitokagi/design-system';
import type { CancelResult } from '#domain/notices/cancel.ts';
import type { NoticeProgress } from '#domain/notices/progress.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { WebContext } from '#web/http/context.ts';
import { noticePath } from '../addresses.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { grouped, WORDS } from '../words.ts';
import { actTexts } from './act-text.ts';
import { noticeName } from './marks.tsx';
import { texts } from './text.ts';

type View = {
  notice: NoticeProgress;
  console: ConsoleRow;
  refusal: Extract<CancelResult, { ok: false }>['reason'] | undefined;
};

/** The page before a notice is cancelled: who will not get it, and who has. */
export function cancelPage(context: WebContext, visit: Visit, view: View): Promise<string> {
  const { locale } = visit.shell;
  const t = actTexts[locale];
  const { notice, console, refusal } = view;
  const path = noticePath(notice.id);
  const left = grouped(notice.waiting + notice.queued);
  const { people } = texts[locale];
  return renderOperatorPage(context, visit, {
    title: t.cancel.title,
    job: 'notices',
    console,
    trail: [
      { href: '/operator/notices', label: texts[locale].title },
      { href: path, label: noticeName(notice, locale) },
    ],
    lead: refusal ? undefined : t.cancel.lead,
    children: (
      <Panel width="reading">
        {refusal ? (
          <Notice tone="warning" toneLabel={WORDS[locale].pleaseNote} title={t.notDone} live>
            <Text>{t.refusals[refusal]}</Text>
          </Notice>
        ) : null}
        <DefinitionList
          items={[
            { term: t.cancel.notice, description: noticeName(notice, locale) },
            { term: t.cancel.notSent, description: people(left) },
            { term: t.cancel.sent, description: people(grouped(notice.accepted)) },
          ]}
        />
        {refusal ? (
          <LinkButton href={path} kind="secondary">
            {t.back}
          </LinkButton>
        ) : (
          <>
            <Text>{t.whatHappens}</Text>
            <List items={t.cancel.happens(left)} />
            <Form action={`${path}/cancel`}>
              <FormActions beside>
                <Button kind="danger">{t.cancel.button}</Button>
                <LinkButton href={path} kind="secondary">
                  {t.back}
                </LinkButton>
              </FormActions>
            </Form>
          </>
        )}
      </Panel>
    ),
  });
}
