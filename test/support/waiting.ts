// Says when it is interrupted, and goes on for ever.
import { processIo } from '../../src/cli/process-io.ts';

setInterval(() => undefined, 1000);
processIo().onInterrupt(() => void process.stderr.write('once\n'));
process.stderr.write('ready\n');
