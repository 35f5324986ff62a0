import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../journeys/free-port.ts';

/** Debian's Kannel as a client of an SMPP gateway, which it is bound to as `kannel`. */
export type Kannel = {
  /** Where its smsbox takes messages, for the user `sample` with the password `mihon`. */
  readonly sendUrl: string;
  /** Starts smsbox and waits until it answers. */
  startSmsbox(): Promise<void>;
  /** Kills smsbox as a crash does. */
  killSmsbox(): Promise<void>;
  stop(): Promise<void>;
};

const LONGEST_START = 20_000;

/** Starts bearerbox and smsbox. `isBound` says whether the gateway at the port `smpp` sees it bound. */
export async function startKannel({
  smpp,
  isBound,
}: {
  smpp: number;
  isBound: () => boolean;
}): Promise<Kannel> {
  const folder = await mkdtemp(join(tmpdir(), 'hitokagi-kannel-'));
  const [admin, box, http] = [await freePort(), await freePort(), await freePort()];
  const settings = join(folder, 'kannel.conf');
  const sendUrl = `http://127.0.0.1:${http}/cgi-bin/sendsms`;
  await writeFile(settings, configuration({ admin, box, http, smpp }));
  const start = (program: string): ChildProcess =>
    spawn(program, ['-v', '4', settings], { cwd: folder, stdio: 'ignore' });
  let smsbox: ChildProcess | null = null;
  const bearerbox = start('bearerbox');
  const kannel: Kannel = {
    sendUrl,
    async startSmsbox() {
      smsbox = start('smsbox');
      await until('smsbox answers', () =>
        fetch(sendUrl).then(
          () => true,
          () => false,
        ),
      );
    },
    async killSmsbox() {
      if (smsbox !== null) await kill(smsbox);
      smsbox = null;
    },
    async stop() {
      await kannel.killSmsbox();
      await kill(bearerbox);
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await until('bearerbox is bound', () => Promise.resolve(isBound()));
    await kannel.startSmsbox();
  } catch (error) {
    await kannel.stop();
    throw error;
  }
  return kannel;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const latest = performance.now() + LONGEST_START;
  while (!(await isSo())) {
    if (performance.now() > latest) throw new Error(`Kannel did not start: not in time until ${what}`);
    await pause(20);
  }
}

function configuration(ports: { admin: number; box: number; http: number; smpp: number }): string {
  return `group = core
admin-port = ${ports.admin}
admin-password = sample
status-password = sample
admin-allow-ip = "127.0.0.1"
smsbox-port = ${ports.box}
box-allow-ip = "127.0.0.1"
dlr-storage = internal

group = smsc
smsc = smpp
smsc-id = simulator
host = 127.0.0.1
port = ${ports.smpp}
transceiver-mode = true
smsc-username = kannel
smsc-password = mihon
system-type = ""
reconnect-delay = 1
enquire-link-interval = 5

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = ${ports.http}
global-sender = 0312345678
http-request-retry = 5
http-queue-delay = 1

group = sendsms-user
username = sample
password = mihon
concatenation = true
max-messages = 10
`;
}
