import { operators, type Operator, type OperatorId } from "../../../catalog/operators";
import type { Build, Program, Recipe } from "./part";
import { moduleFolder, program } from "./recipes";
import { exactly } from "./version-rule";

/** What is built of an operator, and for how long, beyond taking its manifests. */
type Controller = Pick<Build, "packages" | "variables" | "output" | "seconds"> & {
  readonly programs: readonly Program[];
};

/**
 * KEDA and the Prometheus operator are definitions only. KEDA's operator is linked from the client libraries of
 * every cloud (its go.mod lists 370 modules, LeaderWorkerSet's 100) and needs two more servers to scale anything;
 * the Prometheus operator would only start servers that scrape engines which do not run.
 */
const definitionsOnly: Controller = { packages: [], variables: {}, programs: [], seconds: 20 };

const controllers: Readonly<Record<OperatorId, Controller>> = {
  keda: definitionsOnly,
  "prometheus-operator": definitionsOnly,
  "leader-worker-set": {
    packages: ["sigs.k8s.io/lws/cmd"],
    variables: { "sigs.k8s.io/lws/pkg/version.GitVersion": `v${operators["leader-worker-set"].version}` },
    output: "lws-manager",
    programs: [programOf("leader-worker-set", "lws-manager", ["--version"])],
    seconds: 120,
  },
  kuberay: {
    packages: [operators.kuberay.module],
    variables: {},
    output: "kuberay-operator",
    programs: [programOf("kuberay", "kuberay-operator", { starts: ["--help"], module: operators.kuberay.module })],
    seconds: 80,
  },
};

/** The table of operators. Their publishers give programs out as images only: each is made from its Go module. */
export function operatorRecipes(): Readonly<Record<OperatorId, Recipe>> {
  return {
    keda: recipeOf("keda"),
    "leader-worker-set": recipeOf("leader-worker-set"),
    kuberay: recipeOf("kuberay"),
    "prometheus-operator": recipeOf("prometheus-operator"),
  };
}

function recipeOf(id: OperatorId): Recipe {
  const operator: Operator = operators[id];
  const { programs, ...build } = controllers[id];
  const published = [operator.definitions, ...(operator.webhooks === undefined ? [] : [operator.webhooks])];
  return {
    name: id,
    title: operator.title,
    version: operator.version,
    homepage: operator.homepage,
    programs,
    download: { kind: "files", files: [], absent: "operators are taken from their Go modules only", seconds: 0 },
    build: { ...build, module: moduleFolder(id), manifests: { module: operator.module, published } },
  };
}

function programOf(id: OperatorId, name: Program["name"], ask: Program["ask"]): Program {
  const { version } = operators[id];
  return program(name, ask, version, exactly(version));
}
