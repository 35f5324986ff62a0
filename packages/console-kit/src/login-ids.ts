/** What an address of the login server came to in the console's own user record. */
export type AppliedLoginId = 'applied' | 'known' | 'user-unknown' | 'address-in-use';

/** The login IDs in the console's own user records (R18). */
export type LoginIdStore = {
  /**
   * Takes an address over from the login server, in one transaction and only if `version` is greater than the one that the record has: changes may arrive twice and in any order.
   * `known`: the record is as new or newer; `address-in-use`: another user of this console has the address.
   */
  apply(change: { consoleUserId: string; emailAddress: string; version: number }): Promise<AppliedLoginId>;
};
