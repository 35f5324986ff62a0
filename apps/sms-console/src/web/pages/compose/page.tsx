import {
  Beside,
  Button,
  CheckboxGroup,
  ErrorSummary,
  FieldRow,
  Form,
  FormActions,
  LinkButton,
  List,
  PageHead,
  Panel,
  RadioGroup,
  SelectField,
  Text,
  TextArea,
  TextField,
  TextLink,
} from '@hitokagi/design-system';
import { composeUrl, pathOf, routes } from '#app/routes.ts';
import type { AddressGroup } from '#domain/addresses/groups.ts';
import type { Review } from '#domain/campaigns/review.ts';
import { campaignName } from '#domain/campaigns/confirm.ts';
import type { Draft, DraftContent } from '#domain/drafts/drafts.ts';
import type { Person } from '#domain/people/people.ts';
import type { Template } from '#domain/templates/templates.ts';
import { japanDateAndTime } from '#support/primitives/japan-time.ts';
import { ConsoleLayout, csrfField, type View } from '#web/http/layout.tsx';
import { composeScript } from '#web/http/own-assets.ts';
import { grouped, sendingTexts } from '#web/http/sending-words.tsx';
import { momentText } from '#web/http/times.ts';
import { errorsOf, type FieldErrors } from './faults.ts';
import { PreviewParts, type Preview } from './preview.tsx';
import { composeTexts } from './text.ts';

export type ComposePageProps = {
  view: View;
  person: Person;
  /** Whose form it is, for the case that the session ends before it is sent. */
  owner: string;
  draftId: string;
  content: DraftContent;
  /** What was found when somebody wanted to go on; null while it is not looked for. */
  review: Review | null;
  groups: readonly AddressGroup[];
  templates: readonly Template[];
  preview: Preview;
  /** Other messages that this person has begun. */
  drafts: readonly Draft[];
  now: Date;
};

/** Where a message is written (R29). */
export function ComposePage(props: ComposePageProps) {
  const { view, person, review } = props;
  const text = composeTexts[view.locale];
  const errors = review === null ? {} : errorsOf(review, view.locale);
  return (
    <ConsoleLayout
      view={view}
      title={text.title}
      person={person}
      current="compose"
      scripts={[composeScript.path]}
    >
      <PageHead
        title={text.title}
        lead={text.lead}
        actions={
          <LinkButton kind="secondary" small href={routes.csvNew}>
            {text.byFile}
          </LinkButton>
        }
      />
      <ErrorSummary
        title={sendingTexts[view.locale].problems}
        errors={Object.entries(errors).flatMap(([fieldId, messages]) =>
          messages.map((message) => ({ fieldId, message })),
        )}
      />
      <Beside>
        <Panel>
          <ComposeForm {...props} errors={errors} />
        </Panel>
        <Panel title={text.preview.title} id="preview-panel">
          <div id="preview" class="ui-refresh" data-count-url={routes.composePreview}>
            <PreviewParts locale={view.locale} preview={props.preview} />
          </div>
        </Panel>
      </Beside>
      <Drafts {...props} />
    </ConsoleLayout>
  );
}

function ComposeForm(props: ComposePageProps & { errors: FieldErrors }) {
  const { view, content, errors, templates } = props;
  const text = composeTexts[view.locale];
  const hidden = [
    csrfField(view),
    { name: 'draft', value: props.draftId },
    { name: 'owner', value: props.owner },
  ];
  return (
    <Form id="compose" action={routes.compose} hidden={hidden}>
      <TextField
        id="name"
        name="name"
        label={text.name.label}
        mark={text.optional}
        help={text.name.help}
        value={content.name}
        autocomplete="off"
        error={errors.name?.[0]}
      />
      <TextArea
        id="recipients"
        name="recipients"
        label={text.recipients.label}
        help={text.recipients.help}
        rows={5}
        value={content.recipients}
        error={errors.recipients?.join(' ')}
      />
      <Groups {...props} />
      {templates.length === 0 ? null : (
        <FieldRow>
          <SelectField
            id="template"
            name="template"
            label={text.template.label}
            width="medium"
            choices={[
              { value: '', label: text.template.none },
              ...templates.map((one) => ({ value: one.id, label: one.name })),
            ]}
          />
          <Button kind="secondary" small name="act" value="template">
            {text.template.use}
          </Button>
        </FieldRow>
      )}
      <TextArea
        id="body"
        name="body"
        label={text.body.label}
        help={text.body.help}
        rows={8}
        value={content.body}
        error={errors.body?.join(' ')}
      />
      <div>
        <Button kind="secondary" small name="act" value="count">
          {text.body.count}
        </Button>
      </div>
      <When {...props} />
      <FormActions beside>
        <Button name="act" value="review">
          {text.review}
        </Button>
        <Button kind="secondary" name="act" value="save">
          {text.save}
        </Button>
      </FormActions>
      <p
        id="saved"
        class="ui-text ui-quiet"
        role="status"
        data-save-url={routes.composeSave}
        data-failed={text.live.failed}
      >
        {text.live.note}
      </p>
    </Form>
  );
}

function Groups({ view, content, groups }: ComposePageProps) {
  const text = composeTexts[view.locale].groups;
  if (groups.length === 0)
    return (
      <Text quiet>
        {text.none} <TextLink href={routes.addresses}>{text.make}</TextLink>
      </Text>
    );
  return (
    <CheckboxGroup
      id="group"
      name="group"
      label={text.label}
      help={text.help}
      value={content.groupIds}
      choices={groups.map((group) => ({
        value: group.id,
        label: group.name,
        help: text.entries(grouped(group.entries), group.columns.map((one) => `{${one}}`).join(' ')),
      }))}
    />
  );
}

function When({ view, content, errors, now }: ComposePageProps & { errors: FieldErrors }) {
  const text = composeTexts[view.locale].when;
  return (
    <>
      <RadioGroup
        id="when"
        name="when"
        label={text.label}
        value={content.when}
        choices={[
          { value: 'now', label: text.now },
          { value: 'later', label: text.later, help: text.zone },
        ]}
      />
      <FieldRow>
        <TextField
          id="date"
          name="date"
          type="date"
          label={text.date}
          value={content.date}
          min={japanDateAndTime(now).date}
          error={errors.date?.join(' ')}
        />
        <TextField id="time" name="time" type="time" label={text.time} value={content.time} />
      </FieldRow>
    </>
  );
}

function Drafts({ view, drafts }: ComposePageProps) {
  const text = composeTexts[view.locale].drafts;
  if (drafts.length === 0) return null;
  return (
    <Panel title={text.title} id="drafts">
      <List
        items={drafts.map((draft) => (
          <>
            <TextLink href={composeUrl({ draft: draft.id })}>
              {campaignName(draft.content.name, draft.content.body) || text.unnamed}
            </TextLink>{' '}
            ({text.savedAt(momentText(draft.savedAt, view.locale))})
            <form action={pathOf(routes.composeDelete, { draft: draft.id })} method="post" data-ui-once>
              <input type="hidden" {...csrfField(view)} />
              <Button kind="text" small>
                {text.remove(campaignName(draft.content.name, draft.content.body) || text.unnamed)}
              </Button>
            </form>
          </>
        ))}
      />
    </Panel>
  );
}
