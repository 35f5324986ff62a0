import pg from 'pg';
import { vi } from 'vitest';

/** What the login server's own pool sends while `act` runs; the job queue's polling is no part of it. */
export async function statementsOf(act: () => Promise<void>): Promise<string[]> {
  const texts: string[] = [];
  const original = Object.getOwnPropertyDescriptor(pg.Client.prototype, 'query')?.value as (
    ...args: unknown[]
  ) => unknown;
  const spy = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
    this: pg.Client & { connectionParameters: { application_name?: string } },
    ...args: unknown[]
  ) {
    const [asked] = args;
    if (this.connectionParameters.application_name === 'hitokagi')
      texts.push(typeof asked === 'string' ? asked : ((asked as { text?: string }).text ?? ''));
    return original.apply(this, args) as never;
  } as never);
  try {
    await act();
  } finally {
    spy.mockRestore();
  }
  return texts;
}
