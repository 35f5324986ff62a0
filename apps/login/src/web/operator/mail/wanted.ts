import type { FastifyRequest } from 'fastify';
import type { MailFate } from '#domain/person/mail-ledger.ts';
import { query } from '#web/http/request.ts';

/** What the address of the list asks for. */
export type Wanted = {
  address?: string | undefined;
  template?: string | undefined;
  fate?: MailFate | undefined;
};

export const FATES: readonly MailFate[] = [
  'waiting',
  'deferred',
  'accepted',
  'refused',
  'bounced',
  'dropped',
];

/** Reads the address; what is no choice is left out. */
export function wantedOf(request: FastifyRequest): Wanted {
  const typed = (name: string): string | undefined =>
    query(request, name)?.trim().slice(0, 320).replaceAll('\0', '').toWellFormed() || undefined;
  return {
    address: typed('address'),
    template: typed('template'),
    fate: FATES.find((one) => one === typed('fate')),
  };
}
