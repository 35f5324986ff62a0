import { drillAttacks } from './attacks.ts';
import { drillBothLogins } from './both-logins.ts';
import { drillCutover } from './cutover/play.ts';
import { drillFailover } from './failover/drill.ts';
import { whatIsMissing } from './failover/processes.ts';
import { drillHistory } from './history/drill.ts';
import { drillLoginIds } from './login-id/drill.ts';
import { drillLogout } from './logout/play.ts';
import { drillFaults } from './nodes/faults.ts';
import { drillSoak } from './nodes/soak.ts';
import { drillRolling } from './nodes/rolling.ts';
import { readOptions, type Options } from './options.ts';
import { passed, printed, type Report } from './report.ts';
import { drillSms } from './sms/drill.ts';
import { ownDatabases, type Databases } from './world.ts';

/** For a drill that makes its own. */
const NONE: Databases = {
  fresh: () => Promise.reject(new Error('This drill has no such database.')),
  close: async () => undefined,
};

// npm run drill -- NAME: plays a survival campaign on the running system and prints its report; exit code 1 when a figure that must be 0 is not.
const read = readOptions(process.argv.slice(2));
if (!read.ok) {
  process.stderr.write(`${read.problem}\n`);
  process.exitCode = 1;
} else if (read.options.drill === 'failover' && whatIsMissing() !== undefined) {
  process.stdout.write(`Skipped. ${whatIsMissing()}\n`);
} else {
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  // The fail-over has a cluster of its own, and says how to end it.
  const databases = read.options.drill === 'failover' ? NONE : await ownDatabases();
  // A drill that is stopped takes its database with it.
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    // What is cut off in the middle of its work may complain; nobody listens any more.
    for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, () => undefined);
    stopping ??= databases.close().finally(() => process.exit(1));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    const { options } = read;
    const play = (drill: Options): Promise<Report> => {
      switch (drill.drill) {
        case 'cutover':
          return drillCutover(databases, { ...drill, tell });
        case 'both-logins':
          return drillBothLogins(databases, { ...drill, tell });
        case 'login-id':
          return drillLoginIds(databases, { ...drill, tell });
        case 'rolling':
          return drillRolling({ ...drill, tell });
        case 'soak':
          return drillSoak({ ...drill, tell });
        case 'attacks':
          return drillAttacks({ ...drill, tell });
        case 'faults':
          return drillFaults({ ...drill, tell });
        case 'history':
          return drillHistory({ ...drill, tell });
        case 'logout':
          return drillLogout(databases, { ...drill, tell });
        case 'sms':
          return drillSms(databases, { ...drill, tell });
        case 'failover':
          return drillFailover({ ...drill, tell, onOpen: (close) => (databases.close = close) });
      }
    };
    const report = await play(options);
    process.stdout.write(printed(report));
    process.exitCode = passed(report) ? 0 : 1;
  } finally {
    await databases.close();
  }
}
