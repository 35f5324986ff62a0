import type { Db } from '#support/db/database.ts';
import { chainEnd, type ChainEnd } from './seal.ts';

/** The head as one word that an operator keeps outside of this database: `12345:9f86d0…`. */
export async function auditHead(db: Db): Promise<{ number: string; hash: string; text: string }> {
  const end = await chainEnd(db);
  return { number: end.number, hash: end.hash.toString('hex'), text: headText(end) };
}

export function headText({ number, hash }: ChainEnd): string {
  return `${number}:${hash.toString('hex')}`;
}

/** The head that a word says; undefined for anything else. */
export function headOf(text: string): ChainEnd | undefined {
  const [, number, hash] = /^(0|[1-9]\d{0,17}):([0-9a-f]{64})$/i.exec(text.trim()) ?? [];
  return number !== undefined && hash !== undefined ? { number, hash: Buffer.from(hash, 'hex') } : undefined;
}
