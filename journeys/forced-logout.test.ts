import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe } from 'vitest';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { expectInConsole, expectSignInPage, NEW_PASSWORD, signIn, signOut } from './pages.ts';
import type { Visitor } from './visitor.ts';
import type { Person, World } from './world.ts';

const journey = journeysIn();

async function enterBoth(world: World, visitor: Visitor, person: Person): Promise<void> {
  await visitor.open(world.consoles.mail.url);
  await signIn(visitor, person.emailAddress, NEW_PASSWORD);
  await expectInConsole(world, visitor, 'mail', person);
  await visitor.open(`${world.consoles.sms.url}/auth/start`);
  await expectInConsole(world, visitor, 'sms', person);
}

/** A foreign site with this page. It is another site for the browser: cookies with SameSite do not go along. */
async function foreignSite(html: string): Promise<{ url: string; close(): Promise<unknown> }> {
  const server = createServer((_request, answer) =>
    answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html),
  );
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}

describe('L5: in a real browser', () => {
  journey(
    'L5: nothing that another site can do logs anybody out: images, frames, forms that send themselves, links, windows',
    async (world) => {
      const person = await world.addPerson({ password: NEW_PASSWORD });
      const visitor = await world.visitor();
      await enterBoth(world, visitor, person);
      const { pagesUrl: issuer } = world.login;
      const places = [
        `${issuer}/logout`,
        `${issuer}/logout?client_id=sms&post_logout_redirect_uri=${encodeURIComponent(`${world.consoles.sms.url}/`)}`,
        `${issuer}/sign-out`,
        `${issuer}/logout/confirm`,
        `${world.consoles.sms.url}/logout`,
      ];
      const site = await foreignSite(
        places
          .map(
            (url, number) => `<img src="${url}" alt=""><iframe src="${url}"></iframe>
<iframe name="f${number}"></iframe><form method="post" action="${url}" target="f${number}"><input name="logout" value="yes"></form>
<script>fetch(${JSON.stringify(url)}, { mode: 'no-cors', credentials: 'include', method: 'POST', body: new URLSearchParams({ logout: 'yes' }) }).catch(() => 0);</script>`,
          )
          .join('') + '<script>for (const form of document.forms) form.submit();</script>',
      );
      try {
        visitor.page = await visitor.context.newPage();
        await visitor.page.goto(site.url, { waitUntil: 'load' });
        await visitor.page.waitForTimeout(1_000);
        for (const id of ['sms', 'mail'] as const) {
          await visitor.open(`${world.consoles[id].url}/`);
          await expectInConsole(world, visitor, id, person);
        }
        // A link of that site that the person follows leads to a question.
        await visitor.page.goto(site.url);
        await visitor.page.evaluate((url) => void (location.href = url), places[0] ?? '');
        await expect(visitor.page.getByRole('heading', { level: 1 })).toContainText('ログアウトしますか');
        await visitor.open(`${world.consoles.sms.url}/`);
        await expectInConsole(world, visitor, 'sms', person);
      } finally {
        await site.close();
      }
      expect(
        await world.login.database.db
          .selectFrom('single_logout')
          .select('id')
          .where('account_id', '=', (eb) =>
            eb.selectFrom('account').select('id').where('email_address', '=', person.emailAddress),
          )
          .execute(),
      ).toEqual([]);
    },
  );

  journey(
    'L5: after the logout the back button shows nothing of the console, and does not log out whoever came in since',
    async (world) => {
      const [first, second] = [
        await world.addPerson({ password: NEW_PASSWORD }),
        await world.addPerson({ password: NEW_PASSWORD }),
      ];
      const visitor = await world.visitor();
      await enterBoth(world, visitor, first);
      await visitor.open(`${world.consoles.sms.url}/settings`);
      await signOut(visitor, first);
      await visitor.page.goBack();
      await visitor.page.waitForLoadState();
      expect(await visitor.page.content()).not.toContain(first.emailAddress);

      // At once, on the same machine, somebody else.
      await visitor.open(world.consoles.mail.url);
      await expectSignInPage(visitor);
      await signIn(visitor, second.emailAddress, NEW_PASSWORD);
      await expectInConsole(world, visitor, 'mail', second);
      for (let steps = 0; steps < 6; steps += 1) {
        await visitor.page.goBack().catch(() => null);
        await visitor.page.waitForLoadState().catch(() => undefined);
        expect(await visitor.page.content()).not.toContain(first.emailAddress);
      }
      await visitor.open(`${world.consoles.mail.url}/`);
      await expectInConsole(world, visitor, 'mail', second);
      await visitor.open(`${world.consoles.sms.url}/auth/start`);
      await expectInConsole(world, visitor, 'sms', second);
    },
  );
});
