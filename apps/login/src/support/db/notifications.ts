import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { SECOND } from '#support/primitives/durations.ts';
import { KNOWN_AFTER } from './database.ts';

/**
 * Listens on one connection of its own for notifications of other nodes (LISTEN/NOTIFY), and reconnects when it breaks. Notifications can be lost, so
 * whoever relies on them has a longest age as the net below; after each reconnect every handler runs once, without payload: anything may have happened meanwhile.
 * @param handlers by channel; each gets the payload that was notified
 */
export function listenForNotifications(
  databaseUrl: string,
  handlers: Readonly<Record<string, (payload?: string) => void>>,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const stopped = new Promise<void>((stop) =>
    stopping.signal.addEventListener('abort', () => stop(), { once: true }),
  );
  const running = listen();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };

  async function listen(): Promise<void> {
    while (!stopping.signal.aborted) {
      const connection = new pg.Client({
        connectionString: databaseUrl,
        application_name: 'hitokagi-notifications',
        keepAlive: true,
        keepAliveInitialDelayMillis: KNOWN_AFTER,
      });
      const ended = new Promise<void>((end) => connection.once('end', end).on('error', () => end()));
      connection.on('notification', ({ channel, payload }) => handlers[channel]?.(payload));
      try {
        await connection.connect();
        for (const channel of Object.keys(handlers))
          await connection.query(`listen ${connection.escapeIdentifier(channel)}`);
        for (const handle of Object.values(handlers)) handle();
        await Promise.race([ended, stopped]);
      } catch {
        // The next round tries again; readers see at worst what they kept.
      }
      await connection.end().catch(() => undefined);
      if (!stopping.signal.aborted)
        await pause(1 * SECOND, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }
}
