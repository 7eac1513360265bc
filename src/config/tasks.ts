// The tasks of a config, with every default filled in.
import { type ColumnProfile, guessRoles, type TaskSpec } from '../data/index.ts';
import type { Attribute } from '../data/spec.ts';
import type { Notion } from '../fairness/index.ts';
import type {
  ResolvedClassification,
  ResolvedDetection,
  ResolvedRegression,
  ResolvedTask,
} from './resolved.ts';
import type { TaskConfig } from './schema.ts';
import type { ConfigSource, Path } from './source.ts';

type Of<T extends TaskConfig['type']> = Extract<TaskConfig, { type: T }>;
type Profiles = () => Promise<readonly ColumnProfile[]>;

export const defaultNotion = {
  detection: 'equal-opportunity',
  classification: 'accuracy-parity',
  regression: 'error-parity',
} as const satisfies Record<TaskConfig['type'], Notion>;

export const defaultTolerance = 0.02;

/** @param profiles of the table's columns, should a value for yes have to be guessed */
export async function resolveTasks(
  tasks: readonly TaskConfig[],
  source: ConfigSource,
  profiles: Profiles,
): Promise<ResolvedTask[]> {
  const names = new Map<string, number>();
  tasks.forEach(({ name }, at) => {
    if (names.has(name)) {
      throw source.error(['tasks', at, 'name'], {
        expected: 'a name of its own for every task',
        got: `"${name}", as for task ${names.get(name)! + 1}`,
        remedy: 'Rename one of them; several columns may make one task (attributes, columns).',
      });
    }
    names.set(name, at);
  });
  return Promise.all(tasks.map((task, at) => resolveTask(task, source, ['tasks', at], profiles)));
}

async function resolveTask(
  task: TaskConfig,
  source: ConfigSource,
  path: Path,
  profiles: Profiles,
): Promise<ResolvedTask> {
  switch (task.type) {
    case 'detection':
      return detection(task, source, path, profiles);
    case 'classification':
      return classification(task, source, path);
    case 'regression':
      return regression(task, source, path);
  }
}

function common<T extends TaskConfig>({ name, where, type, notion, tolerance }: T) {
  return {
    name,
    ...(where !== undefined && { where }),
    notion: notion ?? defaultNotion[type],
    tolerance: tolerance ?? defaultTolerance,
  };
}

async function detection(
  task: Of<'detection'>,
  source: ConfigSource,
  path: Path,
  profiles: Profiles,
): Promise<ResolvedDetection> {
  const { column, positive, when, attributes, list, positiveWeight, favourable = 'positive' } = task;
  requireOneForm(source, path, { 'column or positive': column ?? positive, when, attributes, list });
  const rest = {
    type: task.type,
    ...common(task),
    ...(positiveWeight !== undefined && { positiveWeight }),
    favourable,
  };
  if (list) {
    const { names, ...lists } = list;
    return { ...rest, list: { ...lists, ...(names && { names: names.map(String) }) } };
  }
  if (when !== undefined) return { ...rest, attributes: [{ name: task.name, when }] };
  if (attributes) {
    const resolved = attributes.map((attribute, at) =>
      resolveAttribute(attribute, source, [...path, 'attributes', at], profiles),
    );
    return { ...rest, attributes: await Promise.all(resolved) };
  }
  const single = {
    name: task.name,
    column: column ?? task.name,
    ...(positive !== undefined && { positive }),
  };
  return { ...rest, attributes: [await resolveAttribute(single, source, path, profiles)] };
}

async function resolveAttribute(
  { name, column = name, positive, when }: NonNullable<Of<'detection'>['attributes']>[number],
  source: ConfigSource,
  path: Path,
  profiles: Profiles,
): Promise<Attribute> {
  if (when !== undefined) {
    requireOneForm(source, path, { positive, when });
    return { name, when };
  }
  const values =
    positive === undefined ? await guessPositive(column, source, path, profiles) : [positive].flat();
  return { name, column, positive: values.map(String) };
}

/** Of a column with two values, the one that looks like a yes. */
async function guessPositive(
  column: string,
  source: ConfigSource,
  path: Path,
  profiles: Profiles,
): Promise<string[]> {
  const profile = (await profiles()).filter((one) => one.column === column);
  const [task] = guessRoles(profile, [column]).tasks;
  const [attribute] =
    task?.spec.type === 'detection' && 'attributes' in task.spec ? task.spec.attributes : [];
  if (attribute && 'positive' in attribute) return [...attribute.positive];
  const some = [...(profile[0]?.values?.keys() ?? [])].slice(0, 4).join(', ');
  throw source.error(path, {
    expected: `positive: the value of "${column}" that means yes`,
    got: profile.length === 0 ? 'nothing' : `nothing, and a column with other than two values (${some} …)`,
    remedy: 'Add positive: VALUE, or when: CONDITION.',
  });
}

function classification(
  task: Of<'classification'>,
  source: ConfigSource,
  path: Path,
): ResolvedClassification {
  const { column = task.name, classes, classWeights, labelSmoothing, favourable, notion } = task;
  if (notion === 'demographic-parity' && !favourable) {
    throw source.error([...path, 'notion'], {
      expected: 'favourable: the good classes, for demographic-parity',
      got: 'none',
      remedy: 'Add favourable: [CLASS, …], or take another notion.',
    });
  }
  if (classWeights && classWeights.length !== classes?.length) {
    throw source.error([...path, 'classWeights'], {
      expected: 'classes, and a weight for each of them',
      got: `${classWeights.length} weights for ${classes ? `${classes.length} classes` : 'no list of classes'}`,
      remedy: 'List the classes in the order of their weights.',
    });
  }
  return {
    type: task.type,
    ...common(task),
    column,
    ...(classes && { classes: classes.map(String) }),
    ...(classWeights && { classWeights }),
    ...(labelSmoothing !== undefined && { labelSmoothing }),
    ...(favourable && { favourable: favourable.map(String) }),
  };
}

function regression(task: Of<'regression'>, source: ConfigSource, path: Path): ResolvedRegression {
  const { name, column, columns, transform = 'none', loss = 'huber' } = task;
  requireOneForm(source, path, { column, columns });
  return { type: task.type, ...common(task), columns: columns ?? [column ?? name], transform, loss };
}

function requireOneForm(source: ConfigSource, path: Path, forms: Readonly<Record<string, unknown>>): void {
  const given = Object.keys(forms).filter((form) => forms[form] !== undefined);
  if (given.length < 2) return;
  throw source.error([...path, given[1]!.split(' ')[0]!], {
    expected: `one of ${Object.keys(forms).join(', ')}`,
    got: given.join(' and '),
    remedy: 'Remove all but one.',
  });
}

/** The columns that make labels: none of them may be an input that was only guessed. */
export function labelColumns(task: ResolvedTask): readonly string[] {
  switch (task.type) {
    case 'detection':
      if (task.list) return [task.list.column];
      return (task.attributes ?? []).flatMap((attribute) =>
        'column' in attribute ? [attribute.column] : [],
      );
    case 'classification':
      return [task.column];
    case 'regression':
      return task.columns;
  }
}

/** The conditions that make labels. */
export function labelConditions(task: ResolvedTask): readonly string[] {
  if (task.type !== 'detection') return [];
  return (task.attributes ?? []).flatMap((attribute) => ('when' in attribute ? [attribute.when] : []));
}

/** A guessed task in the words of a config. */
export function taskConfigOf(spec: TaskSpec): TaskConfig {
  if (spec.type === 'detection') {
    if ('list' in spec) {
      const { names, ...list } = spec.list;
      return { type: spec.type, name: spec.name, list: { ...list, ...(names && { names: [...names] }) } };
    }
    const [only, ...more] = spec.attributes;
    if (only && 'positive' in only && more.length === 0) {
      const { column, positive } = only;
      return { type: spec.type, name: spec.name, column, positive: [...positive] };
    }
    const attributes = spec.attributes.map((attribute) =>
      'positive' in attribute ? { ...attribute, positive: [...attribute.positive] } : attribute,
    );
    return { type: spec.type, name: spec.name, attributes };
  }
  if (spec.type === 'classification') return { type: spec.type, name: spec.name, column: spec.column };
  return { type: spec.type, name: spec.name, columns: [...spec.columns], transform: spec.transform };
}
