// A progress bar with rate and time left, on a terminal; nothing elsewhere.
import cliProgress from 'cli-progress';
import type { Io } from './io.ts';
import { duration } from './show.ts';

export interface Progress {
  /** @param done of `total`; `detail` is shown behind the bar */
  update(done: number, detail?: string): void;
  stop(): void;
}

const silent: Progress = { update: () => undefined, stop: () => undefined };

/** @param unit of the rate: `epochs`, `%` */
export function progress(io: Io, title: string, total: number, unit: string): Progress {
  if (!io.interactive) return silent;
  const begun = performance.now();
  const bar = new cliProgress.SingleBar({
    stream: io.err as NodeJS.WriteStream,
    hideCursor: true,
    clearOnComplete: true,
    barsize: 24,
    fps: 8,
    gracefulExit: false,
    format: `${title} {bar} {percentage}% {rate}{left}{detail}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
  });
  bar.start(total, 0, { rate: '', left: '', detail: '' });
  return {
    update(done, detail = '') {
      const seconds = (performance.now() - begun) / 1000;
      const perSecond = done / Math.max(seconds, 1e-9);
      bar.update(done, {
        rate: `${perSecond < 10 ? perSecond.toFixed(1) : perSecond.toFixed(0)} ${unit}/s`,
        left: seconds > 1 && done < total ? `, ${duration((total - done) / perSecond)} left` : '',
        detail: detail === '' ? '' : `, ${detail}`,
      });
    },
    stop: () => bar.stop(),
  };
}
