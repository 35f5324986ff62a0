import {
  Button,
  ErrorSummary,
  Form,
  FormActions,
  LinkButton,
  PageHead,
  Panel,
  Table,
  Text,
  TextField,
  TextLink,
  Unseen,
} from '@hitokagi/design-system';
import { composeUrl, pathOf, routes } from '#app/routes.ts';
import { LONGEST_NAME, MOST_GROUPS, type AddressGroup, type GroupFault } from '#domain/addresses/groups.ts';
import type { Person } from '#domain/people/people.ts';
import { mayDo } from '#domain/people/roles.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { ConsoleLayout, csrfField, type View } from '#web/http/layout.tsx';
import { grouped, sendingTexts } from '#web/http/sending-words.tsx';
import { addressTexts } from './text.ts';

export type GroupsPageProps = {
  view: View;
  person: Person;
  groups: readonly AddressGroup[];
  optOuts: number;
  typed: string;
  fault: GroupFault | null;
};

/** The company's address groups and the way to its list of numbers that get nothing. */
export function GroupsPage({ view, person, groups, optOuts, typed, fault }: GroupsPageProps) {
  const text = addressTexts[view.locale];
  const maySend = mayDo(person.role, 'send');
  const error = fault === null ? undefined : groupFaultText(fault, view.locale);
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="addresses">
      <PageHead
        title={text.title}
        lead={text.lead}
        actions={
          <LinkButton kind="secondary" small href={routes.optOuts}>
            {text.optOuts(grouped(optOuts))}
          </LinkButton>
        }
      />
      <Panel title={text.groups}>
        <Table
          caption={text.groups}
          captionHidden
          columns={[
            { label: text.name, rowHeader: true },
            { label: text.entries, align: 'end' },
            { label: text.columns },
            ...(maySend ? [{ label: text.act }] : []),
          ]}
          empty={<Text>{text.empty}</Text>}
          rows={groups.map((group) => ({
            key: group.id,
            cells: [
              <TextLink href={pathOf(routes.group, { id: group.id })}>{group.name}</TextLink>,
              grouped(group.entries),
              group.columns.join(view.locale === 'ja' ? '、' : ', '),
              ...(maySend
                ? [
                    <LinkButton kind="secondary" small href={composeUrl({ group: group.id })}>
                      {text.send}
                      <Unseen>: {group.name}</Unseen>
                    </LinkButton>,
                  ]
                : []),
            ],
          }))}
        />
      </Panel>
      {mayDo(person.role, 'change-addresses') ? (
        <Panel title={text.newGroup} width="reading">
          <ErrorSummary
            title={sendingTexts[view.locale].problems}
            errors={error === undefined ? [] : [{ fieldId: 'name', message: error }]}
          />
          <Form action={routes.addresses} hidden={[csrfField(view)]}>
            <TextField
              id="name"
              name="name"
              label={text.name}
              help={text.nameHelp}
              value={typed}
              autocomplete="off"
              error={error}
            />
            <FormActions beside>
              <Button>{text.make}</Button>
            </FormActions>
          </Form>
        </Panel>
      ) : null}
    </ConsoleLayout>
  );
}

/** Asks before a group with its entries is deleted. */
export function DeleteGroupPage({
  view,
  person,
  group,
}: {
  view: View;
  person: Person;
  group: AddressGroup;
}) {
  const text = addressTexts[view.locale];
  const path = pathOf(routes.group, { id: group.id });
  return (
    <ConsoleLayout view={view} title={text.deleteTitle} person={person} current="addresses">
      <PageHead
        title={text.deleteTitle}
        lead={text.deleteLead(group.name, grouped(group.entries))}
        trail={[
          { href: routes.addresses, label: text.title },
          { href: path, label: group.name },
        ]}
      />
      <Panel width="reading">
        <Form action={pathOf(routes.groupDelete, { id: group.id })} hidden={[csrfField(view)]}>
          <FormActions beside>
            <Button kind="danger">{text.deleteIt}</Button>
            <LinkButton kind="text" href={path}>
              {text.keep}
            </LinkButton>
          </FormActions>
        </Form>
      </Panel>
    </ConsoleLayout>
  );
}

function groupFaultText(fault: GroupFault, locale: Locale): string {
  const text = addressTexts[locale].groupFaults;
  switch (fault) {
    case 'name-missing':
      return text.nameMissing;
    case 'name-too-long':
      return text.nameTooLong(LONGEST_NAME);
    case 'name-taken':
      return text.nameTaken;
    case 'too-many-groups':
      return text.tooMany(MOST_GROUPS);
  }
}
