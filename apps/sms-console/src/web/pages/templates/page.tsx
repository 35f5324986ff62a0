import {
  Button,
  ErrorSummary,
  Form,
  FormActions,
  LinkButton,
  PageHead,
  Panel,
  Phone,
  Table,
  Text,
  TextArea,
  TextField,
  TextLink,
  Unseen,
} from '@hitokagi/design-system';
import { composeUrl, pathOf, routes } from '#app/routes.ts';
import { measureText } from '#domain/message-text/message-text.ts';
import { LONGEST_TEXT } from '#domain/messages/text.ts';
import type { Person } from '#domain/people/people.ts';
import { mayDo } from '#domain/people/roles.ts';
import {
  LONGEST_NAME,
  MOST_TEMPLATES,
  type Template,
  type TemplateFault,
} from '#domain/templates/templates.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { ConsoleLayout, csrfField, type View } from '#web/http/layout.tsx';
import { sendingTexts } from '#web/http/sending-words.tsx';
import { momentText } from '#web/http/times.ts';
import { templateTexts } from './text.ts';

/** All templates of the company. */
export function TemplatesPage({
  view,
  person,
  templates,
}: {
  view: View;
  person: Person;
  templates: readonly Template[];
}) {
  const text = templateTexts[view.locale];
  const mayChange = mayDo(person.role, 'change-templates');
  const maySend = mayDo(person.role, 'send');
  const make = mayChange ? <LinkButton href={routes.templateNew}>{text.make}</LinkButton> : undefined;
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="templates">
      <PageHead title={text.title} lead={text.lead} actions={make} />
      <Panel>
        <Table
          caption={text.title}
          captionHidden
          columns={[
            { label: text.name, rowHeader: true },
            { label: text.body },
            { label: text.parts, align: 'end' },
            { label: text.changed },
            ...(maySend ? [{ label: text.act }] : []),
          ]}
          empty={<Text>{mayChange ? text.empty : text.emptyForViewers}</Text>}
          rows={templates.map((one) => ({
            key: one.id,
            cells: [
              mayChange ? (
                <TextLink href={pathOf(routes.template, { id: one.id })}>{one.name}</TextLink>
              ) : (
                one.name
              ),
              beginning(one.body),
              text.partsOf(measureText(one.body).parts),
              <>
                {momentText(one.changedAt, view.locale)}
                {one.changedBy === null ? null : (
                  <>
                    <br />
                    {one.changedBy}
                  </>
                )}
              </>,
              ...(maySend
                ? [
                    <LinkButton kind="secondary" small href={composeUrl({ template: one.id })}>
                      {text.use}
                      <Unseen>: {one.name}</Unseen>
                    </LinkButton>,
                  ]
                : []),
            ],
          }))}
        />
      </Panel>
    </ConsoleLayout>
  );
}

export type TemplatePageProps = {
  view: View;
  person: Person;
  /** Null for a new one. */
  id: string | null;
  name: string;
  body: string;
  fault: TemplateFault | null;
};

/** One template to change, or a new one. */
export function TemplatePage({ view, person, id, name, body, fault }: TemplatePageProps) {
  const text = templateTexts[view.locale];
  const title = id === null ? text.newTitle : text.editTitle;
  const isOfText = fault !== null && fault.startsWith('text-');
  const message = fault === null ? undefined : faultText(fault, view.locale);
  return (
    <ConsoleLayout view={view} title={title} person={person} current="templates">
      <PageHead title={title} lead={text.editLead} trail={[{ href: routes.templates, label: text.title }]} />
      <ErrorSummary
        title={sendingTexts[view.locale].problems}
        errors={message === undefined ? [] : [{ fieldId: isOfText ? 'body' : 'name', message }]}
      />
      <Panel width="reading">
        <Form
          action={id === null ? routes.templateNew : pathOf(routes.template, { id })}
          hidden={[csrfField(view)]}
        >
          <TextField
            id="name"
            name="name"
            label={text.name}
            help={text.nameHelp(LONGEST_NAME)}
            value={name}
            autocomplete="off"
            error={isOfText ? undefined : message}
          />
          <TextArea
            id="body"
            name="body"
            label={text.body}
            help={text.bodyHelp}
            rows={8}
            value={body}
            error={isOfText ? message : undefined}
          />
          <FormActions beside>
            <Button>{text.save}</Button>
            {id === null ? null : (
              <LinkButton kind="text" href={pathOf(routes.templateDelete, { id })}>
                {text.toDelete}
              </LinkButton>
            )}
          </FormActions>
        </Form>
      </Panel>
    </ConsoleLayout>
  );
}

/** Asks before a template is deleted. */
export function DeleteTemplatePage({
  view,
  person,
  template,
}: {
  view: View;
  person: Person;
  template: Template;
}) {
  const text = templateTexts[view.locale];
  return (
    <ConsoleLayout view={view} title={text.deleteTitle} person={person} current="templates">
      <PageHead
        title={text.deleteTitle}
        lead={text.deleteLead(template.name)}
        trail={[{ href: routes.templates, label: text.title }]}
      />
      <Panel width="reading">
        <Phone label={template.name} sender="SMS" text={template.body} empty="" />
        <Form action={pathOf(routes.templateDelete, { id: template.id })} hidden={[csrfField(view)]}>
          <FormActions beside>
            <Button kind="danger">{text.deleteIt}</Button>
            <LinkButton kind="text" href={routes.templates}>
              {text.keep}
            </LinkButton>
          </FormActions>
        </Form>
      </Panel>
    </ConsoleLayout>
  );
}

const BEGINNING = 60;

function beginning(body: string): string {
  const characters = [...body.replace(/\s+/g, ' ')];
  return characters.length > BEGINNING ? `${characters.slice(0, BEGINNING).join('')}…` : characters.join('');
}

function faultText(fault: TemplateFault, locale: Locale): string {
  const text = templateTexts[locale].faults;
  switch (fault) {
    case 'name-missing':
      return text.nameMissing;
    case 'name-too-long':
      return text.nameTooLong(LONGEST_NAME);
    case 'name-taken':
      return text.nameTaken;
    case 'too-many':
      return text.tooMany(MOST_TEMPLATES);
    case 'gone':
      return text.gone;
    case 'text-too-long':
      return text.tooLong(LONGEST_TEXT);
    case 'text-empty':
    case 'text-unreadable':
      return sendingTexts[locale].textFaults[fault];
  }
}
