import { changeConsole } from '#domain/consoles/change.ts';
import { createConsole } from '#domain/consoles/create.ts';
import { faultSentence } from '#domain/consoles/fault-sentence.ts';
import type { SettingFault } from '#domain/consoles/faults.ts';
import { makeSecret, secretUsed } from '#domain/consoles/secrets.ts';
import { PLAIN_SETTINGS, settingsOf, type ConsoleSettings } from '#domain/consoles/settings.ts';
import { addOperator, listOperators } from '#domain/operators/operators.ts';
import { changeSettings } from '#domain/settings/change.ts';
import { settingProblemSentence } from '#domain/settings/problem-sentence.ts';
import type { EnvironmentSettings } from '#domain/settings/table.ts';
import type { Db } from '#support/db/database.ts';
import type { OperatorRole } from '#support/db/schema.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { DescribedConsole, FileFault, FilePath, SetUpFile } from './file.ts';
import { texts } from './texts.ts';

/** One thing that is described, or is there and is not, and what becomes of it. */
export type SetUpStep = {
  kind: 'setting' | 'console' | 'secret' | 'operator';
  name: string;
  change: 'created' | 'changed' | 'unchanged' | 'left';
  /** What of it changes; never a secret. */
  fields?: readonly { field: string; from: unknown; to: unknown }[];
};

export type ApplyResult =
  | { ok: true; steps: readonly SetUpStep[] }
  | { ok: false; reason: 'unfit'; faults: readonly FileFault[] }
  | { ok: false; reason: 'changed-meanwhile' };

export type ApplyDeps = {
  db: Db;
  environmentSettings: EnvironmentSettings;
  allowedInternalHosts: readonly string[];
  /** The value that a reference leads to; undefined when it cannot be read. */
  secretOf(reference: string): Promise<string | undefined>;
};

/** The same as for the master key. */
const SHORTEST_SECRET = 32;

/**
 * Brings settings, consoles and operators to the described state: all of it in one transaction or nothing. What is not described is left as it is and said. Whoever does it twice
 * changes nothing the second time.
 * @param options.dryRun does the same and takes it back: the steps are what would happen
 * @param options.expected the steps that were shown; when it would come out otherwise now, nothing is done
 */
export async function applySetUp(
  deps: ApplyDeps,
  file: SetUpFile,
  options: { dryRun: boolean; locale: Locale; expected?: readonly SetUpStep[] },
  by: { actor: string; now: Date },
): Promise<ApplyResult> {
  const secrets = await secretsOf(deps, file, options.locale);
  if (secrets.faults.length > 0) return { ok: false, reason: 'unfit', faults: secrets.faults };
  try {
    const steps = await deps.db.transaction().execute(async (trx) => {
      const work = new Work(trx, deps, file, options.locale, by);
      await work.settings();
      await work.consoles(secrets.values);
      await work.operators();
      if (work.faults.length > 0) throw new TakenBack({ ok: false, reason: 'unfit', faults: work.faults });
      if (options.expected && JSON.stringify(options.expected) !== JSON.stringify(work.steps))
        throw new TakenBack({ ok: false, reason: 'changed-meanwhile' });
      if (options.dryRun) throw new TakenBack({ ok: true, steps: work.steps });
      return work.steps;
    });
    return { ok: true, steps };
  } catch (error) {
    if (error instanceof TakenBack) return error.result;
    throw error;
  }
}

/** Ends the transaction without a trace. */
class TakenBack extends Error {
  readonly result: ApplyResult;
  constructor(result: ApplyResult) {
    super('taken back');
    this.result = result;
  }
}

class Work {
  readonly steps: SetUpStep[] = [];
  readonly faults: FileFault[] = [];
  private readonly trx: Db;
  private readonly deps: ApplyDeps;
  private readonly file: SetUpFile;
  private readonly locale: Locale;
  private readonly by: { actor: string; now: Date };

  constructor(trx: Db, deps: ApplyDeps, file: SetUpFile, locale: Locale, by: { actor: string; now: Date }) {
    this.trx = trx;
    this.deps = deps;
    this.file = file;
    this.locale = locale;
    this.by = by;
  }

  async settings(): Promise<void> {
    const wanted = this.file.setUp.settings ?? {};
    const by = { ...this.by, revision: undefined };
    const result = await changeSettings(this.trx, this.deps.environmentSettings, wanted, by);
    if (!result.ok) {
      for (const problem of result.reason === 'setting-unfit' ? result.problems : [])
        this.fault(['settings', problem.key], settingProblemSentence(problem, this.locale));
      return;
    }
    for (const name of Object.keys(wanted)) {
      const change = result.changes.find((one) => one.key === name);
      this.steps.push(
        change
          ? {
              kind: 'setting',
              name,
              change: 'changed',
              fields: [{ field: name, from: change.from, to: change.to }],
            }
          : { kind: 'setting', name, change: 'unchanged' },
      );
    }
  }

  async consoles(secrets: ReadonlyMap<string, string>): Promise<void> {
    const described = this.file.setUp.consoles ?? [];
    const rows = await this.trx.selectFrom('console').selectAll().orderBy('client_id').forUpdate().execute();
    for (const [i, one] of described.entries()) {
      const row = rows.find((console) => console.client_id === one.clientId);
      const secret = secrets.get(one.clientId);
      if (!row) await this.createConsole(one, secret, i);
      else {
        const by = {
          ...this.by,
          revision: row.revision,
          allowedInternalHosts: this.deps.allowedInternalHosts,
        };
        const before = settingsOf(row);
        const result = await changeConsole(this.trx, one.clientId, settingsIn(one), by);
        if (result.ok) {
          const fields = result.changed.map((field) => ({
            field,
            from: before[field],
            to: settingsOf(result.console)[field],
          }));
          const change = fields.length > 0 ? 'changed' : 'unchanged';
          this.steps.push({
            kind: 'console',
            name: one.clientId,
            change,
            ...(fields.length > 0 ? { fields } : {}),
          });
        } else if (result.reason === 'settings-unfit') this.consoleFaults(i, result.faults);
        if (secret !== undefined) await this.secret(one.clientId, row, secret, i);
      }
    }
    for (const row of rows)
      if (!described.some((one) => one.clientId === row.client_id))
        this.steps.push({ kind: 'console', name: row.client_id, change: 'left' });
  }

  async operators(): Promise<void> {
    const described = this.file.setUp.operators ?? [];
    const before = await listOperators(this.trx);
    // Administrators first, so that one can take the place of another.
    const inOrder = [...described.entries()].sort(
      ([, a], [, b]) => Number(b.role === 'administrator') - Number(a.role === 'administrator'),
    );
    const seen = new Set<string>();
    const steps = new Map<number, SetUpStep>();
    for (const [i, { loginId, role }] of inOrder) {
      const result = await addOperator(this.trx, { emailAddress: loginId, role }, this.by);
      if (!result.ok) {
        this.fault(['operators', i, 'loginId'], texts[this.locale][result.reason]);
        continue;
      }
      seen.add(result.accountId);
      const had: OperatorRole | undefined = before.find((one) => one.accountId === result.accountId)?.role;
      steps.set(i, {
        kind: 'operator',
        name: loginId,
        change: result.change === 'added' ? 'created' : had === role ? 'unchanged' : 'changed',
        ...(had === role ? {} : { fields: [{ field: 'role', from: had ?? null, to: role }] }),
      });
    }
    for (const i of described.keys()) {
      const step = steps.get(i);
      if (step) this.steps.push(step);
    }
    for (const one of before)
      if (!seen.has(one.accountId) && !described.some(({ loginId }) => isSame(loginId, one.emailAddress)))
        this.steps.push({ kind: 'operator', name: one.emailAddress, change: 'left' });
  }

  private async createConsole(one: DescribedConsole, secret: string | undefined, i: number): Promise<void> {
    const t = texts[this.locale];
    if (secret === undefined) return this.fault(['consoles', i, 'clientId'], t.secretMissing);
    const settings = { ...PLAIN_SETTINGS, ...settingsIn(one) };
    const { allowedInternalHosts } = this.deps;
    const by = { ...this.by, allowedInternalHosts, clientSecret: secret };
    const result = await createConsole(this.trx, one.clientId, settings, by);
    if (!result.ok)
      return result.reason === 'settings-unfit'
        ? this.consoleFaults(i, result.faults)
        : this.fault(['consoles', i, 'clientId'], t.changedMeanwhile);
    this.steps.push({ kind: 'console', name: one.clientId, change: 'created' });
  }

  private async secret(
    clientId: string,
    row: Parameters<typeof secretUsed>[0],
    secret: string,
    i: number,
  ): Promise<void> {
    if (secretUsed(row, secret) !== undefined)
      return void this.steps.push({ kind: 'secret', name: clientId, change: 'unchanged' });
    const result = await makeSecret(this.trx, clientId, this.by, secret);
    if (!result.ok) return this.fault(['consoles', i, 'clientSecret'], texts[this.locale].twoSecrets);
    this.steps.push({ kind: 'secret', name: clientId, change: 'created' });
  }

  private consoleFaults(i: number, faults: readonly SettingFault[]): void {
    for (const one of faults)
      this.fault(['consoles', i, ...placeOf(one.field)], faultSentence(one, this.locale));
  }

  private fault(path: FilePath, message: string): void {
    this.faults.push({ line: this.file.lineOf(path), path: path.join('.'), message });
  }
}

/** The secrets that are referred to, read before anything else is done. */
async function secretsOf(
  deps: ApplyDeps,
  { setUp, lineOf }: SetUpFile,
  locale: Locale,
): Promise<{ values: ReadonlyMap<string, string>; faults: readonly FileFault[] }> {
  const t = texts[locale];
  const values = new Map<string, string>();
  const faults: FileFault[] = [];
  for (const [i, { clientId, clientSecret: reference }] of (setUp.consoles ?? []).entries()) {
    if (reference === undefined) continue;
    const value = (await deps.secretOf(reference))?.trim();
    if (value !== undefined && value.length >= SHORTEST_SECRET) values.set(clientId, value);
    else {
      const path = ['consoles', i, 'clientSecret'];
      const message =
        value === undefined || value === '' ? t.secretUnreadable(reference) : t.secretWeak(reference);
      faults.push({ line: lineOf(path), path: path.join('.'), message });
    }
  }
  return { values, faults };
}

/** What is described of a console, as the domain has it. */
function settingsIn(described: DescribedConsole): Partial<ConsoleSettings> {
  const { clientId: _, clientSecret: __, name, supportContact, ...settings } = described;
  const named = {
    nameJa: name?.ja,
    nameEn: name?.en,
    supportContactJa: supportContact?.ja,
    supportContactEn: supportContact?.en,
    ...settings,
  };
  return Object.fromEntries(
    Object.entries(named).filter(([, value]) => value !== undefined),
  ) as Partial<ConsoleSettings>;
}

/** Where a setting of a console stands in the file. */
function placeOf(field: SettingFault['field']): FilePath {
  const PLACES: Partial<Record<SettingFault['field'], FilePath>> = {
    nameJa: ['name', 'ja'],
    nameEn: ['name', 'en'],
    supportContactJa: ['supportContact', 'ja'],
    supportContactEn: ['supportContact', 'en'],
  };
  return PLACES[field] ?? [field];
}

function isSame(loginId: string, emailAddress: string): boolean {
  const one = parseEmailAddress(loginId);
  const other = parseEmailAddress(emailAddress);
  return one.ok && other.ok && one.key === other.key;
}
