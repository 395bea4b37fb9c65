import type { OperatorId, PublishedManifests } from "../../../catalog/operators";
import type { VersionRule } from "./version-rule";

/**
 * The real programs that rehearsals and updates need, in groups that are obtained together. An operator is a part
 * of its own: the definitions of its custom resources and, where it runs on a simulated cluster, its program.
 */
export type PartName = "pulumi" | "kubernetes-provider" | "control-plane" | "kwok" | OperatorId;

/** A program, by the name under which it is called. */
export type ProgramName =
  | "pulumi"
  | "pulumi-resource-kubernetes"
  | "etcd"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kubectl"
  | "kwok"
  | "kwokctl"
  | "lws-manager"
  | "kuberay-operator";

/**
 * The ways to a part, in the order in which they are tried. `path` also stands for a provider that
 * the user's Pulumi has already installed in its plugin folder.
 */
export type Way = "path" | "cache" | "download" | "build";

/** A part that is there and was seen to start (in the cache: when it was put there). */
export interface Part {
  readonly name: PartName;
  /** The version of what was found; on PATH it may differ from ours within the accepted range. */
  readonly version: string;
  readonly from: Way;
  /** Program name → absolute path; holds every program of the part. */
  readonly files: Readonly<Partial<Record<ProgramName, string>>>;
  /** Of an operator: the folder with its manifests, one object in each JSON file. */
  readonly manifests?: string;
}

/** One way that was tried and did not lead to the part. */
export interface Attempt {
  readonly way: Way;
  readonly reason: string;
}

/** A part that is not there, with everything that was tried. */
export interface Missing {
  readonly name: PartName;
  readonly title: string;
  readonly version: string;
  readonly tried: readonly Attempt[];
  /** Where a person finds it. */
  readonly homepage: string;
}

/** Tells the two answers of `findParts` apart. */
export function isMissing(answer: Part | Missing): answer is Missing {
  return "tried" in answer;
}

/** Everything there is to know about one part: the rows of the table in recipes.ts. */
export interface Recipe {
  readonly name: PartName;
  /** For people: "the Pulumi CLI". */
  readonly title: string;
  readonly version: string;
  readonly homepage: string;
  readonly programs: readonly Program[];
  /** The folder that `pulumi plugin install` makes for it under `$PULUMI_HOME/plugins`, if it is a plugin. */
  readonly pluginFolder?: string;
  readonly download: Download;
  readonly build: Build;
}

export interface Program {
  readonly name: ProgramName;
  /** Arguments that make it print its version; a plugin is asked over its protocol. */
  readonly ask: readonly string[] | "plugin-protocol" | ModuleQuestion;
  /** The version that our own download or build must have, exactly. */
  readonly version: string;
  /** What will do when it is already installed. */
  readonly accepts: VersionRule;
}

/** For a program that starts with these arguments and ends well, but has none that make it print its version. */
export interface ModuleQuestion {
  readonly starts: readonly string[];
  /** The Go module whose version, which Go writes into every binary, is the program's. */
  readonly module: string;
}

/** How the publishers hand a part out. */
export type Download = FileDownload | CommandDownload;

/** Files that are fetched over https. */
export interface FileDownload {
  readonly kind: "files";
  /** Empty where nothing is published for this platform. */
  readonly files: readonly RemoteFile[];
  /** Why nothing is, where it is for another reason. */
  readonly absent?: string;
  /** About how long, in seconds, on an ordinary connection. */
  readonly seconds: number;
}

export interface RemoteFile {
  readonly program: ProgramName;
  readonly url: string;
  /** Where the publisher puts the sha256, if it does: either the sum alone, or lines of "sum  file name". */
  readonly checksums?: string;
  /** The path of the program inside a .tar.gz or .zip archive. */
  readonly member?: string;
}

/** A command that does the downloading itself. */
export interface CommandDownload {
  readonly kind: "command";
  /** The command is this Node, or the Pulumi CLI that was found before. */
  readonly runs: "node" | "pulumi";
  /** The host it asks first: when that is out of reach, the command is not started. */
  readonly origin: string;
  readonly arguments: (folder: string) => readonly string[];
  readonly environment: (folder: string) => Readonly<Record<string, string>>;
  /** Program → where the command leaves it, relative to the folder. */
  readonly programs: Readonly<Partial<Record<ProgramName, string>>>;
  /** About how long, in seconds, on an ordinary connection. */
  readonly seconds: number;
}

/** How Go builds a part. */
export interface Build {
  /** Absolute path of the folder with go.mod, go.sum and, where the main package is ours, main.go. */
  readonly module: string;
  /** Empty where nothing is built, only manifests are taken. */
  readonly packages: readonly string[];
  /** Variables set by the linker: full Go name → value. */
  readonly variables: Readonly<Record<string, string>>;
  /** The file name of the result; with several packages each is named after its own folder. */
  readonly output?: string;
  /** Further names for `output`, for a binary that acts by the name it is called by. */
  readonly links?: readonly ProgramName[];
  /** Manifests that become part of it, unchanged but for their publisher's own patches. */
  readonly manifests?: ModuleManifests;
  /** About how long, in seconds, with nothing in Go's caches and two processor cores. */
  readonly seconds: number;
}

/** Manifests in a Go module that the part's go.mod requires. */
export interface ModuleManifests {
  readonly module: string;
  readonly published: readonly PublishedManifests[];
}
