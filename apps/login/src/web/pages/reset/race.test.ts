import { afterAll, beforeAll, expect, it } from 'vitest';
import { resetSteps } from '#test/reset-steps.ts';
import { PASSWORD, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
});
afterAll(() => world.close());

const { start, mailed } = resetSteps(() => world);

it('J3: of tabs that send the form at once one sets the password, and every other says that it is done and leads on', async () => {
  for (let round = 0; round < 5; round += 1) {
    const at = await start();
    const form = { code: await mailed(at), password: PASSWORD, confirmation: PASSWORD };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => at.browser.request('POST', at.page.path, form)),
    );
    const others = answers.filter((answer) => answer.statusCode !== 303);
    expect(others).toHaveLength(7);
    for (const answer of others) expect(textOf(answer)).toContain('このお手続きは終わっています');
  }
});
