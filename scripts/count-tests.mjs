// node scripts/count-tests.mjs REPORT.json: closes a CI run with the counts of vitest's JSON report.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
// A file that did not load has no tests to count, yet it has failed.
const broken = report.testResults.filter(
  (/** @type {{ status: string, assertionResults: unknown[] }} */ file) =>
    file.status === 'failed' && file.assertionResults.length === 0,
).length;
const skipped = report.numPendingTests + report.numTodoTests;
console.log(
  `${report.numPassedTests} passed, ${report.numFailedTests + broken} failed` +
    (skipped > 0 ? `, ${skipped} skipped` : ''),
);
process.exitCode = report.success && report.numPassedTests > 0 ? 0 : 1;
