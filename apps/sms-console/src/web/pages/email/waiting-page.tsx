import {
  Button,
  DefinitionList,
  Form,
  FormActions,
  LinkButton,
  Literal,
  Notice,
  PageHead,
  Panel,
  Steps,
  Text,
} from '@hitokagi/design-system';
import { routes } from '#app/routes.ts';
import type { Person } from '#domain/people/people.ts';
import { ConsoleLayout, csrfField, type View } from '#web/http/layout.tsx';
import { emailTexts } from './text.ts';

/** A change that goes on by itself (R18): its code is sent, or its result known, as soon as the unified login can be reached. */
export function EmailWaitingPage({
  view,
  person,
  newAddress,
  waitsFor,
}: {
  view: View;
  person: Person;
  newAddress: string;
  waitsFor: 'delivery' | 'answer';
}) {
  const all = emailTexts[view.locale];
  const text = all.waiting;
  return (
    <ConsoleLayout view={view} title={all.title} person={person} current="settings">
      <PageHead title={all.title} trail={[{ href: routes.settings, label: all.settings }]} />
      <Panel width="reading">
        <Steps current={2} total={2} label={all.step(2, all.code.step)} />
        <Notice tone="info" toneLabel={text.label} title={text[waitsFor]}>
          <Text>{waitsFor === 'delivery' ? text.deliveryLead : text.answerLead}</Text>
        </Notice>
        <DefinitionList
          items={[
            { term: all.ask.present, description: <Literal>{person.emailAddress}</Literal> },
            { term: all.ask.fresh, description: <Literal>{newAddress}</Literal> },
          ]}
        />
        <Text quiet>{waitsFor === 'delivery' ? text.unchanged : text.unknown}</Text>
        <Form action={routes.settingsEmailAbandon} hidden={[csrfField(view)]}>
          <FormActions beside>
            <LinkButton href={routes.settingsEmailCode}>{text.reload}</LinkButton>
            {waitsFor === 'delivery' ? <Button kind="text">{text.abandon}</Button> : null}
          </FormActions>
        </Form>
      </Panel>
    </ConsoleLayout>
  );
}
