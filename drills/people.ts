/** One sample person of the drill. */
export type DrillPerson = {
  readonly number: number;
  emailAddress: string;
  readonly name: string;
  readonly company: string;
  readonly locale: 'ja' | 'en';
  /** The console's own user id, once the console knows them. */
  userId: string;
  readonly clientAddress: string;
};

/** In the console, of everybody. */
export const LEGACY_PASSWORD = 'Mihon-2026';
/** At the unified login, of everybody who has moved; meets R5. */
export const UNIFIED_PASSWORD = 'Kawa-no-oto 41 desu';

const COMPANIES = 200;

/** `count` sample people of up to 200 sample companies; every tenth reads English. */
export function samplePeople(count: number): DrillPerson[] {
  return Array.from({ length: count }, (_, index) => {
    const number = index + 1;
    const digits = String(number).padStart(5, '0');
    const english = number % 10 === 0;
    return {
      number,
      emailAddress: `drill${digits}@example.co.jp`,
      name: english ? `Sample Person ${digits}` : `見本 花子 ${digits}`,
      company: `見本商事 ${String((index % COMPANIES) + 1).padStart(3, '0')} 株式会社`,
      locale: english ? 'en' : 'ja',
      userId: '',
      clientAddress: `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
    };
  });
}

/** The people as a console exports them for the import (R20). */
export function peopleAsCsv(people: readonly DrillPerson[]): string {
  const rows = people.map((one) =>
    [one.userId, one.emailAddress, one.name, one.company, one.locale].join(','),
  );
  return `${['ユーザーID,メールアドレス,氏名,会社名,言語', ...rows].join('\r\n')}\r\n`;
}
