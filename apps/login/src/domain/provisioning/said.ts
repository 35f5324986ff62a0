import type { Profile } from './people.ts';

/** What a provider says of a person: the whole of it, as it is to be. */
export type SaidOfUser = {
  userName: string;
  externalId: string | null;
  profile: Profile;
  /** Empty: none is said. */
  company: string;
  active: boolean;
};

/** The name that people are called by, of the parts that were given. */
export function nameIn({ displayName, name }: Profile): string {
  return displayName ?? name?.formatted ?? [name?.familyName, name?.givenName].filter(Boolean).join(' ');
}
