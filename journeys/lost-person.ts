import { expect } from './expect.ts';
import { codeIn } from './mail.ts';
import { NEW_PASSWORD, setPassword, signIn, wordsOf } from './pages.ts';
import type { Visitor } from './visitor.ts';
import type { Person, World } from './world.ts';

/** Where somebody ends who does on each page what that page says, and has set out for the SMS console. */
export type End =
  'in the console' | 'told that this person has no access' | 'told to check the mail or the login ID';

type Means = {
  /** Whether mail reaches this person: a suspended account gets none. */
  mail: boolean;
};

const MOST_STEPS = 14;

/**
 * Goes on from whatever page is open, as a person does who knows nothing but their address, their password if they have one, and where they
 * want to go. Fails when that takes too many pages.
 */
export async function goOn(world: World, visitor: Visitor, person: Person, means: Means): Promise<End> {
  const done = { password: false, code: false };
  const seen: string[] = [];
  for (let step = 0; step < MOST_STEPS; step += 1) {
    await expect(visitor.heading()).toHaveCount(1);
    const heading = await visitor.heading().innerText();
    seen.push(heading.replaceAll('\n', ''));
    const end = await takeStep(world, visitor, person, means, heading.replaceAll('\n', ''), done);
    if (end) return end;
  }
  throw new Error(`Lost after ${MOST_STEPS} pages: ${seen.join(' → ')}`);
}

async function takeStep(
  world: World,
  visitor: Visitor,
  person: Person,
  { mail }: Means,
  heading: string,
  done: { password: boolean; code: boolean },
): Promise<End | undefined> {
  const words = wordsOf(visitor);
  switch (heading) {
    case `${person.name} さん、こんにちは`:
      return 'in the console';
    case words.legacy.heading:
      await visitor.followLink(words.legacy.unifiedLink);
      return undefined;
    case words.signIn.heading:
      if (person.password !== undefined && !done.password) {
        done.password = true;
        await signIn(visitor, person.emailAddress, person.password);
      } else await visitor.followLink(words.signIn.firstTimeLink);
      return undefined;
    case words.ask.heading:
      await visitor.type(words.ask.emailAddress, person.emailAddress);
      await visitor.pressButton(words.ask.button);
      return undefined;
    case words.code.heading:
      if (!mail || done.code) return 'told to check the mail or the login ID';
      done.code = true;
      await setPassword(visitor, { code: codeIn(await codeMail(world, person)), password: NEW_PASSWORD });
      return undefined;
    case words.list.heading:
      return openFromList(world, visitor);
    case 'パスワードを設定しました':
      await visitor.followLink(words.list.toList);
      return undefined;
    case 'このお手続きは終わっています':
      await visitor.followLink(`${world.consoles.sms.names.ja}へ進む`);
      return undefined;
    case 'もう一度はじめからお手続きください':
      await visitor.followLink('検証コードを申し込む');
      return undefined;
    case `${world.consoles.sms.names.ja}のご利用登録がありません`:
      return 'told that this person has no access';
    default:
      throw new Error(`Nobody knows what to do on a page with the heading ${heading}.`);
  }
}

/** The newest mail with a code, whatever else came before it. */
async function codeMail(world: World, person: Person): Promise<{ text: string }> {
  let mail = await world.mail.next(person.emailAddress);
  while (!mail.subject.includes('検証コード')) mail = await world.mail.next(person.emailAddress);
  return mail;
}

async function openFromList(world: World, visitor: Visitor): Promise<End | undefined> {
  const entry = visitor.page.getByRole('listitem').filter({ hasText: world.consoles.sms.names.ja });
  if ((await entry.count()) === 0) return 'told that this person has no access';
  await visitor.followLink(wordsOf(visitor).list.open, entry);
  return undefined;
}
