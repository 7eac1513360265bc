// node scripts/run.mjs bench/kills.ts [runs] [seed]
// Kills training runs at random moments (SIGKILL), resumes them, and compares all that they leave, bit for bit.
import { bundleCli } from '../test/support/cli-process.ts';
import { killAndResume } from '../test/support/kills.ts';

const [runs = 20, seed = 1] = process.argv.slice(2).map(Number);
const { kills, undisturbed, resumed } = await killAndResume(await bundleCli(), runs, 150, seed);
for (const { epochs, present } of kills) {
  console.log(
    `killed after ${epochs} of 300 epochs, leaving ${present.length === 0 ? 'nothing' : present.join(', ')}`,
  );
}
const same = resumed.filter((digest) => digest === undisturbed).length;
console.log(
  `${kills.length} kills of ${runs} runs: ${same} ended in the same bits (${undisturbed.slice(0, 16)})`,
);
process.exitCode = same === runs ? 0 : 1;
