import {
  Button,
  Chip,
  ErrorSummary,
  Form,
  FormActions,
  LinkButton,
  Literal,
  Name,
  PageHead,
  Pager,
  Panel,
  RadioGroup,
  SelectField,
  Table,
  Text,
  TextField,
  Unseen,
  type ShapeName,
  type Tone,
} from '@hitokagi/design-system';
import { pathOf, routes } from '#app/routes.ts';
import type { AddedMember } from '#domain/members/change-members.ts';
import type { Member } from '#domain/members/members.ts';
import type { Person } from '#domain/people/people.ts';
import { ROLES } from '#domain/people/roles.ts';
import { ConsoleLayout, csrfField, type View } from '#web/http/layout.tsx';
import { peopleTexts } from './text.ts';

export type Typed = { name: string; emailAddress: string; role: string; locale: string };
export type PeoplePageProps = {
  view: View;
  person: Person;
  members: readonly Member[];
  /** The id after which the next page begins. */
  next: string | null;
  isFirst: boolean;
  typed: Typed;
  fault: Extract<AddedMember, { ok: false }>['reason'] | null;
};

const LOOK = {
  active: { tone: 'success', shape: 'check' },
  waiting: { tone: 'info', shape: 'clock' },
  refused: { tone: 'danger', shape: 'cross' },
  inactive: { tone: 'neutral', shape: 'dash' },
} as const satisfies Record<string, { tone: Tone; shape: ShapeName }>;

/** The people of a company, and adding another one. */
export function PeoplePage(props: PeoplePageProps) {
  const { view, person, members, next, isFirst } = props;
  const text = peopleTexts[view.locale];
  return (
    <ConsoleLayout view={view} title={text.title} person={person} current="people">
      <PageHead title={text.title} lead={text.lead} />
      <Panel id="people">
        <Table
          caption={text.caption(person.company)}
          captionHidden
          columns={[
            { label: text.name, rowHeader: true },
            { label: text.address },
            { label: text.role },
            { label: text.state },
            { label: text.action },
          ]}
          rows={members.map((member) => ({
            key: member.id,
            cells: [
              <>
                <Name>{member.name}</Name> {member.id === person.id ? text.you : null}
              </>,
              <Literal>{member.emailAddress}</Literal>,
              text.roles[member.role],
              <MemberState view={view} member={member} />,
              <LinkButton kind="secondary" small href={pathOf(routes.personRole, { id: member.id })}>
                {text.change}
                <Unseen>: {member.name}</Unseen>
              </LinkButton>,
            ],
          }))}
        />
        <Pager
          label={text.title}
          position=""
          previous={isFirst ? undefined : { href: routes.people, label: text.first }}
          next={
            next === null
              ? undefined
              : { href: `${routes.people}?${new URLSearchParams({ after: next })}`, label: text.next }
          }
        />
      </Panel>
      <AddPerson {...props} />
    </ConsoleLayout>
  );
}

function MemberState({ view, member }: { view: View; member: Member }) {
  const text = peopleTexts[view.locale];
  const registered = member.registration === 'done' ? 'active' : member.registration;
  const state = member.active ? registered : 'inactive';
  const { tone, shape } = LOOK[state];
  return (
    <>
      <Chip tone={tone} shape={shape}>
        {text.states[state]}
      </Chip>
      {state === 'refused' ? (
        <Text quiet>{text.refused[member.reason === 'address-taken' ? 'address-taken' : 'other']}</Text>
      ) : null}
    </>
  );
}

function AddPerson({ view, typed, fault }: PeoplePageProps) {
  const all = peopleTexts[view.locale];
  const text = all.add;
  const isName = fault === 'name-missing' || fault === 'name-too-long';
  const error = fault === null ? undefined : text.errors[fault];
  return (
    <Panel title={text.title} id="add" width="reading">
      <ErrorSummary
        title={all.errorTitle}
        errors={error === undefined ? [] : [{ fieldId: isName ? 'name' : 'email_address', message: error }]}
      />
      <Form action={routes.people} hidden={[csrfField(view)]}>
        <TextField
          id="name"
          name="name"
          label={all.name}
          value={typed.name}
          autocomplete="off"
          error={isName ? error : undefined}
          required
        />
        <TextField
          id="email_address"
          name="email_address"
          type="email"
          label={text.address}
          help={text.addressHelp}
          value={typed.emailAddress}
          autocomplete="off"
          error={isName ? undefined : error}
          required
        />
        <RoleChoice view={view} value={typed.role === '' ? 'sender' : typed.role} />
        <SelectField
          id="person-language"
          name="locale"
          label={text.language}
          value={typed.locale}
          width="medium"
          choices={[
            { value: 'ja', label: '日本語' },
            { value: 'en', label: 'English' },
          ]}
        />
        <FormActions>
          <Button>{text.button}</Button>
        </FormActions>
      </Form>
    </Panel>
  );
}

function RoleChoice({ view, value }: { view: View; value: string }) {
  const text = peopleTexts[view.locale];
  return (
    <RadioGroup
      id="role"
      name="role"
      label={text.role}
      value={value}
      choices={ROLES.map((role) => ({ value: role, label: text.roles[role], help: text.roleHelp[role] }))}
    />
  );
}

/** One person: their role, and whether they may use the console. */
export function MemberPage({
  view,
  person,
  member,
  isLast,
}: {
  view: View;
  person: Person;
  member: Member;
  /** A change was refused: it would have left the company without an administrator. */
  isLast: boolean;
}) {
  const all = peopleTexts[view.locale];
  const text = all.one;
  const path = pathOf(routes.personRole, { id: member.id });
  return (
    <ConsoleLayout view={view} title={member.name} person={person} current="people">
      <PageHead
        title={member.name}
        lead={<Literal>{member.emailAddress}</Literal>}
        trail={[{ href: routes.people, label: all.title }]}
      />
      <ErrorSummary title={all.errorTitle} errors={isLast ? [{ message: text.last }] : []} />
      <Panel title={all.role} width="reading">
        {member.id === person.id ? <Text>{text.self}</Text> : null}
        <Form action={path} hidden={[csrfField(view)]}>
          <RoleChoice view={view} value={member.role} />
          <FormActions>
            <Button>{text.roleButton}</Button>
          </FormActions>
        </Form>
      </Panel>
      <Panel title={member.active ? text.leave : text.back} width="reading">
        <Form
          action={pathOf(routes.personActive, { id: member.id })}
          hidden={[csrfField(view), { name: 'active', value: member.active ? 'no' : 'yes' }]}
        >
          <Text>{member.active ? text.leaveLead(member.name) : text.backLead(member.name)}</Text>
          <FormActions>
            <Button kind={member.active ? 'danger' : 'primary'}>
              {member.active ? text.leaveButton : text.backButton}
            </Button>
          </FormActions>
        </Form>
      </Panel>
    </ConsoleLayout>
  );
}
