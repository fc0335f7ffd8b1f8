import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import { isRecord } from '../cloudformation/intrinsics.ts';
import { StartFailure } from '../failure.ts';

/** A Task state of a definition, however deep. */
export interface Task {
  readonly stateName: string;
  readonly resource: string;
  readonly heartbeatSeconds: number | undefined;
}

/** A definition that the interpreter can run, with its tasks. */
export interface PreparedDefinition {
  readonly definition: StateMachineDefinition;
  readonly tasks: readonly Task[];
}

/** What the interpreter would ignore or do wrongly, so it must not be asked. */
const REFUSED_FIELDS = ['QueryLanguage', 'Assign', 'Arguments', 'Output', 'ItemReader', 'ItemBatcher', 'ResultWriter'];
/** The interpreter's own default is 60 s; AWS has none. This is near the longest timer of Node. */
const NO_TIMEOUT_SECONDS = 2_000_000;
const RESOURCES = /^arn:aws:(lambda:|states:::(lambda:invoke|sqs:sendMessage)(\.waitForTaskToken)?$)/;

/**
 * Reads an Amazon States Language definition after CloudFormation's substitutions. What the
 * interpreter cannot do faithfully (JSONata, variables, distributed maps, other integrations) stops
 * the start by name.
 */
export function prepareDefinition(
  text: string,
  substitutions: Readonly<Record<string, string>>,
  where: string,
): PreparedDefinition {
  const replaced = text.replaceAll(/\$\{([A-Za-z0-9_]+)\}/g, (_, name: string) => {
    const value = substitutions[name];
    if (value === undefined)
      throw new StartFailure(`${where}: the definition's placeholder ${name} has no substitution.`);
    return value;
  });
  const definition: unknown = JSON.parse(replaced);
  const tasks: Task[] = [];
  walk(definition, where, tasks);
  if (!isDefinition(definition)) throw new StartFailure(`${where}: the definition has no StartAt and States.`);
  return { definition, tasks };
}

function isDefinition(value: unknown): value is StateMachineDefinition {
  return isRecord(value) && typeof value['StartAt'] === 'string' && isRecord(value['States']);
}

function walk(machine: unknown, where: string, tasks: Task[]): void {
  if (!isRecord(machine)) return;
  refuseFields(machine, where, (field, value) => field === 'QueryLanguage' && value === 'JSONPath');
  const states = isRecord(machine['States']) ? machine['States'] : {};
  for (const [stateName, state] of Object.entries(states)) {
    if (!isRecord(state)) continue;
    const at = `${where}, state ${stateName}`;
    refuseFields(state, at, () => false);
    if (state['Type'] === 'Task') tasks.push(taskOf(stateName, state, at));
    for (const branch of Array.isArray(state['Branches']) ? state['Branches'] : []) walk(branch, at, tasks);
    const inner = state['ItemProcessor'] ?? state['Iterator'];
    const config = isRecord(inner) ? inner['ProcessorConfig'] : undefined;
    if (isRecord(config) && config['Mode'] === 'DISTRIBUTED') {
      throw new StartFailure(`${at}: the local runtime does not run distributed maps.`);
    }
    walk(inner, at, tasks);
  }
}

function taskOf(stateName: string, state: Record<string, unknown>, where: string): Task {
  const resource = String(state['Resource']);
  if (!RESOURCES.test(resource))
    throw new StartFailure(`${where}: the local runtime does not know the task resource ${resource}.`);
  if (!('TimeoutSeconds' in state || 'TimeoutSecondsPath' in state)) state['TimeoutSeconds'] = NO_TIMEOUT_SECONDS;
  const heartbeat = state['HeartbeatSeconds'];
  return { stateName, resource, heartbeatSeconds: typeof heartbeat === 'number' ? heartbeat : undefined };
}

function refuseFields(
  record: Record<string, unknown>,
  where: string,
  harmless: (field: string, value: unknown) => boolean,
): void {
  const field = REFUSED_FIELDS.find((each) => each in record && !harmless(each, record[each]));
  if (field !== undefined) throw new StartFailure(`${where}: the local runtime does not know the field ${field}.`);
}
