import type { Locale } from '#support/primitives/locale.ts';
import type { Fault } from './refusals.ts';
import type { Person } from './rows.ts';

/** What a decision needs to know of an account. `linkedId` is its user id in the console that imports, if it has one there. */
export type KnownAccount = {
  id: string;
  key: string;
  address: string;
  name: string;
  company: string;
  locale: Locale | null;
  closed: boolean;
  linkedId: string | null;
  linkedApiOnly: boolean | null;
};

/** What is empty in an account and given in the row. */
export type Fill = { accountId: string; name: string; company: string; locale: Locale | null };

export type Decision =
  | { do: 'create' }
  | { do: 'link'; accountId: string; fill: Fill | undefined }
  /** The file is the console's own word for `api_only`, so there a row that says otherwise wins. */
  | { do: 'fill'; fill: Fill | undefined }
  | { do: 'nothing' }
  | { do: 'refuse'; fault: Fault };

/**
 * What becomes of one person of a file (R20). The console's immutable user id is asked first: a user whom we know stays with that account,
 * and an address that differs is reported, not taken (only R18 changes a login ID). Then the address: an account that another console
 * brought gets a second link. An address that lately was a login ID is kept for its owner (R18): no new account gets it. What an account already has is never overwritten.
 */
export function decide(
  person: Person,
  byId: KnownAccount | undefined,
  byAddress: KnownAccount | undefined,
  isReserved = false,
): Decision {
  const account = byId ?? byAddress;
  if (!account)
    return isReserved ? refuse({ reason: 'address-reserved', value: person.address }) : { do: 'create' };
  if (byId && byId.key !== person.key)
    return refuse({ reason: 'address-differs', value: person.address, loginId: byId.address });
  if (!byId && account.linkedId !== null)
    return refuse({ reason: 'address-of-another-user', value: person.address, otherId: account.linkedId });
  if (account.closed) return refuse({ reason: 'account-closed' });
  const fill = whatIsEmpty(account, person);
  if (!byId) return { do: 'link', accountId: account.id, fill };
  const apiOnlyDiffers = person.apiOnly !== null && person.apiOnly !== byId.linkedApiOnly;
  return fill || apiOnlyDiffers ? { do: 'fill', fill } : { do: 'nothing' };
}

function whatIsEmpty(account: KnownAccount, person: Person): Fill | undefined {
  const fill = {
    accountId: account.id,
    name: account.name === '' ? person.name : '',
    company: account.company === '' ? person.company : '',
    locale: account.locale === null ? person.locale : null,
  };
  return fill.name !== '' || fill.company !== '' || fill.locale !== null ? fill : undefined;
}

function refuse(fault: Fault): Decision {
  return { do: 'refuse', fault };
}
