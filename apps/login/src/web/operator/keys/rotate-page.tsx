import {
  Button,
  ErrorSummary,
  Form,
  FormActions,
  LinkButton,
  List,
  Panel,
  RadioGroup,
} from '@hitokagi/design-system';
import type { WebContext } from '#web/http/context.ts';
import { renderOperatorPage } from '../shell.tsx';
import type { Visit } from '../visit.ts';
import { texts } from './text.ts';

export type RotateView = { when: string; error?: string };

/** The page before a rotation: what will happen, and from when the next key is used. */
export function rotatePage(context: WebContext, visit: Visit, { when, error }: RotateView): Promise<string> {
  const t = texts[visit.shell.locale];
  return renderOperatorPage(context, visit, {
    title: t.rotate,
    job: 'keys',
    trail: [{ href: '/operator/keys', label: t.title }],
    lead: t.rotateLead,
    children: (
      <>
        <ErrorSummary title={t.problems} errors={error ? [{ fieldId: 'when', message: error }] : []} />
        <Panel title={t.happens} width="reading">
          <List items={t.happenings} />
          <Form action="/operator/keys/rotate">
            <RadioGroup
              id="when"
              name="when"
              label={t.when}
              value={when}
              error={error}
              choices={[
                { value: 'tomorrow', label: t.tomorrow, help: t.tomorrowHelp },
                { value: 'urgent', label: t.urgent, help: t.urgentHelp },
              ]}
            />
            <FormActions beside>
              <Button>{t.button}</Button>
              <LinkButton href="/operator/keys" kind="text">
                {t.cancel}
              </LinkButton>
            </FormActions>
          </Form>
        </Panel>
      </>
    ),
  });
}
