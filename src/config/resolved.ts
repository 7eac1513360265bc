// A config with nothing left to guess: what `config.json` in a run folder holds. It is a valid config itself, so it can
// be trained again.
import type {
  DerivedColumn,
  GroupSpec,
  InputSpec,
  RegressionTask as RegressionSpec,
  SplitSpec,
} from '../data/index.ts';
import type { Attribute } from '../data/spec.ts';
import type { Notion } from '../fairness/index.ts';
import type { RegressionLoss } from '../mtl/index.ts';
import type { DeviceKind } from '../program/index.ts';
import type { Audit, SettingName, TrunkOptions } from '../train/index.ts';
import type { MethodConfig } from './schema.ts';

export interface ResolvedConfig {
  readonly data: ResolvedData;
  readonly inputs: readonly InputSpec[];
  readonly tasks: readonly ResolvedTask[];
  readonly groups: readonly GroupSpec[];
  readonly model: Required<TrunkOptions> & { readonly headWidths: readonly number[] };
  readonly method: MethodConfig & { readonly compareWith: 'erm' | 'none' };
  readonly training: ResolvedTraining;
  readonly seed: number;
  readonly device: DeviceKind;
}

export interface ResolvedData {
  /** Absolute. */
  readonly path: string;
  readonly delimiter?: string;
  readonly missing: readonly string[];
  readonly rows?: string;
  readonly images?: string;
  readonly derived: readonly DerivedColumn[];
  readonly split: SplitSpec;
}

interface ResolvedTaskBase {
  readonly name: string;
  readonly where?: string;
  readonly notion: Notion | 'none';
  readonly tolerance: number;
}

export type ResolvedTask = ResolvedDetection | ResolvedClassification | ResolvedRegression;

export interface ResolvedDetection extends ResolvedTaskBase {
  readonly type: 'detection';
  /** Either these or `list`. */
  readonly attributes?: readonly Attribute[];
  readonly list?: { readonly column: string; readonly separator: string; readonly names?: readonly string[] };
  readonly positiveWeight?: number;
  readonly favourable: 'positive' | 'negative';
}

export interface ResolvedClassification extends ResolvedTaskBase {
  readonly type: 'classification';
  readonly column: string;
  readonly classes?: readonly string[];
  readonly classWeights?: readonly number[];
  readonly labelSmoothing?: number;
  readonly favourable?: readonly string[];
}

export interface ResolvedRegression extends ResolvedTaskBase {
  readonly type: 'regression';
  readonly columns: readonly string[];
  readonly transform: RegressionSpec['transform'];
  readonly loss: RegressionLoss;
}

export interface ResolvedTraining {
  readonly epochs: number;
  readonly warmupEpochs: number;
  readonly batch: number;
  readonly patience?: number;
  readonly audit?: Audit;
  readonly settings: Readonly<Partial<Record<SettingName, number>>>;
}
