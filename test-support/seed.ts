import fc from 'fast-check';

// Only where HITOKAGI_SEED is given: what fast-check draws can be drawn again.
fc.configureGlobal({ seed: Number(process.env.HITOKAGI_SEED) });
