// The whole report, from a summary.
import { digest } from '../digest.ts';
import { name, type Report } from '../document.ts';
import { moment } from '../numbers.ts';
import type { Summary } from '../summary.ts';
import { auditSection } from './audit.ts';
import { glance } from './glance.ts';
import { liftedSection } from './lifted.ts';
import { limits } from './limits.ts';
import { setting } from './setting.ts';
import { taskSections } from './tasks.ts';
import { trainingCurves } from './training.ts';
import { warnings } from './warnings.ts';

export function reportOf(summary: Summary): Report {
  const digested = digest(summary);
  const first = glance(digested);
  return {
    title: name(summary.name),
    subtitle: 'Fairness report: how well every group is served, before and after',
    sections: [
      { ...first, blocks: [...first.blocks, ...warnings(digested)] },
      taskSections(digested),
      ...liftedSection(digested),
      ...auditSection(digested),
      setting(digested),
      trainingCurves(digested),
      limits(digested),
    ],
    footer: `Written by FairMT ${summary.software.fairmt} from summary.json, ${moment(summary.clock.ended)}.`,
  };
}
