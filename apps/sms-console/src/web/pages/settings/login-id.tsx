import type { LoginIdChangeReason } from '@hitokagi/console-kit';
import {
  Button,
  Form,
  FormActions,
  Literal,
  Name,
  Notice,
  Panel,
  Table,
  Text,
} from '@hitokagi/design-system';
import { routes } from '#app/routes.ts';
import type { LoginIdNews, PastChange } from '#domain/login-id-change/login-id-change.ts';
import { Kept } from '#web/http/kept.tsx';
import { csrfField, type View } from '#web/http/layout.tsx';
import { momentText } from '#web/http/times.ts';
import { settingsTexts } from './text.ts';

/** What happened to the person's address without them at this page (R18), until they say that they have read it. */
export function LoginIdNewsNotices({ view, news }: { view: View; news: LoginIdNews }) {
  const text = settingsTexts[view.locale].news;
  const { changed, failed, waitingAddress } = news;
  return (
    <>
      {waitingAddress === null ? null : (
        <Notice tone="warning" toneLabel={text.labels.warning} title={text.waiting.title}>
          <Text>
            <Kept text={text.waiting.body(waitingAddress)} names={[waitingAddress]} />
          </Text>
        </Notice>
      )}
      {changed === null ? null : (
        <Notice tone="info" toneLabel={text.labels.info} title={text[changed.cause].title}>
          <Text>
            <Kept
              text={text[changed.cause].body(
                changed.previous,
                changed.address,
                momentText(changed.at, view.locale),
              )}
              names={[changed.previous, changed.address]}
            />{' '}
            {text.stranger}
          </Text>
          <Seen view={view} />
        </Notice>
      )}
      {failed === null || changed !== null || waitingAddress !== null ? null : (
        <Notice tone="warning" toneLabel={text.labels.warning} title={text.failed.title(failed.newAddress)}>
          <Text>{reasonText(failed.reason, view)}</Text>
          <Seen view={view} />
        </Notice>
      )}
    </>
  );
}

function Seen({ view }: { view: View }) {
  return (
    <Form action={routes.settingsEmailSeen} hidden={[csrfField(view)]}>
      <FormActions beside>
        <Button kind="secondary" small>
          {settingsTexts[view.locale].news.seen}
        </Button>
      </FormActions>
    </Form>
  );
}

function reasonText(reason: LoginIdChangeReason | null, view: View): string {
  const text = settingsTexts[view.locale].news.failed;
  switch (reason) {
    case 'user-unknown':
      return text.userUnknown;
    case 'address-malformed':
      return text.addressMalformed;
    case 'address-unchanged':
      return text.addressUnchanged;
    case 'too-many':
      return text.tooMany;
    case 'address-taken':
      return `${text.addressTaken} ${text.unchanged}`;
    case 'address-reserved':
      return `${text.addressReserved} ${text.unchanged}`;
    case 'changed-meanwhile':
      return text.changedMeanwhile;
    case 'kept-by-administrators':
      return `${text.keptByAdministrators} ${text.unchanged}`;
    case 'undone':
      return text.undone;
    case 'change-ended':
    case 'change-unknown':
      return `${text.ended} ${text.unchanged}`;
    case 'address-in-use':
    case 'by-person':
    case 'replaced':
    case null:
      return text.unchanged;
  }
}

/** Who of the company got another address, when, and where it was changed. */
export function AddressHistoryPanel({ view, changes }: { view: View; changes: readonly PastChange[] }) {
  const text = settingsTexts[view.locale].history;
  if (changes.length === 0) return null;
  return (
    <Panel title={text.title} id="address-history">
      <Text quiet>{text.lead}</Text>
      <Table
        caption={text.caption}
        captionHidden
        columns={[
          { label: text.at, rowHeader: true },
          { label: text.person },
          { label: text.previous },
          { label: text.address },
          { label: text.cause },
        ]}
        rows={changes.map((one, index) => ({
          key: String(index),
          cells: [
            <time dateTime={one.at.toISOString()}>{momentText(one.at, view.locale)}</time>,
            <Name>{one.name}</Name>,
            <Literal>{one.previous}</Literal>,
            <Literal>{one.address}</Literal>,
            text.causes[one.cause],
          ],
        }))}
      />
    </Panel>
  );
}
