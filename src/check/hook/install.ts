import { chmodSync, existsSync, lstatSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import path from "node:path";

import type { Git } from "../../git/git.ts";
import { MaydayError } from "../../model/error.ts";
import { visible } from "../../model/escape.ts";
import { writeAtomic } from "../../system/files.ts";
import { cloneHook, type HookPlace, readScript } from "./place.ts";
import {
  BEFORE,
  BLOCK_BEGIN,
  COMPANION,
  hookScript,
  isShell,
  MARK,
  type ScriptOptions,
  sharedBlock,
  withBlock,
  withoutBlock,
} from "./script.ts";

/** One change to the disk, said before it is done. */
export interface Step {
  readonly text: string;
  readonly act: () => Promise<void>;
}

export interface HookState {
  /** Ours is at its place, of whatever version. */
  readonly installed: boolean;
  /** A hook of somebody else that runs too. */
  readonly other: string | null;
}

export function hookState(git: Git, place: HookPlace): HookState {
  const script = place.form === "snippet" ? undefined : readScript(place.file);
  if (place.form === "own") {
    const before = beside(place.file);
    const ours = script?.includes(MARK) === true;
    const other = ours ? before : place.file;
    return { installed: ours, other: existsSync(other) ? other : null };
  }
  const clone = readScript(cloneHook(git))?.includes(MARK) === true;
  if (place.form === "snippet") {
    const called = place.companion === null || existsSync(place.companion);
    return { installed: clone && called && place.present, other: null };
  }
  return { installed: clone && script?.includes(BLOCK_BEGIN) === true, other: null };
}

/** The file that keeps another hook while ours stands in its place. */
function beside(file: string): string {
  return path.join(path.dirname(file), BEFORE);
}

/** What `mayday hook install` has to do here; nothing when it is done already. */
export function installSteps(git: Git, place: HookPlace, options: ScriptOptions): Step[] {
  const script = hookScript(options);
  if (place.form === "own") return ownSteps(place.file, script);
  const clone = cloneHook(git);
  const steps = runs(clone, script) ? [] : [write(clone, script, 0o755)];
  if (place.form === "block") return [...steps, ...blockSteps(place, options.missing)];
  const { companion } = place;
  if (companion === null || runs(companion, COMPANION)) return steps;
  return [...steps, { ...write(companion, COMPANION, 0o755), text: `make ${companion} (commit it)` }];
}

function ownSteps(file: string, script: string): Step[] {
  if (runs(file, script)) return [];
  const there = readScript(file);
  const kept = beside(file);
  if (there === undefined || there.includes(MARK)) return [write(file, script, 0o755)];
  if (lstatSync(kept, { throwIfNoEntry: false }) !== undefined) {
    throw new MaydayError(
      `${visible(file)} is not mayday's, and ${visible(kept)} keeps an earlier hook already; neither is overwritten`,
      {
        code: "hook-in-the-way",
        exit: 2,
        hint: `look at both, remove the one you do not need, then: mayday hook install`,
      },
    );
  }
  return [
    {
      text: `keep the hook that is there as ${kept}; it runs first`,
      act: async () => renameSync(file, kept),
    },
    write(file, script, 0o755),
  ];
}

/** Is it exactly this script, and will git run it: a hook without the executable bit it passes over. */
function runs(file: string, script: string): boolean {
  return readScript(file) === script && isExecutable(file);
}

function isExecutable(file: string): boolean {
  return process.platform === "win32" || (statSync(file).mode & 0o111) !== 0;
}

const CREATED = "#!/bin/sh\n# made by mayday hook install\n";

function blockSteps(
  { file, bySh }: HookPlace & { readonly form: "block" },
  missing: "block" | "warn",
): Step[] {
  const there = readScript(file);
  const block = sharedBlock(missing);
  const own = there === undefined ? undefined : (withoutBlock(there) ?? there);
  if (own !== undefined && !isShell(own)) {
    throw new MaydayError(`${visible(file)} is not a shell script, so mayday cannot add its lines`, {
      code: "hook-not-shell",
      exit: 7,
      hint: `let it run this, with its arguments and standard input:\n${block.trimEnd()}`,
    });
  }
  if (there !== undefined && !bySh && !isExecutable(file)) {
    throw new MaydayError(`git passes over ${visible(file)}: it is not executable`, {
      code: "hook-not-executable",
      exit: 7,
      hint: `chmod +x ${visible(file)}, if what it does is wanted; then: mayday hook install`,
    });
  }
  const wanted = withBlock(own ?? CREATED, block);
  if (there === wanted) return [];
  const mode = there === undefined ? 0o755 : statSync(file).mode & 0o777;
  const text =
    there === undefined ? `make ${file} (commit it: the team shares it)` : `add a marked block to ${file}`;
  return [{ ...write(file, wanted, mode), text }];
}

function write(file: string, script: string, mode: number): Step {
  return {
    text: `write ${file}`,
    act: async () => {
      mkdirSync(path.dirname(file), { recursive: true });
      await writeAtomic(file, script, { mode });
      // The umask has its say at the making of a file: git runs no hook without these bits.
      chmodSync(file, mode);
    },
  };
}

/** What `mayday hook uninstall` has to do; nothing when nothing of ours is here. */
export function uninstallSteps(git: Git, place: HookPlace): Step[] {
  const steps: Step[] = [];
  if (place.form === "own") {
    const there = readScript(place.file);
    const kept = beside(place.file);
    const ours = there?.includes(MARK) === true;
    if (ours) steps.push(take(place.file));
    if ((ours || there === undefined) && lstatSync(kept, { throwIfNoEntry: false }) !== undefined) {
      steps.push({
        text: `put back ${place.file} as it was`,
        act: async () => renameSync(kept, place.file),
      });
    }
  }
  if (place.form === "block") {
    const there = readScript(place.file);
    const own = there === undefined ? undefined : withoutBlock(there);
    if (own === CREATED) steps.push(take(place.file));
    else if (own !== undefined) {
      const mode = statSync(place.file).mode & 0o777;
      steps.push({ ...write(place.file, own, mode), text: `take mayday's block out of ${place.file}` });
    }
  }
  if (place.form === "snippet" && place.companion !== null && readScript(place.companion) === COMPANION) {
    steps.push(take(place.companion));
  }
  if (readScript(cloneHook(git)) !== undefined) steps.push(take(cloneHook(git)));
  return steps;
}

function take(file: string): Step {
  return { text: `remove ${file}`, act: async () => rmSync(file, { force: true }) };
}
